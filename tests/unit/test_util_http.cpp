// SPDX-License-Identifier: MIT
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jci/util/http.hpp"
#include "temporary_directory.hpp"

namespace jci::http {
namespace {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;
constexpr auto k_tuple = asio::as_tuple(asio::use_awaitable);

/// What one connection of the server does: for each request the pieces it answers, each sent by itself; then it closes, or stays silent.
struct Script {
  std::vector<std::vector<std::string>> answers;
  bool stay = false;
  std::string end_of_request = "\r\n\r\n";
};

/// A server on a unix socket that says what it is told to, and the pool that speaks to it.
class Http : public testing::Test {
 protected:
  Http() : acceptor_(context_, Local::endpoint(path())) {
    Endpoint endpoint;
    endpoint.socket = path();
    pool_ = make_pool(context_.get_executor(), endpoint);
    asio::co_spawn(context_, serve(), asio::detached);
  }

  void script(Script script) { scripts_.push_back(std::move(script)); }

  struct Answered {
    unsigned status = 0;
    std::string body;
    std::optional<FailureKind> failure;
    std::string text;
  };
  Answered ask(const Request& request, Deadline deadline = Clock::now() + std::chrono::minutes(1)) {
    std::optional<Answered> answered;
    asio::co_spawn(context_, exchange(request, deadline, answered),
                   asio::bind_cancellation_slot(cancel_.slot(), asio::detached));
    context_.restart();
    while (!answered) context_.run_one();
    return *answered;
  }
  Answered get() {
    const Request request{.target = "/"};
    return ask(request);
  }

  asio::io_context context_;
  std::shared_ptr<Pool> pool_;
  asio::cancellation_signal cancel_;
  std::vector<std::string> heard_;  // requests
  int connections_ = 0;
  bool cancel_when_heard_ = false;

 private:
  std::string path() const { return directory_.path() / "s"; }

  Awaitable<> exchange(const Request& request, Deadline deadline, std::optional<Answered>& result) {
    Answered answered;
    auto exchange = co_await pool_->request(request, deadline);
    const Failure* failure = exchange ? nullptr : &exchange.error();
    Result<std::span<char>> piece;
    if (exchange) {
      answered.status = (*exchange)->head().status;
      while (true) {
        piece = co_await (*exchange)->read(deadline);
        if (!piece || piece->empty()) break;
        answered.body.append(piece->data(), piece->size());
      }
      if (!piece) failure = &piece.error();
    }
    if (failure != nullptr) {
      answered.failure = failure->kind;
      answered.text = failure->text;
    }
    result = answered;
  }

  Awaitable<> serve() {
    while (true) {
      auto [error, socket] = co_await acceptor_.async_accept(k_tuple);
      if (error) co_return;
      ++connections_;
      Script script;
      if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
      }
      asio::co_spawn(context_, play(std::move(socket), std::move(script)), asio::detached);
    }
  }

  Awaitable<> play(Local::socket socket, Script script) {
    std::array<char, 65536> space;
    for (const auto& answer : script.answers) {
      std::string request;
      while (!request.ends_with(script.end_of_request)) {
        const auto [error, size] = co_await socket.async_read_some(asio::buffer(space), k_tuple);
        if (error) co_return;
        request.append(space.data(), size);
      }
      heard_.push_back(request);
      for (const std::string& piece : answer)
        co_await asio::async_write(socket, asio::buffer(piece), k_tuple);
    }
    if (cancel_when_heard_) cancel_.emit(asio::cancellation_type::terminal);
    if (script.stay) co_await socket.async_read_some(asio::buffer(space), k_tuple);
  }

