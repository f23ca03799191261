// SPDX-License-Identifier: MIT
#include "jci/core/dot.hpp"

namespace jci {

std::string_view dot(Status status) {
  switch (status) {
    case Status::pending:
      return "🔵";
    case Status::running:
      return "🟡";
    case Status::failed:
      return "🔴";
    case Status::passed:
      return "🟢";
    case Status::timeout:
      return "🟤";
    case Status::skipped:
      return "⚪";
    case Status::cancelled:
      return "🟣";
  }
  return "🔵";
}

}  // namespace jci
