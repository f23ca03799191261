// SPDX-License-Identifier: MIT
#include "jci/executors/docker/error.hpp"

#include <utility>

namespace jci::docker {

std::unexpected<Error> refused(unsigned status, std::string message) {
  return std::unexpected(
      Error{.kind = Error::Kind::refused, .text = std::move(message), .status = status});
}

std::unexpected<Error> protocol_error(std::string text) {
  return to_error({http::FailureKind::protocol, std::move(text)});
}

std::unexpected<Error> to_error(http::Failure failure) {
  return std::unexpected(Error{.kind = Error::Kind::connection,
                               .text = std::move(failure.text),
                               .failure = failure.kind,
                               .number = failure.error});
}

}  // namespace jci::docker
