// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/executors/docker/client.hpp"

namespace jci::docker {

/// Lets what is spawned on `context` go on until `reached`. Throws where nothing happens for a minute.
void go_on_until(boost::asio::io_context& context, const std::function<bool()>& reached);

/// A call that goes on while the test does something else.
template <class T>
class Background {
 public:
  Background(boost::asio::io_context& context, Awaitable<T> work) : context_(context) {
    boost::asio::co_spawn(context, keep(std::move(work), result_),
                          boost::asio::bind_cancellation_slot(
                              cancel_.slot(), [this](const std::exception_ptr& thrown) {
                                thrown_ = thrown;
                                over_ = true;
                              }));
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool over() const { return over_; }
  void cancel() { cancel_.emit(boost::asio::cancellation_type::terminal); }
  T result() {
    go_on_until(context_, [this] { return over_; });
    if (thrown_) std::rethrow_exception(thrown_);
    return std::move(*result_);
  }

 private:
  static Awaitable<> keep(Awaitable<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }

  boost::asio::io_context& context_;
  boost::asio::cancellation_signal cancel_;
  std::optional<T> result_;
  std::exception_ptr thrown_;
  bool over_ = false;
};

/// What a container wrote.
struct Output {
  std::string out;
  std::string err;
  OutputSink sink = [this](Stream stream, std::string_view bytes) {
    (stream == Stream::out ? out : err) += bytes;
  };
};

/// A client of the engine that DOCKER_HOST names (see tests/engine/with-engine) with `busybox:local` in it. Containers, networks and volumes that a
/// test makes with `label()` are removed when it ends. Without an engine the tests are skipped.
class OnEngine : public testing::Test {
 protected:
  OnEngine();
  ~OnEngine() override;
  void SetUp() override;

  /// The path of DOCKER_HOST's unix socket.
  static std::string socket();
  const std::string& label() const { return label_; }

  template <class T>
  T run(Awaitable<T> call) {
    return Background<T>(context_, std::move(call)).result();
  }
  /// The value of a call that has to work.
  template <class T>
  T must(Awaitable<Answer<T>> call) {
    Answer<T> answer = run(std::move(call));
    if (!answer) throw std::runtime_error(answer.error().text);
    if constexpr (!std::is_void_v<T>) return std::move(*answer);
  }
  /// The error of a call that must not work.
  template <class T>
  Error error_of(Awaitable<Answer<T>> call) {
    Answer<T> answer = run(std::move(call));
    if (answer) throw std::runtime_error("the call worked");
    return answer.error();
  }
  void run_until(const std::function<bool()>& reached) { go_on_until(context_, reached); }

  /// A container, created but not started, without network.
  std::string create(std::initializer_list<std::string_view> command,
                     boost::json::object more = {});
  /// The same, started.
  std::string start(std::initializer_list<std::string_view> command, boost::json::object more = {});
  Ending run_to_end(const std::string& id);

  boost::asio::io_context context_;
  Client client_;

 private:
  std::string label_;
};

/// Needs the engine to be with-engine's own.
class OnPrivateEngine : public OnEngine {
 protected:
  void SetUp() override;
  /// kill, stop, start: see tests/engine/engine.
  static void engine(std::string_view what);
};

}  // namespace jci::docker
