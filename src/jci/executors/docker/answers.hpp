// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <deque>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "jci/executors/docker/error.hpp"
#include "jci/util/async.hpp"
#include "jci/util/http.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {

/// The whole body.
Awaitable<Answer<std::string>> read_all(http::Exchange& exchange, http::Deadline deadline);
Answer<boost::json::value> parse_answer(const std::string& body);
/// What the engine says in the body of a failed call: `{"message": "..."}`, else all of it.
std::string message_in(const std::string& body);

/// JSON values that follow each other, with or without space between them, in pieces cut anywhere.
class JsonStream {
 public:
  /// The error is the parser's reason; nothing more can be taken then.
  std::expected<void, std::string> take(std::span<const char> bytes);
  /// The next object that is complete.
  std::optional<boost::json::object> next();
  /// Between two values.
  bool at_end() const { return !inside_; }

 private:
  void keep();

  boost::json::stream_parser parser_;
  std::deque<boost::json::object> values_;
  std::size_t size_ = 0;  // of the value being read
  bool inside_ = false;
};

}  // namespace jci::docker
