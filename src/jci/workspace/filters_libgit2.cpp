// SPDX-License-Identifier: MIT
#include "jci/workspace/filters_libgit2.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include "jci/util/files.hpp"

namespace jci::workspace {
namespace {

std::string attributes_file_of_user(git_repository* repository) {
  const auto config = git::make<git::Config>(git_repository_config_snapshot, repository);
  git::Buffer path;
  if (git_config_get_path(&path, config.get(), "core.attributesfile") == 0) return path.ptr;
  if (const char* xdg = std::getenv("XDG_CONFIG_HOME"); xdg != nullptr && *xdg != '\0')
    return std::string(xdg) + "/git/attributes";
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home) + "/.config/git/attributes";
}

/// Sums up the settings, and whether any of them asks for a change of content.
class Fingerprint {
 public:
  explicit Fingerprint(git_repository* repository) : repository_(repository) {
    const auto autocrlf = git::setting(repository, "core.autocrlf").value_or("");
    const auto eol = git::setting(repository, "core.eol").value_or("");
    text_becomes_crlf_ = eol == "crlf";
    asks_ = autocrlf == "true" || autocrlf == "yes" || autocrlf == "on" || autocrlf == "1";
    add(autocrlf);
    add(eol);
  }

  void add_attributes(std::string_view text) {
    // Where none of these words occurs, no attribute changes what is checked out.
    static constexpr std::array<std::string_view, 3> words{"crlf", "ident",
                                                           "working-tree-encoding"};
    const auto occurs = [text](std::string_view word) { return text.find(word) != text.npos; };
    asks_ = asks_ || std::ranges::any_of(words, occurs) || (text_becomes_crlf_ && occurs("text"));
    add(text);
  }

  void add_attributes_of(const Entry& entry) {
    add(entry.path);
    if (entry.kind == Kind::link) return;  // git does not follow it either
    if (entry.from_worktree)
      return add_attributes(contents_of(git_repository_workdir(repository_) + entry.path));
    git_oid oid;
    git::check(git_oid_fromraw(&oid, entry.blob.data()));
    const auto blob = git::make<git::Blob>(git_blob_lookup, repository_, &oid);
    add_attributes({static_cast<const char*>(git_blob_rawcontent(blob.get())),
                    static_cast<std::size_t>(git_blob_rawsize(blob.get()))});
  }

  std::uint64_t value() const { return asks_ ? sum_ | 1 : 0; }

 private:
  void add(std::string_view text) {
    sum_ = (sum_ ^ std::hash<std::string_view>()(text)) * 0x9e3779b97f4a7c15;
  }

  git_repository* repository_;
  bool text_becomes_crlf_ = false;
  bool asks_ = false;
  std::uint64_t sum_ = 0;
};

bool is_attributes_file(std::string_view path) {
  constexpr std::string_view name = ".gitattributes";
  return path.ends_with(name) &&
         (path.size() == name.size() || path[path.size() - name.size() - 1] == '/');
}

}  // namespace

std::uint64_t filter_fingerprint(git_repository* repository, const Entries& entries) {
  Fingerprint fingerprint(repository);
  fingerprint.add_attributes(contents_of("/etc/gitattributes"));
  fingerprint.add_attributes(contents_of(attributes_file_of_user(repository)));
  fingerprint.add_attributes(
      contents_of(std::string(git_repository_commondir(repository)) + "info/attributes"));
  for (const auto& entry : entries)
    if (is_attributes_file(entry.path)) fingerprint.add_attributes_of(entry);
  return fingerprint.value();
}

}  // namespace jci::workspace
