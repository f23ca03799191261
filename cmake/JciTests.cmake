# SPDX-License-Identifier: MIT
# tests/unit/*.cpp -> bin/unit_tests;   tests/integration/*.cpp -> bin/integration_tests;   bench/*.cpp -> bin/bench_<name> each, by the target `bench`.

enable_testing()
file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/*.cpp")
file(GLOB_RECURSE integration_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/integration/*.cpp")
file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cpp")

# jci_tests(target folder source...)
function(jci_tests target folder)
  find_package(GTest REQUIRED)
  add_executable(${target} EXCLUDE_FROM_ALL ${ARGN})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/${folder}")
  target_link_libraries(${target} PRIVATE jci_core SQLite::SQLite3 GTest::gmock GTest::gtest_main)
  if(JCI_SANITIZE)
    # GCC 12 takes the sanitizers' own bookkeeping for uses of uninitialized members; the dev preset keeps the warning.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${JCI_PACKAGE_DIR}")
  add_dependencies(${target} jci_loadable)
endfunction()

if(test_sources)
  jci_tests(unit_tests unit ${test_sources})
  # In a header, so that the other tests' objects are the same wherever the sources lie.
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/test_data.hpp" CONTENT [[
#pragma once
inline constexpr const char* k_test_data = "@PROJECT_SOURCE_DIR@/tests/data";
]] @ONLY)
  jci_precompile(unit_tests <gtest/gtest.h> <gmock/gmock.h> ${JCI_PCH_HEADERS})
  add_test(NAME unit COMMAND unit_tests)
endif()

# They need an engine: see tests/engine/with-engine.
if(integration_sources)
  jci_tests(integration_tests integration ${integration_sources})
  target_compile_definitions(integration_tests PRIVATE "JCI_ENGINE_SCRIPT=\"${PROJECT_SOURCE_DIR}/tests/engine/engine\"")
  if(JCI_PCH AND test_sources)
    target_precompile_headers(integration_tests REUSE_FROM unit_tests)
    target_compile_options(integration_tests PRIVATE -fpch-preprocess)
  endif()
endif()

add_custom_target(bench)
foreach(source IN LISTS bench_sources)
  cmake_path(GET source STEM name)
  if(NOT name MATCHES "^bench_")
    string(PREPEND name "bench_")
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL "${source}")
  find_package(benchmark REQUIRED)
  target_link_libraries(${name} PRIVATE jci_core benchmark::benchmark)
  set_target_properties(${name} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${JCI_PACKAGE_DIR}")
  add_dependencies(bench ${name})
endforeach()
add_dependencies(bench jci)
