// SPDX-License-Identifier: MIT
#include "jci/history/store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "jci/history/results.hpp"
#include "jci/history/schema.hpp"
#include "jci/history/sqlite.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

constexpr std::string_view k_interrupted = "INTERRUPTED";

std::int64_t to_micros(WallTime at) {
  return std::chrono::duration_cast<microseconds>(at.time_since_epoch()).count();
}

WallTime from_micros(std::int64_t at) { return WallTime(microseconds(at)); }

std::optional<std::int64_t> to_micros(const std::optional<WallTime>& at) {
  return at.transform([](WallTime time) { return to_micros(time); });
}

std::optional<WallTime> from_micros(const std::optional<std::int64_t>& at) {
  return at.transform([](std::int64_t time) { return from_micros(time); });
}

std::optional<std::int64_t> nanoseconds(const std::optional<Nanoseconds>& duration) {
  return duration.transform([](Nanoseconds it) { return std::int64_t{it.count()}; });
}

std::optional<Nanoseconds> nanoseconds(const std::optional<std::int64_t>& count) {
  return count.transform([](std::int64_t it) { return Nanoseconds(it); });
}

Status status_in(std::string_view column) { return status_named(column).value_or(Status::pending); }

/// An Outcome as its three columns.
struct OutcomeColumns {
  std::optional<std::string_view> kind = std::nullopt;
  std::optional<int> code = std::nullopt;
  std::optional<std::string_view> reason = std::nullopt;
};

OutcomeColumns columns_of(const Outcome& outcome) {
  OutcomeColumns columns{.kind = kind_of(outcome)};
  if (const auto* exited = std::get_if<Exited>(&outcome)) columns.code = exited->code;
  if (const auto* killed = std::get_if<Signaled>(&outcome)) columns.code = killed->signal;
  if (const auto* failure = std::get_if<CouldNotStart>(&outcome)) columns.reason = failure->reason;
  if (const auto* loss = std::get_if<Lost>(&outcome)) columns.reason = loss->reason;
  return columns;
}

std::optional<Outcome> outcome_from(std::string_view kind, int code, std::string reason) {
  if (kind == "exited") return Exited{code};
  if (kind == "signaled") return Signaled{code};
  if (kind == "timed_out") return TimedOut{};
  if (kind == "cancelled") return Cancelled{};
  if (kind == "could_not_start") return CouldNotStart{std::move(reason)};
  if (kind == "lost") return Lost{std::move(reason)};
  return std::nullopt;
}

std::string to_json(const std::vector<JobId>& jobs) {
  return fmt::format("[{}]", fmt::join(jobs, ","));
}

std::vector<JobId> from_json(std::string_view text) {
  std::vector<JobId> jobs;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; ++at) {  // `at` stands on '[' or ','
    JobId job = 0;
    const auto [next, error] = std::from_chars(at + 1, end, job);
    if (error != std::errc()) break;
    jobs.push_back(job);
    at = next - 1;
  }
  return jobs;
}

std::string_view subject_of(std::string_view message) {
  return message.substr(0, message.find('\n'));
}

bool has_prefix_form(std::string_view prefix) {
  return prefix.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == prefix.npos;
}

/// Of two that open a new history at once SQLite has one fail, without the wait that it keeps to otherwise.
void keep_write_ahead_log(Database& database, std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  constexpr auto between_tries = std::chrono::milliseconds(1);
  for (const auto deadline = Clock::now() + patience;;) {
    try {
      return database.execute("PRAGMA journal_mode = WAL;");
    } catch (const SqlError& error) {
      if (!error.busy() || Clock::now() >= deadline) throw;
    }
    std::this_thread::sleep_for(between_tries);  // the other one says nothing when it is done
  }
}

}  // namespace

std::string repo_key(const fs::path& root) {
  if (root.empty()) return {};
  std::error_code error;
  fs::path key = fs::weakly_canonical(root, error);
  if (error) key = root.lexically_normal();
  if (!key.has_filename() && key != key.root_path()) key = key.parent_path();
  return key.string();
}

struct Store::Impl {
  Impl(fs::path path, std::chrono::milliseconds patience)
      : file(std::move(path)), database(file, patience) {
    // NORMAL: what is committed survives the death of any process; a power cut may take the newest.
    keep_write_ahead_log(database, patience);
    database.execute("PRAGMA synchronous = NORMAL;");
    // A short log: who comes next has to read it first.
    database.execute("PRAGMA wal_autocheckpoint = 256;");
    migrate(database, schema_steps());
    statements.emplace(database);
  }

