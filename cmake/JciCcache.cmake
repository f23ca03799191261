# SPDX-License-Identifier: MIT

find_program(JCI_CCACHE ccache)
if(JCI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/launch-ccache")
endif()
