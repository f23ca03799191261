# SPDX-License-Identifier: MIT
# All from Debian 12; nothing is downloaded. See `packages` in ./dev.

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED) # headers only
find_package(fmt 9 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig)
