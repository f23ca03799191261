// SPDX-License-Identifier: MIT
#include "jci/executors/docker/git_objects.hpp"

#include <sstream>
#include <string>
#include <system_error>

#include "jci/util/files.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;

constexpr int k_deepest = 5;  // as git itself follows them

void add_borrowed(const fs::path& objects, int depth, std::set<fs::path>& found) {
  std::istringstream lines(contents_of(objects / "info/alternates"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    fs::path directory = (objects / line).lexically_normal();  // a line may be relative
    if (!directory.has_filename()) directory = directory.parent_path();
    std::error_code error;
    if (!fs::is_directory(directory, error) || !found.insert(directory).second) continue;
    if (depth < k_deepest) add_borrowed(directory, depth + 1, found);
  }
}

}  // namespace

std::set<fs::path> borrowed_objects(const fs::path& work_tree) {
  std::set<fs::path> found;
  add_borrowed(work_tree / ".git/objects", 1, found);
  return found;
}

}  // namespace jci::docker
