// SPDX-License-Identifier: MIT
#include "jci/history/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace jci::history {
namespace {

// Times are microseconds since 1970 UTC. Statuses are named as in `to_string(Status)`; a run may also be INTERRUPTED: its
// process died. `depends_on` is a JSON list of job numbers; `job` counts from 0 in order of declaration.
constexpr const char* k_first = R"(
CREATE TABLE runs(
  id INTEGER PRIMARY KEY,
  pipe_id TEXT NOT NULL UNIQUE,
  repo_root TEXT NOT NULL,
  sha TEXT NOT NULL,
  branch TEXT NOT NULL,
  remote TEXT NOT NULL,
  subject TEXT NOT NULL,
  executor TEXT NOT NULL,
  config TEXT NOT NULL,
  workspace TEXT NOT NULL,
  dirty INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  status TEXT NOT NULL
) STRICT;
CREATE INDEX runs_of_repo ON runs(repo_root, started_at);
CREATE INDEX runs_unfinished ON runs(id) WHERE status = 'RUNNING';
CREATE TABLE jobs(
  run INTEGER NOT NULL REFERENCES runs(id),
  job INTEGER NOT NULL,
  name TEXT NOT NULL,
  stage TEXT NOT NULL,
  image TEXT NOT NULL,
  is_service INTEGER NOT NULL,
  depends_on TEXT NOT NULL,
  status TEXT NOT NULL,
  outcome TEXT,
  code INTEGER,
  reason TEXT,
  run_id TEXT NOT NULL DEFAULT '',
  started_at INTEGER,
  took_ns INTEGER,
  report TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(run, job)
) STRICT, WITHOUT ROWID;
)";

// "sha256:...", of the image that ran; empty where there was none.
constexpr const char* k_image_digest = R"(
ALTER TABLE jobs ADD COLUMN image_digest TEXT NOT NULL DEFAULT '';
)";

// What reports say beyond how a job ended; `results`: see results.hpp.
constexpr const char* k_reports = R"(
ALTER TABLE runs ADD COLUMN author_name TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN author_email TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN up_after_ns INTEGER;
ALTER TABLE jobs ADD COLUMN results TEXT NOT NULL DEFAULT '';
)";

constexpr std::array k_steps = {k_first, k_image_digest, k_reports};

int version_of(Database& database) {
  auto query = database.prepare("PRAGMA user_version");
  query.start();
  query.step();
  return static_cast<int>(query.integer(0));
}

void refuse_newer(int found, int known) {
  if (found > known) throw NewerSchema{found, known};
}

}  // namespace

std::span<const char* const> schema_steps() { return k_steps; }

void migrate(Database& database, std::span<const char* const> steps) {
  const int known = static_cast<int>(steps.size());
  const int found = version_of(database);
  refuse_newer(found, known);
  if (found == known) return;
  Transaction transaction(database);
  // Another process may have been faster.
  const int version = version_of(database);
  refuse_newer(version, known);
  for (const char* step : steps.subspan(static_cast<std::size_t>(version))) database.execute(step);
  database.execute(fmt::format("PRAGMA user_version = {}", known).c_str());
  transaction.commit();
}

}  // namespace jci::history
