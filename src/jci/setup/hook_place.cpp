// SPDX-License-Identifier: MIT
#include "jci/setup/hook_place.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jci/setup/git_config.hpp"
#include "jci/setup/hook_managers.hpp"
#include "jci/setup/scripts.hpp"
#include "jci/util/files.hpp"
#include "jci/util/program.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& directory) {
  const fs::path relative =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(directory));
  return !relative.empty() && *relative.begin() != "..";
}

/// Relative where it lies in the repository, for that is how people speak of it.
fs::path shown(const fs::path& root, const fs::path& path) {
  return is_below(path, root) ? path.lexically_relative(root) : path;
}

HookPlace in_lefthook(const fs::path& root, const std::vector<fs::path>& files,
                      const fs::path& hook) {
  HookPlace place;
  if (!is_program(hook) || !is_hook_of_lefthook(contents_of(hook)))
    place.by_hand = "`lefthook install` has git call it";
  const auto is_done = [&](const fs::path& file) { return calls_us(contents_of(root / file)); };
  if (std::ranges::any_of(files, is_done)) return place;
  const fs::path& file = files.front();
  if (file.extension() == ".yml" || file.extension() == ".yaml")
    if (const auto call = call_from_lefthook(contents_of(root / file))) {
      place.changes.emplace_back(AddedBlock{file, call->text, call->at});
      return place;
    }
  place.by_hand = fmt::format(
      "lefthook manages the hooks here: have `pre-push` in `{}` run `cicd/pre-push.sh hook "
      "{{1}} {{2}} # {{files}}`, with `files: echo cicd/pre-push.sh`, as it leaves out what sees "
      "no "
      "files, and with `use_stdin: true`{}",
      file.string(), place.by_hand.empty() ? "" : "; " + place.by_hand);
  return place;
}

HookPlace in_husky(const fs::path& root, const fs::path& script, const fs::path& hook) {
  HookPlace place;
  const std::string text = contents_of(root / script);
  if (calls_us(text)) {
    // all is there
  } else if (fs::exists(root / script)) {
    const Insertion call = call_from_husky(text);
    place.changes.emplace_back(AddedBlock{script, call.text, call.at});
  } else {
    place.changes.emplace_back(NewFile{script, "#!/bin/sh\n" + std::string(k_hook_block), true});
  }
  const bool is_called_by_git = fs::weakly_canonical(root / script) == fs::weakly_canonical(hook);
  if (!is_called_by_git && !is_program(hook))
    place.by_hand = fmt::format("git calls `{}`, which husky has not made: `npx husky` does",
                                shown(root, hook).string());
  return place;
}

HookPlace as_a_file(const fs::path& root, const fs::path& hook) {
  HookPlace place;
  const fs::path path = shown(root, hook);
  if (!fs::exists(hook.parent_path())) place.changes.emplace_back(NewDirectory{path.parent_path()});
  if (fs::exists(hook)) {
    const fs::path before = path.parent_path() / k_hook_before;
    if (fs::exists(root / before)) {
      place.by_hand = fmt::format(
          "`{}` and `{}` are both there: have one of them call `cicd/pre-push.sh hook \"$@\"`",
          path.string(), before.string());
      return place;
    }
    place.changes.emplace_back(Moved{path, before});
  }
  place.changes.emplace_back(NewFile{path, std::string(k_hook), true});
  return place;
}

/// The file that is ours to make: pre-commit calls the one that it found in the place of its own.
fs::path called_file(const fs::path& hook) {
  return is_hook_of_pre_commit(contents_of(hook)) ? hook_file_now(hook) : hook;
}

}  // namespace

HookPlace hook_place(const fs::path& root) {
  const fs::path hook = git_path(root, "hooks/pre-push");
  const fs::path called = called_file(hook);
  if (calls_us(contents_of(called))) {
    if (is_program(called)) return {};
    return {{}, fmt::format("chmod +x {}", shown(root, called).string())};
  }
  if (const auto files = lefthook_files(root); !files.empty())
    return in_lefthook(root, files, hook);
  if (const auto script = husky_script(root, hook)) return in_husky(root, *script, hook);
  if (!is_below(hook, root) && !is_below(hook, git_common_directory(root)))
    return {{},
            fmt::format("`core.hooksPath` points at `{}`, which other repositories use too: add "
                        "`[ ! -x cicd/pre-push.sh ] || cicd/pre-push.sh hook \"$@\"` to its "
                        "`pre-push`",
                        hook.parent_path().string())};
  return as_a_file(root, called);
}

bool hook_calls_us(const fs::path& root) {
  const HookPlace place = hook_place(root);
  return place.changes.empty() && place.by_hand.empty() &&
         is_program(git_path(root, "hooks/pre-push"));
}

}  // namespace jci::setup
