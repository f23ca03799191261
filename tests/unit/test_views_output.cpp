// SPDX-License-Identifier: MIT
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "jci/util/fd.hpp"
#include "jci/views/output.hpp"

namespace jci {
namespace {

class OutputToAPipe : public testing::Test {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_ = Fd(ends[0]);
    write_ = Fd(ends[1]);
  }

  /// What has been written since.
  std::string written() const {
    std::array<char, 100> bytes{};
    const ssize_t n = ::read(read_.get(), bytes.data(), bytes.size());
    return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : "";
  }

  Fd read_;
  Fd write_;
  boost::asio::io_context loop_;
};

TEST_F(OutputToAPipe, WritesAllOfATurnOfTheLoopAtOnce) {
  Output output(loop_.get_executor(), write_.get());
  output.append("one ");
  output.append("two");
  EXPECT_EQ(written(), "");
  EXPECT_EQ(loop_.run(), 1);
  EXPECT_EQ(written(), "one two");
}

TEST_F(OutputToAPipe, LeavesTheLoopToOthers) {
  Output output(loop_.get_executor(), write_.get());
  output.append("one");
  output.leave_loop();
  EXPECT_EQ(written(), "one");
  output.append("two");
  EXPECT_EQ(written(), "two");
  EXPECT_EQ(loop_.run(), 1);  // of the first; another thread may run it by now
  EXPECT_EQ(written(), "");
}

}  // namespace
}  // namespace jci
