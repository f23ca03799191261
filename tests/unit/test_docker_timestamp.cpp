// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "jci/executors/docker/timestamp.hpp"

namespace jci::docker {
namespace {

using std::chrono::nanoseconds;

/// Nanoseconds since 1970.
std::optional<std::int64_t> read(std::string_view text) {
  const auto time = read_timestamp(text);
  return time ? std::optional(time->time_since_epoch().count()) : std::nullopt;
}

TEST(DockerTimestamp, IsReadAsEnginesWriteIt) {
  EXPECT_EQ(read("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(read("2026-11-28T19:21:24Z"), 1'795'893'684'000'000'000);
  EXPECT_EQ(read("2026-11-28T19:21:24.123456789Z"), 1'795'893'684'123'456'789);
  EXPECT_EQ(read("2024-02-29T23:59:59.5Z"), 1'709'251'199'500'000'000);
  EXPECT_EQ(read("2016-12-31T23:59:60Z"), 1'483'228'800'000'000'000);
}

TEST(DockerTimestamp, MayHaveAFractionOfAnyLength) {
  EXPECT_EQ(read("1970-01-01T00:00:00.1Z"), 100'000'000);
  EXPECT_EQ(read("1970-01-01T00:00:00.000000001Z"), 1);
  EXPECT_EQ(read("1970-01-01T00:00:00.0000000019Z"), 1);
  EXPECT_EQ(read("1970-01-01T00:00:00." + std::string(1000, '9') + "Z"), 999'999'999);
}

TEST(DockerTimestamp, MayBeOfAnotherZone) {
  EXPECT_EQ(read("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(read("1969-12-31T19:00:00-05:00"), std::nullopt);  // the year as written counts
  EXPECT_EQ(read("1970-01-01T00:00:00.5-05:30"), 19'800'500'000'000);
}

TEST(DockerTimestamp, OfTheYearOneMeansNever) {
  EXPECT_EQ(read("0001-01-01T00:00:00Z"), std::nullopt);
}

TEST(DockerTimestamp, IsNothingBeyondWhatNanosecondsReach) {
  EXPECT_EQ(read("2261-12-31T23:59:59.999999999Z"), 9'214'646'399'999'999'999);
  EXPECT_EQ(read("2262-01-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(read("9999-12-31T23:59:59Z"), std::nullopt);
  EXPECT_EQ(read("1969-12-31T23:59:59Z"), std::nullopt);
}

TEST(DockerTimestamp, IsNoOtherText) {
  for (const char* text : {
           "",
           "Z",
           "2026",
           "2026-11-28",
           "2026-11-28T19:21:24",
           "2026-11-28 19:21:24Z",
           "2026-11-28T19:21:24z",
           "2026-11-28T19:21:24ZZ",
           "2026-11-28T19:21:24 Z",
           " 2026-11-28T19:21:24Z",
           "2026-11-28T19:21:24.Z",
           "2026-11-28T19:21:24.-1Z",
           "2026-11-28T19:21:24,5Z",
           "2026-11-28T19:21Z",
           "2026-11-28T19:21:4Z",
           "2026-13-28T19:21:24Z",
           "2026-00-28T19:21:24Z",
           "2026-11-31T19:21:24Z",
           "2026-11-00T19:21:24Z",
           "2026-02-29T19:21:24Z",
           "2026-11-28T24:00:00Z",
           "2026-11-28T19:60:00Z",
           "2026-11-28T19:21:61Z",
           "2026-11-28T-1:21:24Z",
           "2026-11-28T+1:21:24Z",
           "2026-11-28T19: 1:24Z",
           "-026-11-28T19:21:24Z",
           "12026-11-28T19:21:24Z",
           "2026-11-28T19:21:24+",
           "2026-11-28T19:21:24+1:00",
           "2026-11-28T19:21:24+0100",
           "2026-11-28T19:21:24+24:00",
           "2026-11-28T19:21:24+01:00Z",
           "never",
       })
    EXPECT_EQ(read(text), std::nullopt) << text;
  EXPECT_EQ(read(std::string_view("2026-11-28T19:21:24Z\0", 21)), std::nullopt);
}

TEST(DockerTimestamp, CutAnywhereIsNone) {
  const std::string_view whole = "2026-11-28T19:21:24.123456789+01:00";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(read(std::string(whole.substr(0, size))), std::nullopt) << size;
}

TEST(DockerTimestamp, GivesTheTimeBetweenTwo) {
  EXPECT_EQ(between("2026-11-28T19:21:24.5Z", "2026-11-28T19:22:24.75Z"),
            nanoseconds(60'250'000'000));
  EXPECT_EQ(between("2026-11-28T19:21:24Z", "2026-11-28T20:21:24+01:00"), nanoseconds(0));
  EXPECT_EQ(between("2026-11-28T19:21:24Z", "2026-11-28T19:21:23Z"), std::nullopt);
  EXPECT_EQ(between("0001-01-01T00:00:00Z", "2026-11-28T19:21:23Z"), std::nullopt);
  EXPECT_EQ(between("2026-11-28T19:21:24Z", "0001-01-01T00:00:00Z"), std::nullopt);
}

}  // namespace
}  // namespace jci::docker
