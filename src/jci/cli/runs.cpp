// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/history_access.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/history/log_files.hpp"
#include "jci/util/json_values.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using history::JobRow;
using history::RunRow;

struct RunsFlags {
  std::size_t limit = 20;
  bool all = false;
  bool json = false;
};

constexpr std::size_t k_shown_sha = 10;
constexpr std::size_t k_named_jobs = 3;

/// Not skipped ones: they are no cause.
bool is_cause(Status status) { return is_bad(status) && status != Status::skipped; }

std::string failed_jobs(const RunRow& run, const std::vector<JobRow>& jobs) {
  std::vector<std::string_view> names;
  for (const JobRow& job : jobs) {
    if (is_cause(status_in(run, job))) names.push_back(job.name);
  }
  const std::size_t shown = std::min(names.size(), k_named_jobs);
  const std::string more =
      names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "";
  return fmt::format(
      "{}{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      more);
}

std::string local_minute(WallTime at) {
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(std::chrono::system_clock::to_time_t(at)));
}

std::optional<Nanoseconds> duration_of(const RunRow& run) {
  if (run.ended_at) return *run.ended_at - run.started_at;
  if (run.interrupted) return std::nullopt;
  return std::chrono::system_clock::now() - run.started_at;
}

using Row = std::vector<std::string>;

Row header(bool with_repository) {
  Row row = {"   RUN", "STATUS", "SHA", "BRANCH", "STARTED", " TOOK"};
  if (with_repository) row.emplace_back("REPOSITORY");
  row.emplace_back("FAILED JOBS");
  return row;
}

Row row_of(const RunRow& run, const std::vector<JobRow>& jobs, bool with_repository) {
  const auto took = duration_of(run).transform(minutes_seconds).value_or("");
  Row row = {fmt::format("{} {}", dot_of(run), run.info.pipe_id),
             std::string(status_of(run)),
             run.info.sha.substr(0, k_shown_sha) + (run.info.dirty ? "+" : ""),
             sanitize_line(run.info.branch),
             local_minute(run.started_at),
             fmt::format("{:>5}", took)};
  if (with_repository) row.push_back(sanitize_line(run.info.repo_root));
  row.push_back(failed_jobs(run, jobs));
  return row;
}

/// Columns as wide as their widest cell, two spaces between them, nothing behind the last.
std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += pad(row[i], widths[i] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

json::value log_or_null(const fs::path& logs, const JobRow& job) {
  const fs::path log = history::log_path(logs, job.name);
  return fs::exists(log) ? text_or_null(log.string()) : json::value(nullptr);
}

json::object job_json(const RunRow& run, const JobRow& job, const fs::path& logs) {
  const JobState& state = job.state;
  return {{"job", job.name},
          {"stage", job.stage},
          {"is_service", job.is_service},
          {"status", to_string(status_in(run, job))},
          {"outcome", state.outcome ? json::value(describe(*state.outcome)) : json::value(nullptr)},
          {"run_id", text_or_null(state.run_id)},
          {"started_at", timestamp(state.started_at)},
          {"took_ms", milliseconds(state.took)},
          {"report", text_or_null(state.report)},
          {"image_digest", text_or_null(state.image_digest)},
          {"log", log_or_null(logs, job)}};
}

json::object run_json(const RunRow& run, const std::vector<JobRow>& jobs, const fs::path& logs) {
  json::array listed;
  for (const JobRow& job : jobs) listed.push_back(job_json(run, job, logs));
  const RunInfo& info = run.info;
  return {{"v", 1},
          {"run", info.pipe_id},
          {"status", status_of(run)},
          {"sha", text_or_null(info.sha)},
          {"branch", text_or_null(info.branch)},
          {"remote", text_or_null(info.remote)},
          {"subject", text_or_null(info.commit_message)},
          {"executor", text_or_null(info.executor)},
          {"repo_root", text_or_null(info.repo_root)},
          {"config", text_or_null(info.config)},
          {"dirty", info.dirty},
          {"started_at", timestamp(run.started_at)},
          {"ended_at", timestamp(run.ended_at)},
          {"jobs", std::move(listed)}};
}

void show_json(HistoryAccess& history, const std::vector<RunRow>& runs) {
  for (const RunRow& run : runs) {
    fmt::print("{}\n", json::serialize(run_json(run, history.jobs(run), history.logs_of(run))));
  }
}

void show_table(HistoryAccess& history, const std::vector<RunRow>& runs, bool with_repository) {
  std::vector<Row> rows = {header(with_repository)};
  for (const RunRow& run : runs) rows.push_back(row_of(run, history.jobs(run), with_repository));
  fmt::print("{}", table(rows));
}

void show_runs(const RunsFlags& flags) {
  const fs::path here = fs::current_path();
  HistoryAccess history(here);
  if (!flags.all && !history.repository()) {
    throw BadConfig(
        fmt::format("{} lies in no git repository; `--all` shows the runs of all repositories",
                    ticked(here.string())));
  }
  const auto repository = flags.all ? std::nullopt : history.repository();
  const auto runs = history.runs({.repo_root = repository, .limit = flags.limit});
  if (flags.json) {
    show_json(history, runs);
  } else if (runs.empty()) {
    fmt::print(stderr, "no runs yet; `jci run` makes one\n");
  } else {
    show_table(history, runs, flags.all);
  }
}

}  // namespace

void add_runs(CLI::App& app, int& /*exit_code*/) {
  auto flags = std::make_shared<RunsFlags>();
  CLI::App* command = app.add_subcommand("runs", "List this repository's runs, the newest first");
  command->add_option("-n", flags->limit, "At most this many")->capture_default_str();
  command->add_flag("--all", flags->all, "Runs of all repositories");
  command->add_flag("--json", flags->json, "One JSON object per run and line");
  command->footer(
      "INTERRUPTED: the run's process died before its end. `+` behind a SHA: built with "
      "`--dirty`.\n"
      "XDG_STATE_HOME says where the history lies [~/.local/state].");
  command->callback([flags] { show_runs(*flags); });
}

}  // namespace jci::cli
