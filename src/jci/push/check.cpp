// SPDX-License-Identifier: MIT
#include "jci/push/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <tuple>
#include <utility>

#include "jci/core/config_files.hpp"
#include "jci/core/errors.hpp"
#include "jci/history/record.hpp"
#include "jci/history/sweep.hpp"
#include "jci/repos/git.hpp"
#include "jci/run/pipe_id.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/text.hpp"

namespace jci::push {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_reports = "refs/jayporeci/";
constexpr std::size_t k_runs_looked_at = 200;

// What a Mock passed has never run, and a working tree is not what is pushed.
bool says_something(const history::RunRow& run) {
  return !run.info.dirty && run.info.executor != "mock" &&
         std::ranges::find(k_config_files, run.info.config) != k_config_files.end();
}

}  // namespace

std::vector<Check> checks_of(const fs::path& root, const std::vector<PushedRef>& refs) {
  std::vector<Check> checks;
  for (const PushedRef& ref : refs) {
    if (is_deletion(ref) || ref.remote_ref.starts_with(k_reports)) continue;
    const std::string& id = ref.local_id;
    auto found = git_object_ids(
        root, {id + "^{commit}", id + "^{tree}", id + "^{commit}:" + k_config_files[0],
               id + "^{commit}:" + k_config_files[1], id});
    if (!found[4])
      throw BadConfig(
          fmt::format("what is pushed, {}, is not in the repository `{}`", id, root.string()));
    const auto& [commit, tree] = std::tie(found[0], found[1]);
    if (!commit || !tree || (!found[2] && !found[3])) continue;
    if (std::ranges::find(checks, *commit, &Check::sha) != checks.end()) continue;
    checks.push_back({*commit, *tree, branch_of(ref)});
  }
  return checks;
}

std::optional<history::RunRow> run_that_passed(const fs::path& state, const fs::path& root,
                                               const std::string& tree) {
  const fs::path file = history::database_file(state);
  if (!fs::exists(file)) return std::nullopt;
  history::Store store(file);
  auto runs = store.runs(
      {.repo_root = history::repo_key(root), .status = Status::passed, .limit = k_runs_looked_at});
  std::erase_if(runs, [](const history::RunRow& run) { return !says_something(run); });
  std::vector<std::string> expressions;
  for (const history::RunRow& run : runs) expressions.push_back(run.info.sha + "^{tree}");
  const auto trees = git_object_ids(root, expressions);
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (trees[i] == tree) return std::move(runs[i]);
  return std::nullopt;
}

void record_skipped(const fs::path& root, const Check& check) {
  const auto repo = open_git_repo(root, check.sha);
  auto began = std::make_unique<history::RunBegan>();
  began->info = {.pipe_id = run::new_pipe_id(),
                 .sha = repo->sha(),
                 .branch = check.branch.empty() ? repo->branch() : check.branch,
                 .remote = repo->remote(),
                 .commit_message = repo->commit_message(),
                 .executor = {},
                 .repo_root = repo->root(),
                 .workspace = {},
                 .config = {}};
  const auto now = std::chrono::system_clock::now();
  began->at = now;
  std::vector<history::Record> records;
  records.emplace_back(std::move(began));
  records.emplace_back(history::RunEnded{.status = Status::skipped, .at = now});
  history::Store(history::database_file(state_directory())).write(records);
}

std::string shown(const Check& check) {
  const std::string sha = check.sha.substr(0, 10);
  return check.branch.empty() ? sha : fmt::format("{} ({})", sha, sanitize_line(check.branch));
}

}  // namespace jci::push
