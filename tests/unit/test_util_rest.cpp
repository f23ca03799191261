// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>

#include "jci/core/errors.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/rest.hpp"

namespace jci::rest {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

const auto k_now =
    std::chrono::system_clock::from_time_t(1'700'000'000);  // Tue, 14 Nov 2023 22:13:20 GMT

std::optional<milliseconds> wait_of(std::vector<Header> headers) {
  return asked_to_wait({.status = 429, .headers = std::move(headers)}, k_now);
}

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(wait_of({{"retry-after", "120"}}), 120s);
  EXPECT_EQ(wait_of({{"retry-after", "0"}}), 0s);
}

TEST(RetryAfter, IsADateInAnyOfTheFormsOfHttp) {
  EXPECT_EQ(wait_of({{"retry-after", "Tue, 14 Nov 2023 22:13:50 GMT"}}), 30s);
  EXPECT_EQ(wait_of({{"retry-after", "Tuesday, 14-Nov-23 22:13:50 GMT"}}), 30s);
  EXPECT_EQ(wait_of({{"retry-after", "Tue Nov 14 22:13:50 2023"}}), 30s);
}

TEST(RetryAfter, OfTheLastMinuteMeansNow) {
  EXPECT_EQ(wait_of({{"retry-after", "Tue, 14 Nov 2023 22:13:00 GMT"}}), 0s);
}

TEST(RetryAfter, IsADayAtMost) {
  EXPECT_EQ(wait_of({{"retry-after", "99999999999999999999999"}}), 24h);
  EXPECT_EQ(wait_of({{"retry-after", "Tue, 14 Nov 2123 22:13:50 GMT"}}), 24h);
}

TEST(RetryAfter, IsNothingWhereItMakesNoSense) {
  for (const char* odd : {"", "soon", "-1", "1.5", "Tue, 14 Nov 2023", "1 2"})
    EXPECT_EQ(wait_of({{"retry-after", odd}}), std::nullopt) << odd;
}

TEST(RateLimit, AsksToWaitOnceNothingRemains) {
  EXPECT_EQ(wait_of({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1700000060"}}), 60s);
  EXPECT_EQ(wait_of({{"x-ratelimit-remaining", "1"}, {"x-ratelimit-reset", "1700000060"}}),
            std::nullopt);
  EXPECT_EQ(wait_of({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1600000000"}}), 0s);
  EXPECT_EQ(wait_of({{"x-ratelimit-remaining", "0"}}), std::nullopt);
}

TEST(RateLimit, YieldsToRetryAfter) {
  EXPECT_EQ(wait_of({{"retry-after", "5"},
                     {"x-ratelimit-remaining", "0"},
                     {"x-ratelimit-reset", "1700000060"}}),
            5s);
}

TEST(ServerOf, ShowsNoPathAndNoPassword) {
  EXPECT_EQ(server_of("https://api.telegram.org/bot1:secret/sendMessage"),
            "https://api.telegram.org");
  EXPECT_EQ(server_of("http://me:secret@host:3000?token=secret"), "http://host:3000");
  EXPECT_EQ(server_of("https://host"), "https://host");
}

TEST(Encode, LeavesOnlyWhatMeansNothingInAnUrl) {
  EXPECT_EQ(encode("feature/ä b+c~"), "feature%2F%C3%A4%20b%2Bc~");
}

/// Takes connections, and never says a word.
class Silence {
 public:
  Silence() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address_);
    auto* address = reinterpret_cast<sockaddr*>(&address_);
    EXPECT_EQ(::bind(fd_.get(), address, size), 0);
    EXPECT_EQ(::listen(fd_.get(), 8), 0);
    EXPECT_EQ(::getsockname(fd_.get(), address, &size), 0);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
  /// Until somebody has connected.
  void wait_for_client() const { Fd(::accept(fd_.get(), nullptr, nullptr)).release(); }

 private:
  Fd fd_;
  sockaddr_in address_{};
};

std::string failure_of(Client& client, const std::string& url) {
  try {
    client.perform({.url = url});
  } catch (const RemoteApiFailed& error) {
    EXPECT_TRUE(error.may_pass);
    return error.what();
  }
  return "no failure";
}

TEST(RestClient, FailsAtOnceWhenAnotherThreadInterruptsIt) {
  const Silence server;
  Client client({.timeout = 1h});
  auto failure = std::async(std::launch::async, [&] { return failure_of(client, server.url()); });
  server.wait_for_client();
  client.interrupt();
  const std::string expected =
      "no answer from `" + server.url() + "`: it was not waited for any longer";
  EXPECT_EQ(failure.get(), expected);
  EXPECT_EQ(failure_of(client, server.url()), expected);  // and so do all later calls
}

TEST(RestClient, GivesUpAfterItsDeadline) {
  const Silence server;
  Client client({.timeout = 50ms});
  EXPECT_EQ(failure_of(client, server.url()),
            "no answer from `" + server.url() + "`: it took longer than 50 ms");
}

TEST(HmacSha256, SignsAsTheVectorsOfRfc4231) {
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

}  // namespace
}  // namespace jci::rest
