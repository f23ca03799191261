// SPDX-License-Identifier: MIT
// The function bodies of Boost.Asio, compiled once for all (BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/impl/src.hpp>
