// SPDX-License-Identifier: MIT
#include "jci/history/log_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "jci/util/assert.hpp"
#include "jci/util/hash.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_stem = 240;  // with the suffix within NAME_MAX, 255
constexpr std::size_t k_kept_of_long_name = 200;

bool is_clean(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string stem(std::string_view job) {
  JCI_ASSERT(is_clean(job));
  if (job.size() <= k_longest_stem) return std::string(job);
  return fmt::format("{}_{:016x}", job.substr(0, k_kept_of_long_name), stable_hash(job));
}

/// Something could not be written to `file`.
struct WriteFailed {
  fs::path file;
  int error;
};

Fd open_to_append(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) throw WriteFailed{file, errno};
  return fd;
}

}  // namespace

fs::path log_path(const fs::path& run_directory, std::string_view job) {
  return run_directory / (stem(job) + ".log");
}

fs::path streams_path(const fs::path& run_directory, std::string_view job) {
  return run_directory / (stem(job) + ".streams");
}

LogFiles::LogFiles(fs::path run_directory, Warn warn, std::size_t max_open)
    : directory_(std::move(run_directory)), warn_(std::move(warn)), max_open_(max_open) {
  JCI_ASSERT(max_open_ > 0);
}

void LogFiles::write(const Job& job, Stream stream, std::string_view bytes) {
  Log& log = log_of(job);
  if (log.cut || bytes.empty()) return;
  try {
    append(job, log, stream, bytes);
  } catch (const WriteFailed& failure) {
    log.cut = true;
    close(log);
    warn_(fmt::format("log of job `{}` is cut after {} bytes: cannot write `{}`: {}", job.name,
                      log.size, failure.file.string(),
                      std::generic_category().message(failure.error)));
  }
}

void LogFiles::finished(const Job& job) { close(log_of(job)); }

LogFiles::Log& LogFiles::log_of(const Job& job) {
  if (job.id >= logs_.size()) logs_.resize(job.id + std::size_t{1});
  return logs_[job.id];
}

LogFiles::OpenLog& LogFiles::opened(const Job& job, Log& log) {
  if (log.is_open) {
    open_.splice(open_.begin(), open_, log.open);
    return *log.open;
  }
  if (open_.size() >= max_open_) close(logs_[open_.back().job]);
  open_.push_front({job.id, open_to_append(log_path(directory_, job.name)), Fd()});
  log.open = open_.begin();
  log.is_open = true;
  return open_.front();
}

void LogFiles::close(Log& log) {
  if (!log.is_open) return;
  open_.erase(log.open);
  log.is_open = false;
}

void LogFiles::append(const Job& job, Log& log, Stream stream, std::string_view bytes) {
  const OpenLog& open = opened(job, log);
  if (stream != log.stream) note_switch(job, log, stream);
  while (!bytes.empty()) {
    const ssize_t written = ::write(open.log.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw WriteFailed{log_path(directory_, job.name), errno};
    bytes.remove_prefix(static_cast<std::size_t>(written));
    log.size += static_cast<std::uint64_t>(written);
  }
}

void LogFiles::note_switch(const Job& job, Log& log, Stream stream) {
  const fs::path file = streams_path(directory_, job.name);
  if (!log.open->streams) log.open->streams = open_to_append(file);
  const std::string line = fmt::format("{} {}\n", log.size, stream == Stream::out ? "out" : "err");
  const ssize_t written = ::write(log.open->streams.get(), line.data(), line.size());
  if (std::cmp_not_equal(written, line.size())) {
    throw WriteFailed{file, written < 0 ? errno : ENOSPC};
  }
  log.stream = stream;
}

}  // namespace jci::history
