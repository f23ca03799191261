// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/event.hpp"
#include "jci/util/fd.hpp"

namespace jci::history {

/// Reads the log of one job (see log_files.hpp), also while it is being written. A log that does not exist (yet)
/// reads as empty. Memory grows with the switches between the streams only, not with the bytes.
class LogReader {
 public:
  /// `only`: the bytes of this stream; nothing: all.
  LogReader(const std::filesystem::path& run_directory, std::string_view job,
            std::optional<Stream> only = std::nullopt);

  /// The file exists: the job has printed something.
  bool exists() const { return static_cast<bool>(log_); }

  /// Sees what has been written meanwhile. Throws std::system_error.
  void refresh();

  /// Goes to the beginning of the last `lines` lines of what is known; a last line without newline counts.
  /// At most `max_bytes` from the end, a line may then begin in its middle, but not inside a UTF-8 character.
  void seek_tail(std::size_t lines, std::uint64_t max_bytes = UINT64_MAX);

  /// The next bytes, valid until the next call; empty at the end of what is known. Throws std::system_error.
  std::string_view next();

 private:
  // Bytes [begin, end) of the file, all of the wanted stream.
  struct Segment {
    std::uint64_t begin;
    std::uint64_t end;
  };

  std::uint64_t log_bytes() const;
  void read_switches();
  void add_segment(std::uint64_t begin, std::uint64_t end);
  void step_over(std::string_view line);
  std::string_view read_at(std::uint64_t offset, std::uint64_t size);
  void seek_back(std::uint64_t bytes);
  std::uint64_t length_of_tail(std::size_t lines, std::uint64_t max_bytes);

  std::filesystem::path log_file_;
  std::filesystem::path streams_file_;
  std::optional<Stream> only_;
  Fd log_;
  Fd streams_;
  std::uint64_t seen_ = 0;       // bytes the log had when we looked last
  std::uint64_t size_ = 0;       // of the log, as far as it is cut into segments
  Stream stream_ = Stream::out;  // of the bytes at `size_`
  std::string unparsed_;         // of the streams file
  std::vector<Segment> segments_;
  std::size_t segment_ = 0;   // where `next` goes on
  std::uint64_t offset_ = 0;  // in the file; at or behind the segment's begin
  std::vector<char> buffer_;
};

/// The last `lines` lines of a job's log, at most `max_bytes`; empty if it has none or cannot be read.
std::string log_tail(const std::filesystem::path& run_directory, std::string_view job,
                     std::size_t lines, std::uint64_t max_bytes);

}  // namespace jci::history
