// SPDX-License-Identifier: MIT
#include "jci/util/temporary_directory.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace jci {

TemporaryDirectory::TemporaryDirectory(std::string_view purpose) {
  std::string name =
      std::filesystem::temp_directory_path() / fmt::format("jaypore-{}-XXXXXX", purpose);
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::system_category(), name);
  path_ = std::move(name);
}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  std::error_code left;
  std::filesystem::remove_all(path_, left);
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

}  // namespace jci
