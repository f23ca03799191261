// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/directory_watch.hpp"
#include "jci/cli/history_access.hpp"
#include "jci/cli/log_printer.hpp"
#include "jci/cli/run_choice.hpp"
#include "jci/core/dot.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/history/log_files.hpp"
#include "jci/history/log_reader.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
using history::JobRow;
using history::LogReader;
using history::RunRow;

struct LogsFlags {
  std::string first;   ///< RUN, or the only word
  std::string second;  ///< JOB
  bool only_stdout = false;
  bool only_stderr = false;
  std::optional<std::size_t> lines;
  bool follow = false;
  bool raw = false;

  std::optional<Stream> only() const {
    if (only_stdout) return Stream::out;
    if (only_stderr) return Stream::err;
    return std::nullopt;
  }
};

// --- Which run, which job ---------------------------------------------------------------------

constexpr std::string_view k_elsewhere = "`jci logs RUN JOB`";

std::string suggestion(HistoryAccess& history, const RunRow& run, const std::string& job) {
  const auto jobs = history.jobs(run);
  std::vector<std::string_view> names;
  for (const JobRow& known : jobs) names.emplace_back(known.name);
  return did_you_mean(job, names);
}

struct Wanted {
  RunRow run;
  std::optional<JobRow> job;
};

Wanted job_of_run(HistoryAccess& history, const std::string& run_prefix, const std::string& name) {
  RunRow run = run_named(history, run_prefix);
  auto jobs = history.jobs(run, clean_name(name));
  if (!jobs.empty()) return {std::move(run), std::move(jobs.front())};
  throw BadConfig(fmt::format("run {} has no job {}{}", ticked(run.info.pipe_id), ticked(name),
                              suggestion(history, run, name)));
}

/// One word: a job of this repository, else a run.
Wanted job_or_run(HistoryAccess& history, const std::string& word) {
  if (history.repository()) {
    if (auto run = newest_run(history, k_elsewhere, clean_name(word))) {
      auto job = history.jobs(*run, clean_name(word)).front();
      return {*std::move(run), std::move(job)};
    }
  }
  if (auto run = find_run(history, word)) return {*std::move(run), std::nullopt};
  const RunRow newest = some_run(history, k_elsewhere);
  throw BadConfig(
      fmt::format("no job and no run {}{}", ticked(word), suggestion(history, newest, word)));
}

Wanted find_wanted(HistoryAccess& history, const LogsFlags& flags) {
  if (flags.first.empty()) return {some_run(history, k_elsewhere), std::nullopt};
  if (flags.second.empty()) return job_or_run(history, flags.first);
  return job_of_run(history, flags.first, flags.second);
}

// --- Showing ----------------------------------------------------------------------------------

void list_jobs(HistoryAccess& history, const RunRow& run) {
  fmt::print("{} {} {} of {}\n", dot_of(run), run.info.pipe_id, status_of(run),
             run.info.sha.substr(0, 10));
  std::error_code none;
  for (const JobRow& job : history.jobs(run)) {
    const auto size = fs::file_size(history::log_path(history.logs_of(run), job.name), none);
    if (none) continue;
    const Status status = status_in(run, job);
    fmt::print("{} {}  {}  {}\n", dot(status), pad(job.name, 15), pad(to_string(status), 9),
               counted(size, "byte"));
  }
}

void print_rest(LogReader& reader, LogPrinter& printer) {
  for (std::string_view bytes; !(bytes = reader.next()).empty();) printer.print(bytes);
}

bool has_ended(HistoryAccess& history, const RunRow& run, const JobRow& job) {
  const auto now = history.runs({.id_prefix = run.info.pipe_id, .limit = 1});
  if (now.empty() || now[0].interrupted || is_final(now[0].status)) return true;
  const auto jobs = history.jobs(run, job.name);
  return jobs.empty() || jobs[0].state.outcome || jobs[0].state.status == Status::skipped;
}

void follow(HistoryAccess& history, const RunRow& run, const JobRow& job, LogReader& reader,
            LogPrinter& printer) {
  DirectoryWatch watch({history.logs_of(run), history.state()});
  for (;;) {
    const bool ended = has_ended(history, run, job);  // asked first: all its output is there then
    reader.refresh();
    print_rest(reader, printer);
    if (ended) return;
    printer.flush();
    // That a process dies changes no file: hence the second.
    watch.wait(std::chrono::seconds(1));
  }
}

void say_that_it_is_silent(const RunRow& run, const JobRow& job) {
  const auto why = job.state.outcome ? ": " + describe(*job.state.outcome) : "";
  fmt::print(stderr, "job {} of run {} has printed nothing ({}{})\n", ticked(job.name),
             ticked(run.info.pipe_id), to_string(status_in(run, job)), why);
}

void show_log(HistoryAccess& history, const RunRow& run, const JobRow& job,
              const LogsFlags& flags) {
  LogReader reader(history.logs_of(run), job.name, flags.only());
  LogPrinter printer(flags.raw || ::isatty(STDOUT_FILENO) == 0);
  if (flags.lines) reader.seek_tail(*flags.lines);
  if (flags.follow) follow(history, run, job, reader, printer);
  print_rest(reader, printer);
  printer.finish();
  if (!reader.exists()) say_that_it_is_silent(run, job);
}

void show_logs(const LogsFlags& flags) {
  HistoryAccess history(fs::current_path());
  const auto [run, job] = find_wanted(history, flags);
  if (job) {
    show_log(history, run, *job, flags);
  } else {
    list_jobs(history, run);
  }
}

}  // namespace

void add_logs(CLI::App& app, int& /*exit_code*/) {
  auto flags = std::make_shared<LogsFlags>();
  CLI::App* command =
      app.add_subcommand("logs", "Show what a job printed: `jci logs JOB` or `jci logs RUN JOB`");
  command->add_option("RUN", flags->first,
                      "The beginning of a run's id or of a commit's [the newest run with the job]");
  command->add_option("JOB", flags->second, "Without it: which jobs have printed something");
  auto* out = command->add_flag("--stdout", flags->only_stdout, "Only what went to stdout");
  command->add_flag("--stderr", flags->only_stderr, "Only what went to stderr")->excludes(out);
  command->add_option("-n,--lines", flags->lines, "Only the last lines");
  command->add_flag("-f,--follow", flags->follow, "Go on until the job has ended");
  command->add_flag("--raw", flags->raw, "Escape sequences as they are, also in a terminal");
  command->callback([flags] { show_logs(*flags); });
}

}  // namespace jci::cli
