// SPDX-License-Identifier: MIT
#pragma once

#include "jci/util/tar.hpp"

namespace jci::tar {

/// What libjci_archive.so gives to this room: the bodies of the functions of the same names.
struct TarModule {
  std::expected<void, std::string> (*pack)(const Parcel& parcel, int to);
  std::vector<std::string> (*unpack)(int from, const std::filesystem::path& directory);
  std::optional<std::string> (*first_file)(std::string_view archive, std::size_t max_bytes);
};

}  // namespace jci::tar

extern "C" const jci::tar::TarModule jci_util_tar;
