// SPDX-License-Identifier: MIT
#include "jci/cli/run_choice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"

namespace jci::cli {

using history::RunRow;

namespace {

std::vector<std::string> ids_of(const std::vector<RunRow>& runs) {
  std::vector<std::string> ids;
  for (const RunRow& run : runs) ids.push_back(run.info.pipe_id);
  return ids;
}

std::vector<RunRow> newest_of_each_sha(std::vector<RunRow> runs) {
  std::vector<RunRow> kept;
  for (RunRow& run : runs) {
    const auto same = [&](const RunRow& other) { return other.info.sha == run.info.sha; };
    if (std::ranges::none_of(kept, same)) kept.push_back(std::move(run));
  }
  return kept;
}

/// Those meant by the beginning of a run's id, else by the beginning of a commit's: of a commit the newest run.
std::vector<RunRow> meant_by(const std::string& prefix, std::vector<RunRow> found) {
  const auto exact =
      std::ranges::find(found, prefix, [](const RunRow& run) { return run.info.pipe_id; });
  if (exact != found.end()) return {*exact};
  std::vector<RunRow> by_id;
  std::ranges::copy_if(found, std::back_inserter(by_id),
                       [&](const RunRow& run) { return run.info.pipe_id.starts_with(prefix); });
  return by_id.empty() ? newest_of_each_sha(std::move(found)) : by_id;
}

}  // namespace

std::optional<RunRow> find_run(HistoryAccess& history, const std::string& prefix) {
  auto found = history.runs({.repo_root = history.repository(), .id_prefix = prefix});
  if (found.empty()) found = history.runs({.id_prefix = prefix});
  auto meant = meant_by(prefix, std::move(found));
  if (meant.size() > 1) {
    throw BadConfig(fmt::format("{} may be any of the runs {}; say more of it", ticked(prefix),
                                fmt::join(ids_of(meant), ", ")));
  }
  if (meant.empty()) return std::nullopt;
  return std::move(meant.front());
}

RunRow run_named(HistoryAccess& history, const std::string& prefix) {
  if (auto run = find_run(history, prefix)) return *std::move(run);
  throw BadConfig(fmt::format("no run {}; `jci runs` lists them", ticked(prefix)));
}

std::optional<RunRow> newest_run(HistoryAccess& history, std::string_view elsewhere,
                                 const std::optional<std::string>& job) {
  if (!history.repository()) {
    throw BadConfig(fmt::format("{} lies in no git repository; {} works anywhere",
                                ticked(std::filesystem::current_path().string()), elsewhere));
  }
  auto runs = history.runs({.repo_root = history.repository(), .has_job = job, .limit = 1});
  if (runs.empty()) return std::nullopt;
  return std::move(runs.front());
}

RunRow some_run(HistoryAccess& history, std::string_view elsewhere) {
  if (auto run = newest_run(history, elsewhere)) return *std::move(run);
  throw BadConfig("no runs yet; `jci run` makes one");
}

}  // namespace jci::cli
