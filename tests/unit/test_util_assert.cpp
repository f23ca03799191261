// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "jci/util/assert.hpp"

namespace {

TEST(AssertDeathTest, SaysWhereAndWhatThenAborts) {
  EXPECT_DEATH(JCI_ASSERT(1 + 1 == 3),
               "^tests/unit/test_util_assert.cpp:[0-9]+: bug: `1 \\+ 1 == 3` does not hold\n$");
}

TEST(Assert, LetsATrueConditionPass) { JCI_ASSERT(1 + 1 == 2); }

}  // namespace
