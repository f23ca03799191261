// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jci::setup {

// What other programs that manage hooks do to a repository.

/// A place in a text, and what is to be put there.
struct Insertion {
  std::size_t at = 0;
  std::string text;
};

/// Where the file of a hook is by now: pre-commit and lefthook rename one that they find in the place of theirs, and put it back when they
/// are uninstalled. `hook`: where it lay, or lies.
std::filesystem::path hook_file_now(const std::filesystem::path& hook);

bool is_hook_of_pre_commit(std::string_view hook);
bool is_hook_of_lefthook(std::string_view hook);

/// lefthook's files at `root`, relative to it, the one that counts first; none where it is not used.
std::vector<std::filesystem::path> lefthook_files(const std::filesystem::path& root);

/// Has `pre-push` in a lefthook.yml call us, beside what it does already; nothing where the file is written in a way that only its owner can
/// judge.
std::optional<Insertion> call_from_lefthook(std::string_view yaml);

/// The user's own script that husky runs, relative to `root`, if the file `hook` that git calls is one of husky's.
std::optional<std::filesystem::path> husky_script(const std::filesystem::path& root,
                                                  const std::filesystem::path& hook);

/// Has a script that husky runs call us, before what it does already.
Insertion call_from_husky(std::string_view script);

}  // namespace jci::setup