  void write(const std::unique_ptr<RunBegan>& began) {
    const RunInfo& info = began->info;
    statements->begin_run.run(info.pipe_id, repo_key(info.repo_root), info.sha, info.branch,
                              info.remote, subject_of(info.commit_message), info.executor,
                              info.config, info.workspace, info.dirty, to_micros(began->at),
                              to_string(Status::running), info.author_name, info.author_email);
    run = database.last_row_id();
    for (const DeclaredJob& job : began->jobs) declare(job, began->stages[job.stage]);
  }

  void declare(const DeclaredJob& job, std::string_view stage) {
    const Settings& settings = *job.settings;
    statements->declare_job.run(run, job.id, job.name, stage, std::string_view(image_of(settings)),
                                settings.is_service.value_or(false), to_json(job.depends_on),
                                to_string(Status::pending));
  }

  static std::string image_of(const Settings& settings) {
    return settings.image.value_or(std::string(k_default_image));
  }

  void write(const JobBegan& began) {
    statements->begin_job.run(run, began.job, to_string(Status::running), began.run_id,
                              to_micros(began.at));
  }

  void write(const ServiceCameUp& up) {
    statements->service_up.run(run, up.job, to_string(Status::passed));
  }

  void write(const JobEnded& ended) {
    const JobState& state = ended.state;
    OutcomeColumns outcome;
    if (state.outcome) outcome = columns_of(*state.outcome);
    statements->end_job.run(run, ended.job, to_string(state.status), outcome.kind, outcome.code,
                            outcome.reason, state.run_id, to_micros(state.started_at),
                            nanoseconds(state.took), state.report, state.image_digest,
                            nanoseconds(state.up_after), results_to_text(state));
  }

  void write(const RunEnded& ended) {
    statements->end_run.run(run, to_string(ended.status), to_micros(ended.at));
  }

  struct Statements {
    explicit Statements(Database& db)
        : begin_run(db.prepare("INSERT INTO runs(pipe_id, repo_root, sha, branch, remote, subject, "
                               "executor, config, workspace, dirty, started_at, status, "
                               "author_name, author_email) "
                               "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)")),
          declare_job(db.prepare("INSERT INTO jobs(run, job, name, stage, image, is_service, "
                                 "depends_on, status) VALUES(?,?,?,?,?,?,?,?)")),
          begin_job(db.prepare("UPDATE jobs SET status = ?3, run_id = ?4, started_at = ?5 "
                               "WHERE run = ?1 AND job = ?2")),
          service_up(db.prepare("UPDATE jobs SET status = ?3 WHERE run = ?1 AND job = ?2")),
          end_job(db.prepare("UPDATE jobs SET status = ?3, outcome = ?4, code = ?5, reason = ?6, "
                             "run_id = ?7, started_at = ?8, took_ns = ?9, report = ?10, "
                             "image_digest = ?11, up_after_ns = ?12, results = ?13 "
                             "WHERE run = ?1 AND job = ?2")),
          end_run(db.prepare("UPDATE runs SET status = ?2, ended_at = ?3 WHERE id = ?1")) {}
    Statement begin_run, declare_job, begin_job, service_up, end_job, end_run;
  };

  fs::path file;
  Database database;
  std::optional<Statements> statements;
  std::int64_t run = 0;  // the one that records of jobs belong to
};

