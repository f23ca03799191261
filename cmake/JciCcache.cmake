# SPDX-License-Identifier: MIT
# With ccache installed a second clone, in any directory, builds from the first one's cache, precompiled headers included.

find_program(JCI_CCACHE ccache)
if(JCI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
    CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${JCI_CCACHE})
endif()
