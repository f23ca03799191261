// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "history_fixture.hpp"
#include "jci/history/log_reader.hpp"

namespace jci::history {
namespace {

class LogReaderTest : public testing_history::HistoryFixture {
 protected:
  void append(const std::string& file, std::string_view bytes) const {
    std::ofstream(state() / file, std::ios::binary | std::ios::app) << bytes;
  }
  static std::string rest(LogReader& reader) {
    std::string all;
    for (std::string_view bytes; !(bytes = reader.next()).empty();) all += bytes;
    return all;
  }
  std::string tail(std::size_t lines, std::uint64_t max_bytes = 1000) const {
    return log_tail(state(), "Test", lines, max_bytes);
  }
};

TEST_F(LogReaderTest, TellsTheStreamsApart) {
  append("Test.log", "o1e1o2e2");
  append("Test.streams", "2 err\n4 out\n6 err\n");
  EXPECT_EQ(bytes_of(state(), "Test"), "o1e1o2e2");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::out), "o1o2");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::err), "e1e2");
}

TEST_F(LogReaderTest, TakesAllForStdoutWithoutASwitch) {
  append("Test.log", "bytes");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::out), "bytes");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::err), "");
}

TEST_F(LogReaderTest, ReadsAMissingLogAsEmptyUntilItIsThere) {
  LogReader reader(state(), "Test");
  EXPECT_FALSE(reader.exists());
  EXPECT_EQ(rest(reader), "");
  append("Test.log", "bytes");
  reader.refresh();
  EXPECT_TRUE(reader.exists());
  EXPECT_EQ(rest(reader), "bytes");
}

TEST_F(LogReaderTest, GoesOnWhereTheLogGrows) {
  LogReader errors(state(), "Test", Stream::err);
  append("Test.log", "out1");
  errors.refresh();
  EXPECT_EQ(rest(errors), "");
  append("Test.streams", "4 err\n");
  append("Test.log", "err1");
  errors.refresh();
  EXPECT_EQ(rest(errors), "err1");
  append("Test.log", "err2");
  errors.refresh();
  EXPECT_EQ(rest(errors), "err2");
}

TEST_F(LogReaderTest, WaitsForTheRestOfASwitchThatIsBeingWritten) {
  append("Test.log", "out1");
  append("Test.streams", "4 e");
  LogReader errors(state(), "Test", Stream::err);
  append("Test.streams", "rr\n");
  append("Test.log", "err1");
  errors.refresh();
  EXPECT_EQ(rest(errors), "err1");
}

TEST_F(LogReaderTest, OverlooksWhatIsNoSwitch) {
  append("Test.log", "o1e1");
  append("Test.streams", "2 err\nrubbish\n0 out\n");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::err), "e1");
}

// As a machine that lost power may leave it.
TEST_F(LogReaderTest, OverlooksSwitchesBehindTheEndOfTheLog) {
  append("Test.log", "o1e1");
  append("Test.streams", "2 err\n5 out\n18446744073709551615 err\n");
  EXPECT_EQ(bytes_of(state(), "Test", Stream::err), "e1");
  EXPECT_EQ(tail(5), "o1e1");
}

TEST_F(LogReaderTest, GivesTheLastLines) {
  append("Test.log", "one\ntwo\nthree\n");
  EXPECT_EQ(tail(0), "");
  EXPECT_EQ(tail(1), "three\n");
  EXPECT_EQ(tail(2), "two\nthree\n");
  EXPECT_EQ(tail(3), "one\ntwo\nthree\n");
  EXPECT_EQ(tail(9), "one\ntwo\nthree\n");
}

TEST_F(LogReaderTest, CountsALastLineWithoutNewline) {
  append("Test.log", "one\ntwo");
  EXPECT_EQ(tail(1), "two");
  EXPECT_EQ(tail(2), "one\ntwo");
}

TEST_F(LogReaderTest, CountsEmptyLines) {
  append("Test.log", "one\n\n\n");
  EXPECT_EQ(tail(1), "\n");
  EXPECT_EQ(tail(2), "\n\n");
  EXPECT_EQ(tail(3), "one\n\n\n");
}

TEST_F(LogReaderTest, GivesTheLastLinesOfOneStream) {
  append("Test.log", "e1\nout\ne2\nout\ne3\n");
  append("Test.streams", "0 err\n3 out\n7 err\n10 out\n14 err\n");
  LogReader errors(state(), "Test", Stream::err);
  errors.seek_tail(2);
  EXPECT_EQ(rest(errors), "e2\ne3\n");
}

TEST_F(LogReaderTest, GivesTheEndOfALineOfHundredMegabytes) {
  const std::string megabyte(1'000'000, 'x');
  std::ofstream log(state() / "Test.log", std::ios::binary);
  for (int i = 0; i < 100; ++i) log << megabyte;
  log << "the end" << std::flush;
  EXPECT_EQ(tail(10, 12), "xxxxxthe end");
}

TEST_F(LogReaderTest, DoesNotBeginInsideACharacter) {
  append("Test.log", "a€b\n");
  EXPECT_EQ(tail(1, 3), "b\n");
  EXPECT_EQ(tail(1, 4), "b\n");
  EXPECT_EQ(tail(1, 5), "€b\n");
}

TEST_F(LogReaderTest, FindsLinesAcrossBlocks) {
  std::string log;
  for (int i = 0; i < 30000; ++i) log += "line " + std::to_string(i) + "\n";
  append("Test.log", log);
  EXPECT_EQ(tail(20000, 1'000'000), log.substr(log.find("line 10000\n")));
}

TEST_F(LogReaderTest, GivesNoTailWhereThereIsNoLog) { EXPECT_EQ(tail(5), ""); }

}  // namespace
}  // namespace jci::history