namespace {

StoreFailed newer(const fs::path& file, const NewerSchema& schema) {
  return {StoreFailed::Why::newer,
          fmt::format("history `{}` has version {}, this `jci` knows version {} at most: use the "
                      "newer `jci`, or set XDG_STATE_HOME to another directory",
                      file.string(), schema.found, schema.known)};
}

StoreFailed failed(const fs::path& file, const SqlError& error) {
  using enum StoreFailed::Why;
  const auto name = file.string();
  if (error.busy()) {
    return {busy, fmt::format("history `{}` is locked by another process", name)};
  }
  if (error.damaged()) {
    return {damaged, fmt::format("history `{}` is damaged ({}): move it away to begin a new one",
                                 name, error.what())};
  }
  return {other, fmt::format("cannot use history `{}`: {}", name, error.what())};
}

/// The one bridge from what SQLite says to what callers handle.
template <class Function>
auto translated(const fs::path& file, Function function) {
  try {
    return function();
  } catch (const NewerSchema& schema) {
    throw newer(file, schema);
  } catch (const SqlError& error) {
    throw failed(file, error);
  }
}

constexpr std::string_view k_select_runs =
    "SELECT id, pipe_id, repo_root, sha, branch, remote, subject, executor, config, workspace, "
    "dirty, started_at, ended_at, status, author_name, author_email FROM runs "
    "WHERE (?1 IS NULL OR repo_root = ?1) AND (?2 IS NULL OR status = ?2) "
    "AND (?3 IS NULL OR pipe_id GLOB ?3 || '*' OR sha GLOB ?3 || '*') "
    "AND (?4 IS NULL OR EXISTS(SELECT 1 FROM jobs WHERE run = runs.id AND name = ?4)) "
    "AND (?6 IS NULL OR branch = ?6) AND (?7 IS NULL OR started_at < ?7) "
    "ORDER BY started_at DESC, id DESC LIMIT ?5";

RunRow run_from(const Statement& row) {
  RunRow run;
  run.id = row.integer(0);
  run.info = {.pipe_id = row.text(1),
              .sha = row.text(3),
              .branch = row.text(4),
              .remote = row.text(5),
              .commit_message = row.text(6),
              .executor = row.text(7),
              .repo_root = row.text(2),
              .workspace = row.text(9),
              .config = row.text(8),
              .dirty = row.integer(10) != 0,
              .author_name = row.text(14),
              .author_email = row.text(15)};
  run.started_at = from_micros(row.integer(11));
  run.ended_at = from_micros(row.maybe_integer(12));
  run.interrupted = row.text(13) == k_interrupted;
  run.status = run.interrupted ? Status::running : status_in(row.text(13));
  return run;
}

constexpr std::string_view k_select_jobs =
    "SELECT job, name, stage, image, is_service, depends_on, status, outcome, code, reason, "
    "run_id, started_at, took_ns, report, image_digest, up_after_ns, results FROM jobs "
    "WHERE run = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY job";

JobRow job_from(const Statement& row) {
  JobRow job;
  job.job = static_cast<JobId>(row.integer(0));
  job.name = row.text(1);
  job.stage = row.text(2);
  job.image = row.text(3);
  job.is_service = row.integer(4) != 0;
  job.depends_on = from_json(row.text(5));
  job.state.status = status_in(row.text(6));
  job.state.outcome = outcome_from(row.text(7), static_cast<int>(row.integer(8)), row.text(9));
  job.state.run_id = row.text(10);
  job.state.started_at = from_micros(row.maybe_integer(11));
  job.state.took = nanoseconds(row.maybe_integer(12));
  job.state.report = row.text(13);
  job.state.image_digest = row.text(14);
  job.state.up_after = nanoseconds(row.maybe_integer(15));
  results_from_text(row.text(16), job.state);
  return job;
}

}  // namespace

Store::Store(const fs::path& file, std::chrono::milliseconds patience)
    : impl_(translated(file, [&] { return std::make_unique<Impl>(file, patience); })) {}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

void Store::write(std::span<const Record> records) {
  translated(impl_->file, [&] {
    Transaction transaction(impl_->database);
    for (const Record& record : records) {
      std::visit([&](const auto& what) { impl_->write(what); }, record);
    }
    transaction.commit();
  });
}

std::vector<RunRow> Store::runs(const RunQuery& query) {
  if (query.id_prefix && !has_prefix_form(*query.id_prefix)) return {};
  return translated(impl_->file, [&] {
    auto select = impl_->database.prepare(k_select_runs);
    const std::optional<std::string> status =
        query.status.transform([](Status it) { return std::string(to_string(it)); });
    const auto limit = std::min<std::size_t>(query.limit, INT64_MAX);
    select.start(query.repo_root, status, query.id_prefix, query.has_job, limit, query.branch,
                 to_micros(query.started_before));
    std::vector<RunRow> rows;
    while (select.step()) rows.push_back(run_from(select));
    return rows;
  });
}

std::vector<JobRow> Store::jobs(const RunRow& run, const std::optional<std::string>& name) {
  return translated(impl_->file, [&] {
    auto select = impl_->database.prepare(k_select_jobs);
    select.start(run.id, name);
    std::vector<JobRow> rows;
    while (select.step()) rows.push_back(job_from(select));
    return rows;
  });
}

void Store::mark_interrupted(const RunRow& run) {
  translated(impl_->file, [&] {
    // Unless it has ended meanwhile.
    impl_->database.prepare("UPDATE runs SET status = ?2 WHERE id = ?1 AND status = 'RUNNING'")
        .run(run.id, k_interrupted);
  });
}

void Store::remove(const RunRow& run) {
  translated(impl_->file, [&] {
    Transaction transaction(impl_->database);
    impl_->database.prepare("DELETE FROM jobs WHERE run = ?").run(run.id);
    impl_->database.prepare("DELETE FROM runs WHERE id = ?").run(run.id);
    transaction.commit();
  });
}

}  // namespace jci::history
