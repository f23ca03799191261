// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "jci/history/sqlite.hpp"

namespace jci::history {

/// The database is of a later version of ours: we do not know what it means, and leave it alone.
struct NewerSchema {
  int found = 0;
  int known = 0;
};

/// Step n turns a database of version n into one of version n + 1; version 0 is the empty file. A step, once released, is
/// never changed.
std::span<const char* const> schema_steps();

/// Brings the database to the version that `steps` ends with, all in one transaction; does nothing where it is there already.
/// The version is SQLite's `user_version`. Throws SqlError, and NewerSchema.
void migrate(Database& database, std::span<const char* const> steps);

}  // namespace jci::history
