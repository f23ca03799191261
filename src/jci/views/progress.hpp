// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "jci/core/event.hpp"

namespace jci {

/// The view that suits `fd`: the live one on a terminal that can move its cursor (TERM is set and not "dumb"), else lines.
std::unique_ptr<Observer> make_progress_view(boost::asio::any_io_executor loop, int fd);

}  // namespace jci
