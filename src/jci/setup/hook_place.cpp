// SPDX-License-Identifier: MIT
#include "jci/setup/hook_place.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "jci/setup/git_config.hpp"
#include "jci/setup/scripts.hpp"
#include "jci/util/files.hpp"
#include "jci/util/program.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_pre_push = "pre-push";
constexpr std::array k_lefthook_files = {"lefthook.yml",   "lefthook.yaml", ".lefthook.yml",
                                         ".lefthook.yaml", "lefthook.toml", "lefthook.json"};

bool is_below(const fs::path& path, const fs::path& directory) {
  const fs::path relative =
      fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(directory));
  return !relative.empty() && *relative.begin() != "..";
}

std::optional<fs::path> lefthook_file(const fs::path& root) {
  for (const char* const name : k_lefthook_files)
    if (fs::exists(root / name)) return name;
  return std::nullopt;
}

/// husky has `core.hooksPath` point at `.husky/_` (at `.husky` before version 9); the user's own scripts lie in `.husky`.
std::optional<fs::path> husky_script(const fs::path& root, const fs::path& hook) {
  for (fs::path part = hook.parent_path(); part.has_relative_path(); part = part.parent_path())
    if (part.filename() == ".husky" && is_below(part, root))
      return (part / k_pre_push).lexically_relative(root);
  return std::nullopt;
}

// What lefthook hands to a command: git's arguments, and its standard input.
constexpr std::string_view k_lefthook_block = R"(
pre-push:
  commands:
    jaypore-ci:
      run: cicd/pre-push.sh hook {1} {2}
      use_stdin: true
)";

HookPlace in_lefthook(const fs::path& root, const fs::path& file) {
  const std::string text = "\n" + contents_of(root / file);
  if (calls_us(text)) return {};
  const std::string name = file.extension();
  if ((name == ".yml" || name == ".yaml") && !text.contains("\npre-push:"))
    return {{AddedBlock{file, std::string(k_lefthook_block)}}, {}};
  return {{},
          fmt::format("lefthook manages the hooks here: have `pre-push` in `{}` run "
                      "`cicd/pre-push.sh hook {{1}} {{2}}`, with `use_stdin: true`",
                      file.string())};
}

HookPlace in_husky(const fs::path& root, const fs::path& script) {
  if (calls_us(contents_of(root / script))) return {};
  if (fs::exists(root / script)) return {{AddedBlock{script, std::string(k_hook_block), true}}, {}};
  return {{NewFile{script, "#!/bin/sh\n" + std::string(k_hook_block), true}}, {}};
}

/// Relative where it lies in the repository, for that is how people speak of it.
fs::path shown(const fs::path& root, const fs::path& path) {
  return is_below(path, root) ? path.lexically_relative(root) : path;
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

}  // namespace

HookPlace hook_place(const fs::path& root) {
  const fs::path hook = git_path(root, "hooks/pre-push");
  if (const auto file = lefthook_file(root)) return in_lefthook(root, *file);
  if (const auto script = husky_script(root, hook)) return in_husky(root, *script);
  if (calls_us(contents_of(hook))) return {};
  if (!is_below(hook, root) && !is_below(hook, git_common_directory(root)))
    return {{},
            fmt::format("`core.hooksPath` points at `{}`, which other repositories use too: add "
                        "`[ ! -x cicd/pre-push.sh ] || cicd/pre-push.sh hook \"$@\"` to its "
                        "`pre-push`",
                        hook.parent_path().string())};
  return as_a_file(root, hook);
}

bool hook_calls_us(const fs::path& root) {
  const fs::path hook = git_path(root, "hooks/pre-push");
  if (const auto file = lefthook_file(root))
    return calls_us(contents_of(root / *file)) && is_program(hook);
  if (const auto script = husky_script(root, hook)) return calls_us(contents_of(root / *script));
  return calls_us(contents_of(hook)) && is_program(hook);
}

}  // namespace jci::setup
