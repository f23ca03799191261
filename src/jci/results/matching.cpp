// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <system_error>

#include "jci/results/results.hpp"

namespace jci::results {
namespace {

namespace fs = std::filesystem;

using Parts = std::vector<std::string>;

Parts parts_of(std::string_view pattern) {
  Parts parts;
  for (const fs::path& part : fs::path(pattern))
    if (!part.empty() && part != ".") parts.push_back(part.string());
  return parts;
}

/// Goes down only where the pattern does.
class Search {
 public:
  Search(const fs::path& top, const Parts& parts) : top_(top), parts_(parts) {}

  std::vector<fs::path> run() {
    look_into({}, 0);
    std::ranges::sort(found_);
    found_.erase(std::ranges::unique(found_).begin(), found_.end());
    return std::move(found_);
  }

 private:
  void look_into(const fs::path& directory, std::size_t part) {
    if (part == parts_.size()) return;
    if (parts_[part] == "**") look_into(directory, part + 1);  // none
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(
             top_ / directory, fs::directory_options::skip_permission_denied, unreadable))
      look_at(entry, directory / entry.path().filename(), part);
  }

  void look_at(const fs::directory_entry& entry, const fs::path& name, std::size_t part) {
    std::error_code gone;
    const fs::file_type type = entry.symlink_status(gone).type();
    if (type == fs::file_type::directory) {
      if (parts_[part] == "**")
        look_into(name, part);
      else if (fits(part, name))
        look_into(name, part + 1);
    } else if (type == fs::file_type::regular && part + 1 == parts_.size() &&
               parts_[part] != "**" && fits(part, name)) {
      found_.push_back(name);
    }
  }

  // As shells do: `*` does not begin with a dot.
  bool fits(std::size_t part, const fs::path& name) const {
    return ::fnmatch(parts_[part].c_str(), name.filename().c_str(), FNM_PERIOD) == 0;
  }

  const fs::path& top_;
  const Parts& parts_;
  std::vector<fs::path> found_;
};

}  // namespace

std::vector<fs::path> matching(const fs::path& directory, std::string_view pattern) {
  const Parts parts = parts_of(pattern);
  return Search(directory, parts).run();
}

Literal literal_part(const fs::path& pattern) {
  Literal literal;
  for (const fs::path& part : pattern.lexically_normal().relative_path()) {
    if (part == "..")
      throw std::runtime_error(fmt::format("`{}` leads out of the Workspace", pattern.native()));
    if (part.native().find_first_of("*?[") != std::string::npos) return literal;
    literal.above /= part;
  }
  literal.file = literal.above.filename().native();
  literal.above.remove_filename();
  return literal;
}

}  // namespace jci::results
