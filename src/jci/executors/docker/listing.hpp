// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jci::docker {

/// What is in a directory: by path ("" is the directory itself) what kind it is, and what tells whether it is still the same: of files and links
/// that is also the ctime, which nobody can set.
using Listing = std::map<std::string, std::string, std::less<>>;

/// Files, directories and symbolic links; nothing else. What vanishes meanwhile is left out. Throws std::filesystem::filesystem_error.
Listing list_directory(const std::filesystem::path& directory);

/// Of all its files.
std::uint64_t bytes_of(const Listing& listing);

/// A text to keep, and what it says; nothing where it is damaged.
std::string to_text(const Listing& listing);
std::optional<Listing> read_listing(std::string_view text);

/// What a copy of an earlier listing lacks. Parents before what is in them.
struct Difference {
  std::vector<std::string> changed;  ///< or new
  std::vector<std::string> gone;
  bool empty() const { return changed.empty() && gone.empty(); }
};
Difference difference(const Listing& now, const Listing& before);

}  // namespace jci::docker
