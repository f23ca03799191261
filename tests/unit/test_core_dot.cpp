// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "jci/core/dot.hpp"

namespace jci {
namespace {

TEST(Dot, IsADifferentSignForEachStatus) {
  std::set<std::string_view> dots;
  for (const auto status : {Status::pending, Status::running, Status::failed, Status::passed,
                            Status::timeout, Status::skipped, Status::cancelled}) {
    dots.insert(dot(status));
  }
  EXPECT_EQ(dots, (std::set<std::string_view>{"🔵", "🟡", "🔴", "🟢", "🟤", "⚪", "🟣"}));
}

}  // namespace
}  // namespace jci
