// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/core/job.hpp"
#include "jci/util/fd.hpp"

namespace jci::history {

// The output of a job lies in its run's directory as two files:
//   <job name>.log      the bytes as they came, both streams in order of arrival; made at the first byte
//   <job name>.streams  which bytes are whose: a line `<offset> out` or `<offset> err` where the stream changes, written
//                       before the bytes at that offset; no line yet, or no such file: stdout
// A name too long for a file is cut, and a hash of the whole is put behind an underscore, which no job name contains.

std::filesystem::path log_path(const std::filesystem::path& run_directory, std::string_view job);
std::filesystem::path streams_path(const std::filesystem::path& run_directory,
                                   std::string_view job);

/// Writes the output of all jobs of a run. Each write goes to the kernel at once, so that a death of this process loses
/// nothing. Memory and open descriptors do not grow with the output or with the jobs that write at once.
class LogFiles {
 public:
  /// Told when a job's log is cut for good, because the disk is full or the file cannot be written; once per job.
  using Warn = std::function<void(const std::string& message)>;

  /// At most `max_open` logs are open at a time (two descriptors each).
  LogFiles(std::filesystem::path run_directory, Warn warn, std::size_t max_open = 64);

  void write(const Job& job, Stream stream, std::string_view bytes);
  /// No more output will come: frees the descriptors.
  void finished(const Job& job);

 private:
  struct OpenLog {
    JobId job;
    Fd log;
    Fd streams;
  };
  struct Log {
    std::uint64_t size = 0;
    Stream stream = Stream::out;
    bool cut = false;
    bool is_open = false;
    std::list<OpenLog>::iterator open;  // valid while is_open
  };

  Log& log_of(const Job& job);
  OpenLog& opened(const Job& job, Log& log);
  void close(Log& log);
  void append(const Job& job, Log& log, Stream stream, std::string_view bytes);
  void note_switch(const Job& job, Log& log, Stream stream);

  std::filesystem::path directory_;
  Warn warn_;
  std::size_t max_open_;
  std::vector<Log> logs_;    // by JobId
  std::list<OpenLog> open_;  // the last used first
};

}  // namespace jci::history
