// SPDX-License-Identifier: MIT
#include "jci/remotes/headline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <vector>

#include "jci/core/dot.hpp"
#include "jci/repos/remote_url.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::size_t k_sha_characters = 8;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char sign) {
    return sign >= 'A' && sign <= 'Z' ? static_cast<char>(sign + 32) : sign;
  });
  return result;
}

std::string name_of(const Repo& repo) {
  if (const auto url = parse_remote_url(repo.remote())) return url->name;
  std::filesystem::path root = repo.root();
  if (root.filename() == ".git" || !root.has_filename()) root = root.parent_path();
  return root.empty() ? "repository" : root.filename().string();
}

std::string jobs_that_failed(const std::vector<std::string>& failed) {
  constexpr std::size_t most = 3;
  const auto named = std::span(failed).first(std::min(failed.size(), most));
  return fmt::format("{}{} failed", fmt::join(named, ", "),
                     failed.size() > most ? fmt::format(" and {} more", failed.size() - most) : "");
}

/// Of the jobs of a view.
struct Count {
  explicit Count(const PipelineView& view) {
    for (const StageView& stage : view.stages) {
      for (const JobView& job : stage.jobs) {
        ++all;
        if (is_final(job.status)) ++ended;
        if (job.status == Status::passed) ++passed;
        if (is_bad(job.status) && job.status != Status::skipped) failed.push_back(job.name);
      }
    }
  }

  std::size_t all = 0;
  std::size_t ended = 0;
  std::size_t passed = 0;
  std::vector<std::string> failed;
};

}  // namespace

std::string build_title(const Repo& repo) {
  const std::string& branch = repo.branch();
  return sanitize_line(fmt::format("{} [{}{}{}]", name_of(repo), branch, branch.empty() ? "" : " ",
                                   repo.sha().substr(0, k_sha_characters)));
}

std::string headline(const PipelineView& view, std::string_view title) {
  return fmt::format("{} {} {}: {}", dot(view.status), to_string(view.status), title,
                     describe(view));
}

std::string describe(const PipelineView& view) {
  const Count jobs(view);
  if (jobs.all == 0) return lower(to_string(view.status));
  if (!is_final(view.status))
    return fmt::format("{} of {} done", jobs.ended, counted(jobs.all, "job"));
  const std::string took = human_duration(view.elapsed);
  if (view.status == Status::passed)
    return fmt::format("{} passed in {}", counted(jobs.all, "job"), took);
  const std::string passed =
      fmt::format("{} of {} passed in {}", jobs.passed, counted(jobs.all, "job"), took);
  if (jobs.failed.empty()) return fmt::format("{}; {}", lower(to_string(view.status)), passed);
  return fmt::format("{}; {}", jobs_that_failed(jobs.failed), passed);
}

std::string describe(const JobView& job) {
  if (!is_final(job.status) || job.status == Status::skipped) return lower(to_string(job.status));
  const std::string how = job.status == Status::passed || !job.outcome
                              ? lower(to_string(job.status))
                              : describe(*job.outcome);
  if (!job.elapsed) return how;
  return fmt::format("{} {} {}", how, job.status == Status::passed ? "in" : "after",
                     human_duration(*job.elapsed));
}

}  // namespace jci
