# SPDX-License-Identifier: MIT
# A source finds its target by its place or its name, so that a new file needs no edit here:
#   src/jci/**/*_libgit2.cpp -> libjci_git.so    (dlopen'ed on first use, see util/module.hpp)
#   src/jci/**/*_curl.cpp    -> libjci_curl.so   (the same)
#   src/jci/**/*_beast.cpp   -> libjci_http.so   (the same)
#   src/jci/**/*_tls.cpp     -> libjci_tls.so    (the same)
#   src/jci/**/*_libarchive.cpp -> libjci_archive.so (the same)
#   src/jci/**/*_pugixml.cpp -> libjci_results.so (the same)
#   src/jci/**/*_openssl.cpp -> libjci_secrets.so (the same)
#   src/jci/supervise/       -> jci-supervise
#   src/jci/scribe/          -> jci-scribe
#   src/jci/inside/          -> jci-inside, in inside.tar
#   src/jci/cli/             -> libjci_cli.so    (the same)
#   src/jci/front/           -> jci
#   any other src/jci/**.cpp -> libjci_core.so
#   bindings/python/         -> _core, the extension

set(source_dir "${PROJECT_SOURCE_DIR}/src/jci")
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS "${source_dir}/*.cpp")
file(GLOB_RECURSE cli_sources CONFIGURE_DEPENDS "${source_dir}/cli/*.cpp")
file(GLOB_RECURSE front_sources CONFIGURE_DEPENDS "${source_dir}/front/*.cpp")
file(GLOB_RECURSE supervise_sources CONFIGURE_DEPENDS "${source_dir}/supervise/*.cpp")
file(GLOB_RECURSE scribe_sources CONFIGURE_DEPENDS "${source_dir}/scribe/*.cpp")
file(GLOB_RECURSE inside_sources CONFIGURE_DEPENDS "${source_dir}/inside/*.cpp")
file(GLOB_RECURSE git_sources CONFIGURE_DEPENDS "${source_dir}/*_libgit2.cpp")
file(GLOB_RECURSE curl_sources CONFIGURE_DEPENDS "${source_dir}/*_curl.cpp")
file(GLOB_RECURSE http_sources CONFIGURE_DEPENDS "${source_dir}/*_beast.cpp")
file(GLOB_RECURSE tls_sources CONFIGURE_DEPENDS "${source_dir}/*_tls.cpp")
file(GLOB_RECURSE archive_sources CONFIGURE_DEPENDS "${source_dir}/*_libarchive.cpp")
file(GLOB_RECURSE results_sources CONFIGURE_DEPENDS "${source_dir}/*_pugixml.cpp")
file(GLOB_RECURSE secrets_sources CONFIGURE_DEPENDS "${source_dir}/*_openssl.cpp")
file(GLOB_RECURSE binding_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bindings/python/*.cpp")
list(REMOVE_ITEM core_sources ${cli_sources} ${front_sources} ${supervise_sources} ${scribe_sources} ${inside_sources} ${git_sources} ${curl_sources} ${http_sources} ${tls_sources} ${archive_sources} ${results_sources} ${secrets_sources})

# Puts the target into the package directory, where its siblings are found beside it.
function(jci_place_in_package target)
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY "${JCI_PACKAGE_DIR}"
    RUNTIME_OUTPUT_DIRECTORY "${JCI_PACKAGE_DIR}"
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN")
  set_property(GLOBAL APPEND PROPERTY JCI_PACKAGE_TARGETS ${target})
endfunction()

# What programs load or start at run time: no link names these, so whoever runs programs depends on this target.
add_custom_target(jci_loadable)

# jci_module(target sources library...): a part of us that is loaded only when a run needs it.
function(jci_module target sources)
  if(NOT ${sources})
    return()
  endif()
  add_library(${target} MODULE ${${sources}})
  target_link_libraries(${target} PRIVATE jci_core ${ARGN})
  jci_reuse_precompiled(${target})
  jci_place_in_package(${target})
  add_dependencies(jci_loadable ${target})
endfunction()

# Code that several files have in common (templates) lies where the linker meets it first: not in rooms that a run may do without.
set(for_some_runs ${core_sources})
list(FILTER for_some_runs INCLUDE REGEX "/(executors/docker|remotes|reporters|secrets|setup|push)/")
list(REMOVE_ITEM core_sources ${for_some_runs})
add_library(jci_core SHARED ${core_sources} ${for_some_runs})
# Asio's own function bodies are compiled once, in util/asio.cpp.
target_compile_definitions(jci_core PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(jci_core
  PUBLIC jci_flags Boost::headers fmt::fmt Threads::Threads
  PRIVATE SQLite::SQLite3 ${CMAKE_DL_LIBS})
jci_precompile(jci_core ${JCI_PCH_HEADERS})
set_target_properties(jci_core PROPERTIES DEFINE_SYMBOL "")
jci_place_in_package(jci_core)

if(git_sources)
  pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2>=1.5)
endif()
jci_module(jci_git git_sources PkgConfig::libgit2)
if(curl_sources)
  find_package(CURL REQUIRED)
  find_package(OpenSSL 3 REQUIRED)
endif()
jci_module(jci_curl curl_sources CURL::libcurl OpenSSL::Crypto)
jci_module(jci_http http_sources)
target_compile_definitions(jci_http PRIVATE BOOST_BEAST_SEPARATE_COMPILATION)
if(tls_sources)
  find_package(OpenSSL 3 REQUIRED)
endif()
jci_module(jci_tls tls_sources OpenSSL::SSL)
if(archive_sources)
  find_package(LibArchive 3.6 REQUIRED)
endif()
jci_module(jci_archive archive_sources LibArchive::LibArchive)

if(results_sources)
  find_package(pugixml REQUIRED)
endif()
jci_module(jci_results results_sources pugixml::pugixml)
if(secrets_sources)
  find_package(OpenSSL 3 REQUIRED)
endif()
jci_module(jci_secrets secrets_sources OpenSSL::Crypto)
jci_module(jci_cli cli_sources)

add_executable(jci ${front_sources})
target_link_libraries(jci PRIVATE jci_flags ${CMAKE_DL_LIBS})
add_dependencies(jci jci_loadable)
set_target_properties(jci PROPERTIES
  BUILD_WITH_INSTALL_RPATH ON
  # Where the package lies, seen from bin/: the build tree, Debian's package, a virtual environment, /usr/local.
  INSTALL_RPATH "$ORIGIN/../python/jaypore_ci;$ORIGIN/../lib/python3/dist-packages/jaypore_ci;$ORIGIN/../lib/python3.11/site-packages/jaypore_ci;$ORIGIN/../lib/python3.11/dist-packages/jaypore_ci")

if(supervise_sources)
  # Lives as long as a run, beside it: small, so it depends on libc alone.
  add_executable(jci-supervise ${supervise_sources})
  target_link_libraries(jci-supervise PRIVATE jci_flags)
  target_link_options(jci-supervise PRIVATE -static-libstdc++ -static-libgcc)
  if(JCI_SANITIZE STREQUAL "thread")
    # It has one thread; and the sanitizer makes its vfork a fork, whose child cannot tell why it did not start.
    target_compile_options(jci-supervise PRIVATE -fno-sanitize=thread)
    target_link_options(jci-supervise PRIVATE -fno-sanitize=thread)
  endif()
  jci_place_in_package(jci-supervise)
  add_dependencies(jci_loadable jci-supervise)
endif()

if(scribe_sources)
  add_executable(jci-scribe ${scribe_sources})
  target_link_libraries(jci-scribe PRIVATE jci_core)
  jci_place_in_package(jci-scribe)
  add_dependencies(jci_loadable jci-scribe)
endif()

# The file system of the image for containers of our own: one static program, on an engine that may be anywhere.
add_executable(jci-inside ${inside_sources})
target_link_libraries(jci-inside PRIVATE jci_flags)
target_compile_options(jci-inside PRIVATE -fno-sanitize=all -fno-PIC -Os)
target_link_options(jci-inside PRIVATE -fno-sanitize=all -static -no-pie -s)
set(inside_tar "${JCI_PACKAGE_DIR}/inside.tar")
set(inside_sum "${JCI_PACKAGE_DIR}/inside.sha256") # by which a run knows whether an engine has it, without reading it
add_custom_command(OUTPUT "${inside_tar}" "${inside_sum}"
  COMMAND "${CMAKE_COMMAND}" -E tar cf "${inside_tar}" --format=gnutar "$<TARGET_FILE_NAME:jci-inside>"
  COMMAND "${CMAKE_COMMAND}" -E sha256sum "${inside_tar}" > "${inside_sum}"
  WORKING_DIRECTORY "$<TARGET_FILE_DIR:jci-inside>"
  DEPENDS jci-inside VERBATIM)
add_custom_target(jci_inside_tar ALL DEPENDS "${inside_tar}")
add_dependencies(jci_loadable jci_inside_tar)

if(JCI_PYTHON AND binding_sources)
  set(PYBIND11_FINDPYTHON ON)
  set(Python_EXECUTABLE "${JCI_PYTHON_EXECUTABLE}")
  find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
  find_package(pybind11 2.10 REQUIRED)
  pybind11_add_module(_core MODULE NO_EXTRAS ${binding_sources})
  target_link_libraries(_core PRIVATE jci_core)
  set_target_properties(_core PROPERTIES CXX_VISIBILITY_PRESET hidden)
  # CPython's own symbols come from the interpreter that loads us.
  target_link_options(_core PRIVATE -Wl,-z,undefs)
  jci_precompile(_core <pybind11/pybind11.h> <pybind11/stl.h> ${JCI_PCH_HEADERS})
  jci_place_in_package(_core)
endif()
