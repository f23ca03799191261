# SPDX-License-Identifier: MIT
# The package directory of the build tree: our shared objects and links to the Python sources, importable as they are.

option(JCI_PYTHON "build the Python extension" ON)
set(JCI_PYTHON_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "the Python to build for; Debian's, not a pyenv's")
execute_process(
  COMMAND "${JCI_PYTHON_EXECUTABLE}" -c "import sys; print('%d.%d' % sys.version_info[:2], end='')"
  OUTPUT_VARIABLE JCI_PYTHON_VERSION COMMAND_ERROR_IS_FATAL ANY)
configure_file("${PROJECT_SOURCE_DIR}/cmake/version.hpp.in" "${PROJECT_BINARY_DIR}/generated/jci/version.hpp" @ONLY)
set(JCI_PACKAGE_DIR "${PROJECT_BINARY_DIR}/python/jaypore_ci")
set(JCI_PYTHON_SOURCES_DIR "${PROJECT_SOURCE_DIR}/python/jaypore_ci")

file(GLOB_RECURSE JCI_PYTHON_FILES CONFIGURE_DEPENDS RELATIVE "${JCI_PYTHON_SOURCES_DIR}"
  "${JCI_PYTHON_SOURCES_DIR}/*.py" "${JCI_PYTHON_SOURCES_DIR}/*.pyi" "${JCI_PYTHON_SOURCES_DIR}/py.typed")

# jci_link_into_package(file path-in-package)
function(jci_link_into_package file path)
  cmake_path(GET path PARENT_PATH directory)
  file(MAKE_DIRECTORY "${JCI_PACKAGE_DIR}/${directory}")
  file(CREATE_LINK "${file}" "${JCI_PACKAGE_DIR}/${path}" SYMBOLIC)
endfunction()

# Links of sources that are gone would still be imported.
file(GLOB_RECURSE old_links "${JCI_PACKAGE_DIR}/*.py" "${JCI_PACKAGE_DIR}/*.pyi")
foreach(link IN LISTS old_links)
  if(IS_SYMLINK "${link}" AND NOT EXISTS "${link}")
    file(REMOVE "${link}")
  endif()
endforeach()
foreach(file IN LISTS JCI_PYTHON_FILES)
  jci_link_into_package("${JCI_PYTHON_SOURCES_DIR}/${file}" "${file}")
endforeach()
if(EXISTS "${PROJECT_SOURCE_DIR}/src/jci/jci.hpp")
  jci_link_into_package("${PROJECT_SOURCE_DIR}/src/jci/jci.hpp" include/jci/jci.hpp)
endif()
