// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>

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

TEST(HmacSha256, SignsAsTheVectorsOfRfc4231) {
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

}  // namespace
}  // namespace jci::rest
