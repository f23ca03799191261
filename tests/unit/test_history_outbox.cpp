// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "jci/history/outbox.hpp"
#include "jci/history/run_lock.hpp"
#include "jci/history/sweep.hpp"
#include "temporary_directory.hpp"

namespace jci::history {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

Letter letter_of(const std::string& run, WallTime at) {
  return {.pipe_id = run,
          .remote = "github",
          .address = R"({"kind":"github","owner":"a"})",
          .report = "╔ 🟢 \xff\nline \"two\"",
          .status = Status::failed,
          .at = at};
}

class OutboxTest : public testing::Test {
 protected:
  const fs::path& state() const { return directory_.path(); }

  TemporaryDirectory directory_;
  Outbox outbox{directory_.path()};
};

TEST_F(OutboxTest, GivesBackWhatWasPutIntoItToAnyProcess) {
  const Letter letter = letter_of("abc", WallTime(5s));
  const std::string name = outbox.put(letter);
  EXPECT_EQ(Outbox(state()).read(name), letter);
}

TEST_F(OutboxTest, GivesTheOldestFirstAndKeepsThoseOfOneRunApart) {
  const std::string young = outbox.put(letter_of("b", WallTime(20s)));
  const std::string old = outbox.put(letter_of("c", WallTime(3s)));
  const std::string twin = outbox.put(letter_of("b", WallTime(20s)));
  EXPECT_EQ(outbox.names(), (std::vector<std::string>{old, young, twin}));
}

TEST_F(OutboxTest, ForgetsWhatIsDropped) {
  const std::string name = outbox.put(letter_of("abc", WallTime(5s)));
  outbox.drop(name);
  outbox.drop(name);
  EXPECT_EQ(outbox.names(), std::vector<std::string>{});
  EXPECT_EQ(outbox.read(name), std::nullopt);
}

TEST_F(OutboxTest, HasNothingWhereThereNeverWasOne) {
  EXPECT_EQ(outbox.names(), std::vector<std::string>{});
  EXPECT_FALSE(outbox.lock());
}

TEST_F(OutboxTest, DoesNotTakeHalfALetterForOne) {
  const std::string name = outbox.put(letter_of("abc", WallTime(5s)));
  fs::resize_file(state() / "outbox" / name, 20);
  EXPECT_EQ(outbox.read(name), std::nullopt);
}

TEST_F(OutboxTest, IsForNobodyElsesEyes) {
  const std::string name = outbox.put(letter_of("abc", WallTime(5s)));
  EXPECT_EQ(fs::status(state() / "outbox" / name).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(OutboxTest, KnowsLettersThatTheirOwnRunStillDelivers) {
  const Letter letter = letter_of("abc", WallTime(5s));
  EXPECT_FALSE(outbox.is_in_hands(letter));
  fs::create_directories(run_directory(state(), "abc"));
  const RunLock alive(run_directory(state(), "abc"));
  EXPECT_TRUE(outbox.is_in_hands(letter));
}

TEST_F(OutboxTest, IsDeliveredByOneAtATime) {
  outbox.put(letter_of("abc", WallTime(5s)));
  const auto mine = outbox.lock();
  ASSERT_TRUE(mine);
  EXPECT_FALSE(Outbox(state()).lock());
}

}  // namespace
}  // namespace jci::history
