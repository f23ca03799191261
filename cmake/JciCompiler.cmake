# SPDX-License-Identifier: MIT
# How we compile and link. `jci_flags` carries it to every target of ours.

option(JCI_WERROR "treat warnings as errors" OFF)
option(JCI_PCH "precompile the standard headers" ON)
set(JCI_SANITIZE "" CACHE STRING "value for -fsanitize, or empty")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")

add_library(jci_flags INTERFACE)
target_compile_options(jci_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wcast-align
  -Wconversion -Wsign-conversion -Wnull-dereference -Wimplicit-fallthrough -Wextra-semi -Wvla
  # GCC 12 reports these in correct code of the standard library and of coroutines once it has inlined them.
  -Wno-null-dereference -Wno-mismatched-new-delete
  $<$<BOOL:${JCI_WERROR}>:-Werror>
  # Paths in messages and debug information start at the repository: packages are the same wherever they are built.
  # The second spelling is ccache's.
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=" "-ffile-prefix-map=../../=")
target_include_directories(jci_flags INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_BINARY_DIR}/generated")

if(JCI_SANITIZE STREQUAL "thread")
  # Asio's fences, which GCC's thread sanitizer warns that it does not know: the engine's loop has one thread and does not depend on them.
  target_compile_options(jci_flags INTERFACE -Wno-tsan)
endif()
if(JCI_SANITIZE)
  # CMAKE_CXX_FLAGS reach linker and precompiled headers as well.
  string(APPEND CMAKE_CXX_FLAGS " -fsanitize=${JCI_SANITIZE} -fno-sanitize-recover=all")
endif()

find_program(JCI_LLD NAMES ld.lld)
find_program(JCI_GOLD NAMES ld.gold gold)
if(JCI_LLD)
  # What runs when a library is loaded lies together, and what only errors need apart: else loading it brings most pages of its code into memory.
  # The other linkers do so unasked.
  add_link_options(-fuse-ld=lld -Wl,-z,keep-text-section-prefix)
elseif(JCI_GOLD)
  add_link_options(-fuse-ld=gold)
endif()
add_link_options(-Wl,-z,defs -Wl,--as-needed -Wl,-Bsymbolic-functions -Wl,-O1)


# What most sources include. More of Asio costs each source more than it saves the few that use it. Names in <> only: an absolute path in here would spoil ccache between clones.
set(JCI_PCH_HEADERS
  <algorithm> <array> <chrono> <cstdint> <deque> <expected> <filesystem> <functional> <map> <memory> <mutex> <optional>
  <ranges> <set> <span> <stdexcept> <string> <string_view> <system_error> <thread> <unordered_map> <utility> <variant>
  <vector> <fmt/format.h> <boost/asio/awaitable.hpp>)

# jci_precompile(target header...)
function(jci_precompile target)
  if(JCI_PCH)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()

# jci_reuse_precompiled(target): jci_core's; GCC takes it only for the same flags, so the target compiles like a library.
function(jci_reuse_precompiled target)
  set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "" POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC)
  if(JCI_PCH)
    target_precompile_headers(${target} REUSE_FROM jci_core)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  endif()
endfunction()
