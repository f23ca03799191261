// SPDX-License-Identifier: MIT
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "jci/util/http.hpp"

namespace jci::docker {

/// Why a call did not work.
struct Error {
  enum class Kind {
    refused,     ///< the engine answered: no
    too_old,     ///< the engine speaks no version of the API that we speak
    connection,  ///< the engine could not be talked with
  };

  Kind kind;
  std::string text;  ///< for people, in one line; the engine's own words where it refused
  /// refused: HTTP's status; 200 where a call that had begun well failed later (a pull that broke half-way).
  unsigned status = 0;
  http::FailureKind failure = {};  ///< connection
  int number = 0;                  ///< connection: errno, or 0

  bool is_not_found() const { return has_status(404); }
  bool is_conflict() const { return has_status(409); }  ///< such as a name that is taken
  bool has_status(unsigned expected) const { return kind == Kind::refused && status == expected; }
  bool is(http::FailureKind expected) const {
    return kind == Kind::connection && failure == expected;
  }
};

template <class T>
using Answer = std::expected<T, Error>;

std::unexpected<Error> refused(unsigned status, std::string message);
/// What came is not what the API promises.
std::unexpected<Error> protocol_error(std::string text);
std::unexpected<Error> to_error(http::Failure failure);

/// The error of an answer that is none, as that of whatever was asked for.
template <class T>
std::unexpected<Error> passed_on(Answer<T>& failed) {
  return std::unexpected(std::move(failed).error());
}

template <class T>
std::unexpected<Error> passed_on(http::Result<T>& failed) {
  return to_error(std::move(failed).error());
}

}  // namespace jci::docker
