// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <deque>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "temporary_directory.hpp"

namespace jci::docker {

/// What speaks the Engine API on a unix socket, as far as it was told what to answer; the client that speaks to it; and what that asked.
class CannedEngine : public testing::Test {
 protected:
  CannedEngine() : acceptor_(context_, Local::endpoint(socket())), client_(make_client()) {
    boost::asio::co_spawn(context_, accept(), boost::asio::detached);
  }

  /// `call`: "GET /containers/json", without version and query. Answers to the same call are given one after the other, the last
  /// of them again and again.
  void answer(const std::string& call, std::string body, unsigned status = 200) {
    answers_[call].given.push_back({status, std::move(body), {}});
  }
  /// Only to those whose body contains `part`, before all others.
  void answer_to(const std::string& call, std::string part, std::string body, unsigned status) {
    answers_to_.push_back({call, std::move(part), {status, std::move(body), {}}});
  }
  /// The stream of an attached container or command, which ends at once.
  void answer_stream(const std::string& call) {
    answers_[call].given.push_back({101, "", "Connection: Upgrade\r\nUpgrade: tcp\r\n"});
  }
  /// Once `other` has been asked as well.
  void answer_after(const std::string& other, const std::string& call, std::string body,
                    unsigned status = 200) {
    answers_[call].given.push_back({status, std::move(body), {}, other});
  }
  /// Not at all, while the caller waits.
  void answer_never(const std::string& call) { answers_[call].given.push_back({0, "", ""}); }
  void answer_ping(const std::string& version) {
    answers_["GET /_ping"].given.push_back({200, "OK", "Api-Version: " + version + "\r\n"});
  }

  /// As if it had never been told or asked anything.
  void forget() {
    answers_.clear();
    answers_to_.clear();
    asked_.clear();
  }

  template <class T>
  T run(Awaitable<T> call) {
    std::optional<T> result;
    boost::asio::co_spawn(context_, keep(std::move(call), result), boost::asio::detached);
    context_.restart();
    while (!result) context_.run_one();
    return std::move(*result);
  }
  void run(Awaitable<> call) {
    bool over = false;
    boost::asio::co_spawn(context_, std::move(call),
                          [&](const std::exception_ptr&) { over = true; });
    context_.restart();
    while (!over) context_.run_one();
  }

  /// Those calls that change something: "DELETE /containers/a".
  std::vector<std::string> changes() const {
    std::vector<std::string> changes;
    for (const auto& asked : asked_)
      if (!asked.call.starts_with("GET ")) changes.push_back(asked.call);
    return changes;
  }

  struct Asked {
    std::string call;
    std::string query;  // as it is in the request's target
    std::string body;
  };

  std::filesystem::path socket() const { return directory_.path() / "docker.sock"; }

  boost::asio::io_context context_;
  std::vector<Asked> asked_;

 private:
  using Local = boost::asio::local::stream_protocol;
  static constexpr auto k_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

  struct Given {
    unsigned status;
    std::string body;
    std::string headers;
    std::string after = {};  // what has to be asked before
  };
  struct Answers {
    std::deque<Given> given = {};
    std::size_t used = 0;
  };

  struct AnswerTo {
    std::string call;
    std::string part;
    Given given;
  };

  Client make_client() {
    http::Endpoint endpoint;
    endpoint.socket = socket();
    return {context_.get_executor(), endpoint};
  }

  template <class T>
  static Awaitable<> keep(Awaitable<T> call, std::optional<T>& result) {
    result.emplace(co_await std::move(call));
  }

  Awaitable<> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(k_tuple);
      if (error) co_return;
      boost::asio::co_spawn(context_, serve(std::move(socket)), boost::asio::detached);
    }
  }

  Awaitable<> serve(Local::socket socket) {
    boost::asio::streambuf space;
    for (;;) {
      const auto [error, head_size] =
          co_await boost::asio::async_read_until(socket, space, "\r\n\r\n", k_tuple);
      if (error) co_return;
      const std::string head = take(space, head_size);
      const std::size_t missing = body_size(head);
      while (space.size() < missing) {
        const auto [broken, size] =
            co_await socket.async_read_some(space.prepare(missing), k_tuple);
        if (broken) co_return;
        space.commit(size);
      }
      const Given& given = respond(head, take(space, missing));
      asked_more_.cancel();
      while (!given.after.empty() && !was_asked(given.after))
        co_await asked_more_.async_wait(k_tuple);
      if (given.status == 0) {
        co_await socket.async_read_some(space.prepare(1), k_tuple);
        co_return;
      }
      const std::string answer = to_text(given);
      co_await boost::asio::async_write(socket, boost::asio::buffer(answer), k_tuple);
      if (given.status == 101) co_return;
    }
  }

  bool was_asked(const std::string& call) const {
    return std::ranges::find(asked_, call, &Asked::call) != asked_.end();
  }

  static std::string take(boost::asio::streambuf& space, std::size_t size) {
    const auto begin = boost::asio::buffers_begin(space.data());
    std::string text(begin, begin + static_cast<std::ptrdiff_t>(size));
    space.consume(size);
    return text;
  }

  static std::size_t body_size(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto found = head.find(name);
    std::size_t size = 0;
    if (found != std::string_view::npos)
      std::from_chars(head.data() + found + name.size(), head.data() + head.size(), size);
    return size;
  }

  const Given& respond(std::string_view head, std::string body) {
    const auto method_end = head.find(' ');
    const std::string_view target =
        head.substr(method_end + 1, head.find(' ', method_end + 1) - method_end - 1);
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    if (path.starts_with("/v1.")) path.remove_prefix(path.find('/', 1));
    asked_.push_back(
        {.call = fmt::format("{} {}", head.substr(0, method_end), path),
         .query = std::string(question == std::string_view::npos ? "" : target.substr(question)),
         .body = std::move(body)});
    for (const AnswerTo& to : answers_to_)
      if (to.call == asked_.back().call && asked_.back().body.contains(to.part)) return to.given;
    static const Given nothing{404, R"({"message": "no such thing here"})", ""};
    const auto found = answers_.find(asked_.back().call);
    if (found == answers_.end()) return nothing;
    Answers& answers = found->second;
    return answers.given.at(std::min(answers.used++, answers.given.size() - 1));
  }

  static std::string to_text(const Given& given) {
    if (given.status == 101) return fmt::format("HTTP/1.1 101 UPGRADED\r\n{}\r\n", given.headers);
    return fmt::format("HTTP/1.1 {} -\r\n{}Content-Length: {}\r\n\r\n{}", given.status,
                       given.headers, given.body.size(), given.body);
  }

  TemporaryDirectory directory_;
  std::map<std::string, Answers> answers_;  // by call
  std::vector<AnswerTo> answers_to_;
  Local::acceptor acceptor_;
  boost::asio::steady_timer asked_more_{context_, boost::asio::steady_timer::time_point::max()};

 protected:
  Client client_;
};

}  // namespace jci::docker
