// SPDX-License-Identifier: MIT
#include "jci/run/past.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>

#include "jci/history/store.hpp"
#include "jci/history/sweep.hpp"
#include "jci/repos/git.hpp"
#include "jci/results/results.hpp"

namespace jci::run {
namespace {

// Runs that were interrupted, or whose job did not get so far, are passed over; not for ever.
constexpr std::size_t k_runs = 100;
// For whoever else opens the History: this run's own recorder, as a rule, at the same moment.
constexpr std::chrono::milliseconds k_patience{50};

bool measures_coverage(const Job& job) {
  return results::are_wanted(job) && !results::wanted_by(job).coverage.empty();
}

std::optional<double> last_coverage(history::Store& store, const history::RunQuery& query) {
  for (const history::RunRow& run : store.runs(query))
    for (const history::JobRow& job : store.jobs(run, query.has_job))
      if (job.state.coverage) return job.state.coverage->percent;
  return std::nullopt;
}

}  // namespace

std::optional<Status> status_before(const std::filesystem::path& state_directory, const Repo& repo,
                                    const std::string& pipe_id) {
  try {
    history::Store store(history::database_file(state_directory));
    const history::RunQuery query{
        .repo_root = history::repo_key(repo.root()), .limit = k_runs, .branch = repo.branch()};
    for (const history::RunRow& run : store.runs(query))
      if (run.info.pipe_id != pipe_id && is_final(run.status)) return run.status;
  } catch (const history::StoreFailed&) {
    return std::nullopt;
  }
  return std::nullopt;
}

std::string executor_before(const std::filesystem::path& state_directory,
                            const std::filesystem::path& repo_root, const std::string& config) {
  try {
    const std::filesystem::path file = history::database_file(state_directory);
    if (!std::filesystem::exists(file)) return {};
    history::Store store(file, k_patience);
    const history::RunQuery query{.repo_root = history::repo_key(repo_root), .limit = k_runs};
    for (const history::RunRow& run : store.runs(query))
      if (run.info.config == config) return run.info.executor;
  } catch (const std::exception&) {
    // Knowing it makes a run faster, and nothing else.
  }
  return {};
}

std::map<std::string, Nanoseconds> times_before(const std::filesystem::path& state_directory,
                                                const RunInfo& info) {
  std::map<std::string, Nanoseconds> times;
  try {
    history::Store store(history::database_file(state_directory), k_patience);
    const history::RunQuery query{.repo_root = history::repo_key(info.repo_root), .limit = k_runs};
    for (const history::RunRow& run : store.runs(query)) {
      const bool is_alike = run.info.config == info.config && run.info.executor == info.executor;
      if (!is_alike || !is_final(run.status)) continue;
      for (const history::JobRow& job : store.jobs(run))
        if (job.state.status == Status::passed && job.state.took)
          times.emplace(job.name, *job.state.took);
      break;
    }
  } catch (const std::exception&) {
    // Knowing it makes a run faster, and nothing else.
  }
  return times;
}

std::map<std::string, double> coverage_before(const std::filesystem::path& state_directory,
                                              const Repo& repo, const Pipeline& pipeline) {
  std::map<std::string, double> before;
  if (std::ranges::none_of(pipeline.jobs(), measures_coverage) || repo.root().empty())
    return before;
  try {
    history::RunQuery query{.repo_root = history::repo_key(repo.root()),
                            .limit = k_runs,
                            .branch = target_branch(repo)};
    history::Store store(history::database_file(state_directory));
    for (const Job& job : pipeline.jobs()) {
      if (!measures_coverage(job)) continue;
      query.has_job = job.name;
      if (const auto percent = last_coverage(store, query)) before.emplace(job.name, *percent);
    }
  } catch (const std::exception&) {
    // A comparison is a nicety: no run ends for the want of one.
  }
  return before;
}

}  // namespace jci::run
