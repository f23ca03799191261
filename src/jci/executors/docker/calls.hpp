// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/executors/docker/error.hpp"
#include "jci/executors/docker/url.hpp"
#include "jci/util/async.hpp"
#include "jci/util/http.hpp"

namespace jci::docker {

/// Takes the engine's objects of progress as they come (`status`, `id`, `progressDetail`).
using ProgressSink = std::function<void(const boost::json::object&)>;

/// One request of the Engine API, and how long to wait.
struct Call {
  std::string method;
  Url url;  ///< without the version
  std::chrono::milliseconds patience;
  std::optional<boost::json::object> body = {};
  std::vector<http::Header> headers = {};
  std::string_view tar = {};
  http::BodySource tar_source = {};
  bool in_any_case = false;  ///< goes on where its caller is cancelled
};

/// The ways to make a call, by what its answer is. Which calls there are is the client's business (client.hpp).
class Calls {
 public:
  Calls(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint);

  /// As Client::connect: all calls after it are of that version.
  Awaitable<Answer<std::string>> agree_on_version(std::chrono::milliseconds patience);
  /// As it found out.
  bool with_podman() const { return with_podman_; }
  /// As Client::settle.
  Awaitable<> settle(std::chrono::milliseconds patience);

  /// An answer that is no error, its body still to come.
  Awaitable<Answer<std::unique_ptr<http::Exchange>>> open(const Call& call);
  Awaitable<Answer<void>> done(const Call& call);
  Awaitable<Answer<boost::json::object>> object(const Call& call);
  Awaitable<Answer<boost::json::array>> array(const Call& call);
  /// Objects, to the last one; `silence`: between two pieces of them.
  Awaitable<Answer<void>> progress(const Call& call, std::chrono::milliseconds silence,
                                   const ProgressSink& sink);

 private:
  struct Underway;
  Awaitable<Answer<std::string>> text(const Call& call);
  Awaitable<Answer<std::string>> text_in_any_case(const Call& call);

  boost::asio::any_io_executor executor_;
  std::shared_ptr<http::Pool> pool_;
  std::shared_ptr<Underway> underway_;
  bool with_podman_ = false;
  std::string version_;  // as the targets of calls begin: "/v1.41"
};

}  // namespace jci::docker
