// SPDX-License-Identifier: MIT
#include "jci/workspace/umask.hpp"

#include <sys/stat.h>

#include <fstream>
#include <string>

namespace jci::workspace {

mode_t current_umask() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Umask:"))
      return static_cast<mode_t>(std::stoul(line.substr(6), nullptr, 8));
  const mode_t mask = ::umask(022);  // without /proc there is no other way
  ::umask(mask);
  return mask;
}

}  // namespace jci::workspace
