// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <system_error>

#include "jci/util/subprocess.hpp"

namespace jci {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_patience{60'000};

Spoken shell(const std::string& line, milliseconds silence = k_patience) {
  return run_while_it_speaks({"sh", "-c", line}, {"SET=by us"}, silence, Prompts::no);
}

TEST(Subprocess, KeepsBothOutputsApartAndGivesTheExitCode) {
  const auto spoken = shell("echo out; echo \"$SET\" >&2; cat; exit 3");
  EXPECT_EQ(spoken.output, "out\n");
  EXPECT_EQ(spoken.errors, "by us\n");
  EXPECT_EQ(spoken.exit_code, 3);
}

TEST(Subprocess, HearsMoreThanAPipeHolds) {
  const auto spoken = shell("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2");
  EXPECT_EQ(spoken.output.size(), 300'000U);
  EXPECT_EQ(spoken.errors.size(), 200'000U);
}

TEST(Subprocess, EndsWithItsDescendantsWhatIsSilentForTooLong) {
  try {
    shell("sleep 1000 & wait", milliseconds(20));
    ADD_FAILURE() << "it was waited for";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::timed_out);
  }
}

TEST(Subprocess, DoesNotWaitForWhatStaysInTheBackground) {
  const auto spoken = shell("sleep 1000 & echo $!");
  EXPECT_EQ(::kill(std::stoi(spoken.output), SIGKILL), 0);
}

TEST(Subprocess, SaysWhatCouldNotBeStarted) {
  EXPECT_THROW(run_while_it_speaks({"no-such-program"}, {}, k_patience, Prompts::no),
               std::system_error);
}

}  // namespace
}  // namespace jci
