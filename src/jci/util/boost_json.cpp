// SPDX-License-Identifier: MIT
// The function bodies of Boost.JSON, compiled once for all; others include <boost/json.hpp>.
#include <boost/json/src.hpp>
