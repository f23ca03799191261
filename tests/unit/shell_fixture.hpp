// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "shell_harness.hpp"

namespace jci {

using Argv = std::vector<std::string>;

inline void write_file(const std::filesystem::path& path, const std::string& text,
                       bool executable = false) {
  std::ofstream(path) << text;
  if (executable) std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

inline std::vector<pid_t> pids_in(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<pid_t>(words), {}};
}

inline std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

inline bool bubblewrap_works() {
  static const bool works = std::system("bwrap --dev-bind / / true 2>/dev/null") == 0;
  return works;
}

/// Each promise is kept with and without bubblewrap.
class Shell : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam() && !bubblewrap_works()) GTEST_SKIP() << "bubblewrap does not work here";
  }
  ShellHarness harness{{.bubblewrap = GetParam()}};
};

inline std::string name_of_way(const testing::TestParamInfo<bool>& each) {
  return each.param ? "UnderBubblewrap" : "Bare";
}

}  // namespace jci
