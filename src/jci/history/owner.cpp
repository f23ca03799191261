// SPDX-License-Identifier: MIT
#include "jci/history/owner.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "jci/util/hash.hpp"

namespace jci::history {
namespace {

/// See machine-id(5); where there is none, as in most containers, the host's name has to do.
std::string machine() {
  std::string id;
  if (std::getline(std::ifstream("/etc/machine-id"), id) && !id.empty()) return id;
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

std::string owner_name(const std::filesystem::path& state_directory) {
  return fmt::format("{:016x}", stable_hash(fmt::format("{} {} {}", machine(), ::getuid(),
                                                        state_directory.native())));
}

}  // namespace jci::history
