// SPDX-License-Identifier: MIT
#include "jci/executors/docker/listing.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace jci::docker {
namespace {

namespace fs = std::filesystem;

// Another one says nothing about what it lists.
constexpr std::string_view k_version = "jaypore-ci-listing 1";

std::string facts_of(const struct stat& st) {
  const std::string owner = fmt::format("{:o} {} {}", st.st_mode, st.st_uid, st.st_gid);
  if (S_ISDIR(st.st_mode)) return "0 " + owner;
  return fmt::format("{} {} {}.{:09} {}.{:09} {}", st.st_size, owner, st.st_mtim.tv_sec,
                     st.st_mtim.tv_nsec, st.st_ctim.tv_sec, st.st_ctim.tv_nsec, st.st_ino);
}

void list_into(Listing& listing, const fs::path& directory, const std::string& name) {
  const fs::path path = name.empty() ? directory : directory / name;
  struct stat st{};
  if (::lstat(path.c_str(), &st) != 0) {
    if (errno == ENOENT && !name.empty()) return;
    throw fs::filesystem_error("cannot look at it", path,
                               std::error_code(errno, std::generic_category()));
  }
  if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode)) return;
  listing.emplace(name, facts_of(st));
  if (!S_ISDIR(st.st_mode)) return;
  std::error_code error;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string child = entry->path().filename().native();
    list_into(listing, directory, name.empty() ? child : fmt::format("{}/{}", name, child));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    throw fs::filesystem_error("cannot list it", path, error);
}

/// Up to the next NUL, which is taken as well.
std::optional<std::string> take(std::string_view& text) {
  const auto end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string taken(text.substr(0, end));
  text.remove_prefix(end + 1);
  return taken;
}

}  // namespace

Listing list_directory(const fs::path& directory) {
  Listing listing;
  list_into(listing, directory, "");
  return listing;
}

std::uint64_t bytes_of(const Listing& listing) {
  std::uint64_t all = 0;
  for (const auto& [path, facts] : listing) {
    std::uint64_t size = 0;  // is what the facts begin with
    std::from_chars(facts.data(), facts.data() + facts.size(), size);
    all += size;
  }
  return all;
}

std::string to_text(const Listing& listing) {
  std::string text(k_version);
  text += '\0';
  for (const auto& [path, facts] : listing) text.append(path).append(1, '\0').append(facts) += '\0';
  return text;
}

std::optional<Listing> read_listing(std::string_view text) {
  if (take(text) != k_version) return std::nullopt;
  Listing listing;
  while (!text.empty()) {
    auto path = take(text);
    auto facts = take(text);
    if (!path || !facts) return std::nullopt;
    listing.insert_or_assign(std::move(*path), std::move(*facts));
  }
  return listing;
}

Difference difference(const Listing& now, const Listing& before) {
  Difference difference;
  for (const auto& [path, facts] : now)
    if (const auto known = before.find(path); known == before.end() || known->second != facts)
      difference.changed.push_back(path);
  for (const auto& [path, facts] : before)
    if (!now.contains(path)) difference.gone.push_back(path);
  return difference;
}

}  // namespace jci::docker
