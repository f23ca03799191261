// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace jci::history {

/// SQLite said no. `code` is its primary result code (https://sqlite.org/rescode.html).
struct SqlError : std::runtime_error {
  SqlError(int sqlite_code, const std::string& message)
      : runtime_error(message), code(sqlite_code) {}
  int code;
  /// Another connection holds the lock: trying again may help.
  bool busy() const;
  /// What the file holds is no sound database.
  bool damaged() const;
};

/// One prepared statement. Must not outlive its Database. All members throw SqlError.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  /// Runs it anew with these values and forgets any rows.
  template <class... Values>
  void run(const Values&... values) {
    start(values...);
    while (step()) {
    }
  }

  /// Begins anew with these values, which must live until the last `step`; each `step` then is one row.
  template <class... Values>
  void start(const Values&... values) {
    reset();
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
  }
  bool step();

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;

 private:
  void reset();
  void check(int code) const;
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view value);
  void bind(int index, std::integral auto value) { bind(index, static_cast<std::int64_t>(value)); }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) bind(index, *value);  // else: NULL, as after a reset
  }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. All members throw SqlError.
class Database {
 public:
  /// Opens the file, made if missing. Waits up to `busy_timeout` for locks of other connections.
  Database(const std::filesystem::path& file, std::chrono::milliseconds busy_timeout);

  /// Any number of statements without values.
  void execute(const char* sql);
  Statement prepare(std::string_view sql) { return {database_.get(), sql}; }
  std::int64_t last_row_id() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

/// All or nothing: what was done since the beginning is undone unless `commit` has returned.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database* database_;
};

}  // namespace jci::history
