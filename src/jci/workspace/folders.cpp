// SPDX-License-Identifier: MIT
#include "jci/workspace/folders.hpp"

#include <algorithm>
#include <string_view>

namespace jci::workspace {
namespace {

/// Paths come sorted, so all that is below a directory comes in one go: the open directories form a stack.
class Builder {
 public:
  Builder() : folders_(1), open_{{0, 0}} {}

  void add(const Entry& entry, std::uint32_t index) {
    const std::string_view path = entry.path;
    leave_folders_not_above(path);
    for (auto slash = path.find('/', prefix_size()); slash != path.npos;
         slash = path.find('/', prefix_size()))
      enter(path.substr(prefix_size(), slash - prefix_size()), slash + 1);
    const auto name = path.substr(prefix_size());
    if (entry.kind == Kind::submodule)
      new_folder(name);
    else
      children().push_back({std::string(name), index, false});
    last_path_ = path;
  }

  std::vector<Folder> finish() {
    for (auto& folder : folders_) std::ranges::sort(folder.children, {}, &Folder::Child::name);
    return std::move(folders_);
  }

 private:
  struct Open {
    std::uint32_t folder;
    std::size_t prefix_size;  ///< of the paths below it, with the slash
  };

  std::size_t prefix_size() const { return open_.back().prefix_size; }
  std::vector<Folder::Child>& children() { return folders_[open_.back().folder].children; }

  void leave_folders_not_above(std::string_view path) {
    while (path.substr(0, prefix_size()) != last_path_.substr(0, prefix_size())) open_.pop_back();
  }

  std::uint32_t new_folder(std::string_view name) {
    const auto index = static_cast<std::uint32_t>(folders_.size());
    children().push_back({std::string(name), index, true});
    folders_.emplace_back();
    return index;
  }

  void enter(std::string_view name, std::size_t size) { open_.push_back({new_folder(name), size}); }

  std::vector<Folder> folders_;
  std::vector<Open> open_;
  std::string_view last_path_;
};

}  // namespace

std::vector<Folder> folders_of(const Entries& entries) {
  Builder builder;
  for (std::uint32_t i = 0; i < entries.size(); ++i) builder.add(entries[i], i);
  return builder.finish();
}

}  // namespace jci::workspace
