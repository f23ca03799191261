// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdlib>
#include <mutex>
#include <string_view>

#include "jci/util/git_handles.hpp"

namespace jci::git {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

int open_raw(git_repository** repository, const std::filesystem::path& start) {
  const auto git_dir = environment("GIT_DIR");
  if (git_dir.empty())
    return git_repository_open_ext(repository, start.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS,
                                   std::string(environment("GIT_CEILING_DIRECTORIES")).c_str());
  const int result = git_repository_open_ext(repository, std::string(git_dir).c_str(),
                                             GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  const auto work_tree = environment("GIT_WORK_TREE");
  if (result < 0 || work_tree.empty()) return result;
  return git_repository_set_workdir(*repository, std::string(work_tree).c_str(), 0);
}

/// The setting is the whole library's: it is off only while this lives.
class OwnerValidationOff {
 public:
  OwnerValidationOff() : lock_(mutex()) { git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0); }
  ~OwnerValidationOff() { git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1); }
  OwnerValidationOff(const OwnerValidationOff&) = delete;
  OwnerValidationOff& operator=(const OwnerValidationOff&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex instance;
    return instance;
  }
  std::lock_guard<std::mutex> lock_;
};

/// `safe.directory` as git-config(1) tells it: `*`, a path, or `path/*`; an empty value forgets the ones before.
/// Read from the user's and the system's files only: a repository must not vouch for itself.
bool is_declared_safe(const std::string& root) {
  const auto config = make<Config>(git_config_open_default);
  const auto values = find<ConfigIterator>(git_config_multivar_iterator_new, config.get(),
                                           "safe.directory", nullptr);
  bool safe = false;
  git_config_entry* entry = nullptr;
  while (values && git_config_next(&entry, values.get()) == 0) {
    const std::string_view value = entry->value;
    if (value.empty())
      safe = false;
    else if (value == "*" || value == root ||
             (value.ends_with("/*") && root.starts_with(value.substr(0, value.size() - 1))))
      safe = true;
  }
  return safe;
}

int open_unvalidated(git_repository** repository, const std::filesystem::path& start) {
  const OwnerValidationOff scope;
  return open_raw(repository, start);
}

void require_declared_safe(const std::filesystem::path& root) {
  if (is_declared_safe(root.string())) return;
  throw Error(
      GIT_EOWNER,
      fmt::format(
          "dubious ownership: the repository `{0}` belongs to another user. If you trust it: "
          "git config --global --add safe.directory {0}",
          root.string()));
}

std::string full_path(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

std::string last_message(int result) {
  const git_error* last = git_error_last();
  return last == nullptr ? fmt::format("libgit2 error {}", result) : last->message;
}

std::string why_not_opened(int result, const std::filesystem::path& start) {
  const auto git_dir = environment("GIT_DIR");
  if (result != GIT_ENOTFOUND)
    return fmt::format("cannot open the git repository of `{}`: {}", full_path(start),
                       last_message(result));
  if (!git_dir.empty())
    return fmt::format("`{}`, which GIT_DIR names, is not a git repository", git_dir);
  return fmt::format(
      "`{}` is not in a git repository: run `git init` there, or change to a directory of your "
      "repository",
      full_path(start));
}

}  // namespace

int check(int result) {
  if (result < 0) throw Error(result, last_message(result));
  return result;
}

void start_libgit2() {
  static const bool started = [] {
    check(git_libgit2_init());
    // It refuses repositories whose format it does not know wholly. These extensions do not change what we read.
    const char* extensions[] = {"worktreeconfig", "partialclone", "preciousobjects",
                                "relativeworktrees"};
    check(git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, std::size(extensions)));
    // Git writes its objects atomically itself; hashing all that is read again costs a tenth of a checkout.
    check(git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0));
    return true;
  }();
  static_cast<void>(started);
}

Repository open_repository(const std::filesystem::path& start) {
  start_libgit2();
  git_repository* raw = nullptr;
  int result = open_raw(&raw, start);
  // Without any git configuration libgit2 1.5 says "not found" of another user's repository, too.
  const bool of_other_owner = result == GIT_EOWNER || result == GIT_ENOTFOUND;
  if (of_other_owner) result = open_unvalidated(&raw, start);
  Repository repository(raw);
  if (result < 0) throw Error(result, why_not_opened(result, start));
  if (of_other_owner) require_declared_safe(root_of(raw));
  return repository;
}

std::filesystem::path root_of(git_repository* repository) {
  const char* directory = git_repository_workdir(repository);
  std::string path = directory != nullptr ? directory : git_repository_path(repository);
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::optional<std::string> setting(git_repository* repository, const char* name) {
  const auto config = make<Config>(git_repository_config_snapshot, repository);
  const char* value = nullptr;
  if (git_config_get_string(&value, config.get(), name) < 0) return std::nullopt;
  return value;
}

std::string to_hex(const git_oid& oid) {
  std::string text(GIT_OID_HEXSZ, '\0');
  git_oid_fmt(text.data(), &oid);
  return text;
}

}  // namespace jci::git
