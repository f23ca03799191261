// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "jci/util/http.hpp"

namespace jci::docker {

/// The path and query of a call, encoded as it grows.
class Url {
 public:
  explicit Url(std::string_view path) : text_(path) {}
  /// A path as it is.
  Url& raw(std::string_view path) {
    text_ += path;
    return *this;
  }
  /// One more segment of the path; characters in `keep` stay as they are.
  Url& then(std::string_view segment, std::string_view keep = {}) {
    text_ += '/' + http::percent_encode(segment, keep);
    return *this;
  }
  /// A parameter; left out where `value` is empty.
  Url& with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ +=
        fmt::format("{}{}={}", std::exchange(separator_, '&'), name, http::percent_encode(value));
    return *this;
  }
  /// A parameter that is a flag; left out where `on` is false.
  Url& flag(std::string_view name, bool on = true) { return with(name, on ? "1" : ""); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  char separator_ = '?';
};

}  // namespace jci::docker
