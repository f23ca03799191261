# SPDX-License-Identifier: MIT
# bin/jci and the Python package, with every shared object in it. Under PREFIX the package lies where the python3 of that prefix
# looks: dist-packages for Debian's own prefixes, else site-packages (a virtual environment, ~/.local).

install(CODE [[
  if(NOT JCI_PYTHON_DIR)
    if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
      set(JCI_PYTHON_DIR lib/python3/dist-packages)
    elseif(CMAKE_INSTALL_PREFIX STREQUAL "/usr/local")
      set(JCI_PYTHON_DIR lib/python3.11/dist-packages)
    else()
      set(JCI_PYTHON_DIR lib/python3.11/site-packages)
    endif()
  endif()
]])
set(package "\${JCI_PYTHON_DIR}/jaypore_ci") # known only when installing, to the code above

install(TARGETS jci RUNTIME DESTINATION bin)
get_property(package_targets GLOBAL PROPERTY JCI_PACKAGE_TARGETS)
install(TARGETS ${package_targets} RUNTIME DESTINATION "${package}" LIBRARY DESTINATION "${package}")
install(DIRECTORY "${JCI_PYTHON_SOURCES_DIR}/" DESTINATION "${package}" OPTIONAL
  FILES_MATCHING PATTERN "*.py" PATTERN "*.pyi" PATTERN "py.typed" PATTERN "__pycache__" EXCLUDE)
install(FILES "${inside_tar}" "${inside_sum}" DESTINATION "${package}")
# Nobody may write into a system's package directory later, and compiling takes longer than the rest of the start.
install(CODE "
  execute_process(
    COMMAND \"${JCI_PYTHON_EXECUTABLE}\" -m compileall -q -f -s \"\$ENV{DESTDIR}\" --invalidation-mode unchecked-hash
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${package}\"
    COMMAND_ERROR_IS_FATAL ANY)
")
# `jci run` compiles a cicd.cpp against this one, wherever we are installed.
install(FILES "${PROJECT_SOURCE_DIR}/src/jci/jci.hpp" DESTINATION "${package}/include/jci" OPTIONAL)

set(CPACK_PACKAGE_NAME jaypore-ci)
set(CPACK_PACKAGE_CONTACT "Jaypore CI contributors <noreply@jayporeci.in>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "CI that runs where you work, declared in Python or C++")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${JCI_PACKAGE_DIR}")
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3 (>= 3.11), python3 (<< 3.12)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "bubblewrap, git, g++")
include(CPack)