  TemporaryDirectory directory_;
  Local::acceptor acceptor_;
  std::deque<Script> scripts_;
};

const std::string k_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(Http, AnswersComeWhole) {
  script({{{k_ok}}});
  const Answered answered = get();
  EXPECT_EQ(answered.status, 200U);
  EXPECT_EQ(answered.body, "ok");
  EXPECT_EQ(heard_.at(0), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

TEST_F(Http, AnswersMayComeByteByByte) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\n\r\n";
  std::vector<std::string> pieces;
  for (const char c : answer) pieces.emplace_back(1, c);
  script({{pieces}});
  EXPECT_EQ(get().body, "abc0123456789");
}

TEST_F(Http, ManySmallChunksAreOneBody) {
  std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
  for (int i = 0; i < 50000; ++i) {
    const std::string line = std::string(static_cast<std::size_t>(i % 40), 'a') + "\n";
    answer += fmt::format("{:x}\r\n{}\r\n", line.size(), line);
    body += line;
  }
  script({{{answer + "0\r\n\r\n"}}});
  EXPECT_TRUE(get().body == body);
}

TEST_F(Http, ABodyWithoutLengthEndsWithTheConnection) {
  script({{{"HTTP/1.1 200 OK\r\n\r\nall of", " it"}}});
  EXPECT_EQ(get().body, "all of it");
}

TEST_F(Http, InterimAnswersAreSkipped) {
  script({{{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + k_ok}}});
  EXPECT_EQ(get().body, "ok");
}

TEST_F(Http, ConnectionsAreUsedAgain) {
  script({{{k_ok}, {"HTTP/1.1 204 No Content\r\n\r\n"}, {k_ok}}});
  EXPECT_EQ(get().status, 200U);
  EXPECT_EQ(get().status, 204U);
  EXPECT_EQ(get().status, 200U);
  EXPECT_EQ(connections_, 1);
}

TEST_F(Http, ConnectionsThatTheServerWantsClosedAreNot) {
  script({{{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"}}, true});
  script({{{k_ok}}});
  get();
  EXPECT_EQ(pool_->idle_connections(), 0U);
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(connections_, 2);
}

TEST_F(Http, AClosedIdleConnectionIsReplaced) {
  script({{{k_ok}}});
  script({{{k_ok}}});
  get();
  EXPECT_EQ(pool_->idle_connections(), 1U);
  context_.poll();  // the server closes it
  const Request request{.method = "POST", .target = "/"};
  EXPECT_EQ(ask(request).body, "ok");
}

TEST_F(Http, AHarmlessRequestIsRepeatedWhereTheConnectionWasStale) {
  script({{{k_ok}, {}}});  // hears the second request and closes
  script({{{k_ok}}});
  get();
  EXPECT_EQ(get().body, "ok");
  EXPECT_EQ(heard_.size(), 3U);
}

TEST_F(Http, ARequestThatChangesSomethingIsNotRepeated) {
  script({{{k_ok}, {}}});
  script({{{k_ok}}});
  get();
  const Request request{.method = "POST", .target = "/"};
  EXPECT_EQ(ask(request).failure, FailureKind::closed);
  EXPECT_EQ(heard_.size(), 2U);
}

TEST_F(Http, AFreshConnectionThatClosesIsNotTriedAgain) {
  script({{{}}});
  EXPECT_EQ(get().failure, FailureKind::closed);
  EXPECT_EQ(connections_, 1);
}

TEST_F(Http, GarbageIsAProtocolFailure) {
  for (const std::string garbage :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    script({{{garbage}}});
    EXPECT_EQ(get().failure, FailureKind::protocol) << garbage;
  }
}

TEST_F(Http, AHeadWithoutEndIsAProtocolFailure) {
  script({{{"HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x')}}, true});
  EXPECT_EQ(get().failure, FailureKind::protocol);
}

TEST_F(Http, AnAnswerThatEndsInTheMiddleIsNoAnswer) {
  for (const std::string half :
       {"HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
    script({{{half}}});
    EXPECT_EQ(get().failure, FailureKind::closed) << half;
  }
}

TEST_F(Http, ASilentServerIsLeftAtTheDeadline) {
  script({{{}}, true});
  const Request request{.target = "/"};
  const Answered answered = ask(request, Clock::now() + std::chrono::milliseconds(20));
  EXPECT_EQ(answered.failure, FailureKind::timed_out);
  EXPECT_EQ(pool_->idle_connections(), 0U);
}

TEST_F(Http, ABodyThatStallsIsLeftAtTheDeadline) {
  script({{{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"}}, true});
  const Request request{.target = "/"};
  const Answered answered = ask(request, Clock::now() + std::chrono::milliseconds(50));
  EXPECT_EQ(answered.status, 200U);
  EXPECT_EQ(answered.failure, FailureKind::timed_out);
}

TEST_F(Http, ARequestCanBeCancelled) {
  script({{{}}, true});
  cancel_when_heard_ = true;
  EXPECT_EQ(get().failure, FailureKind::cancelled);
  EXPECT_EQ(pool_->idle_connections(), 0U);
}

TEST_F(Http, ABodyFromASourceIsSentInChunks) {
  script({.answers = {{k_ok}}, .end_of_request = "0\r\n\r\n"});
  std::deque<std::string_view> pieces{"abc", "0123456789abcdef"};
  const BodySource source = [&pieces]() -> Awaitable<std::string_view> {
    std::string_view piece;
    if (!pieces.empty()) {
      piece = pieces.front();
      pieces.pop_front();
    }
    co_return piece;
  };
  const Request request{.method = "PUT", .target = "/", .source = source};
  EXPECT_EQ(ask(request).body, "ok");
  EXPECT_EQ(heard_.at(0),
            "PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

TEST(HttpText, IsPercentEncoded) {
  EXPECT_EQ(percent_encode("a/b c?&=%\n\xff-._~"), "a%2Fb%20c%3F%26%3D%25%0A%FF-._~");
  EXPECT_EQ(percent_encode("a/b:c", "/"), "a/b%3Ac");
}

TEST(HttpText, NamesOfHeadersHaveNoCase) {
  const Head head{200, {{"Api-Version", "1.41"}}};
  EXPECT_EQ(head.header("api-version"), "1.41");
  EXPECT_EQ(head.header("api"), "");
}

}  // namespace
}  // namespace jci::http
