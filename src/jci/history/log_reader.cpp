// SPDX-License-Identifier: MIT
#include "jci/history/log_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "jci/history/log_files.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block = 65536;
constexpr std::uint64_t k_longest_rest_of_character = 3;  // in UTF-8

[[noreturn]] void fail(const fs::path& file) {
  throw std::system_error(errno, std::generic_category(), "cannot read `" + file.string() + "`");
}

/// Owns nothing if there is no such file.
Fd open_to_read(const fs::path& file) {
  Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno != ENOENT) fail(file);
  return fd;
}

std::size_t count_continuation_bytes(std::string_view bytes) {
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  };
  return static_cast<std::size_t>(std::ranges::find_if_not(bytes, is_continuation) - bytes.begin());
}

}  // namespace

LogReader::LogReader(const fs::path& run_directory, std::string_view job,
                     std::optional<Stream> only)
    : log_file_(log_path(run_directory, job)),
      streams_file_(streams_path(run_directory, job)),
      only_(only),
      buffer_(k_block) {
  refresh();
}

void LogReader::refresh() {
  if (!log_) log_ = open_to_read(log_file_);
  if (!log_) return;
  // In this order: a switch is written before its bytes, so the size is no newer than the switches.
  const std::uint64_t bytes = seen_ = log_bytes();
  read_switches();
  add_segment(size_, bytes);
}

std::uint64_t LogReader::log_bytes() const {
  struct stat status{};
  if (::fstat(log_.get(), &status) != 0) fail(log_file_);
  return static_cast<std::uint64_t>(status.st_size);
}

void LogReader::read_switches() {
  if (!streams_) streams_ = open_to_read(streams_file_);
  if (!streams_) return;
  ssize_t got = 0;
  while ((got = ::read(streams_.get(), buffer_.data(), buffer_.size())) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(streams_file_);
    unparsed_.append(buffer_.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end; (end = unparsed_.find('\n', begin)) != unparsed_.npos; begin = end + 1) {
      step_over(std::string_view(unparsed_).substr(begin, end - begin));
    }
    unparsed_.erase(0, begin);
  }
}

void LogReader::step_over(std::string_view line) {
  std::uint64_t offset = 0;
  const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), offset);
  if (offset > seen_) seen_ = log_bytes();  // it grows
  // Not ours, or what it tells of was lost with the machine's power: the log itself is still of use.
  if (error != std::errc() || offset < size_ || offset > seen_) return;
  add_segment(size_, offset);
  stream_ = line.ends_with(" err") ? Stream::err : Stream::out;
}

void LogReader::add_segment(std::uint64_t begin, std::uint64_t end) {
  if (end <= begin) return;
  size_ = end;
  if (only_ && *only_ != stream_) return;
  if (!segments_.empty() && segments_.back().end == begin) {
    segments_.back().end = end;
  } else {
    segments_.push_back({begin, end});
  }
}

std::string_view LogReader::read_at(std::uint64_t offset, std::uint64_t size) {
  const std::size_t wanted = std::min<std::uint64_t>(size, buffer_.size());
  ssize_t got = 0;
  do {
    got = ::pread(log_.get(), buffer_.data(), wanted, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got < 0) fail(log_file_);
  return {buffer_.data(), static_cast<std::size_t>(got)};
}

std::string_view LogReader::next() {
  for (; segment_ < segments_.size(); ++segment_) {
    const Segment& segment = segments_[segment_];
    const std::uint64_t begin = std::max(offset_, segment.begin);
    if (begin < segment.end) {
      const std::string_view bytes = read_at(begin, segment.end - begin);
      offset_ = begin + bytes.size();
      return bytes;
    }
    if (segment_ + 1 == segments_.size()) break;  // it may grow
  }
  return {};
}

void LogReader::seek_tail(std::size_t lines, std::uint64_t max_bytes) {
  const std::uint64_t length = length_of_tail(lines, max_bytes);
  seek_back(length);
  if (length == 0 || length < max_bytes) return;
  offset_ +=
      count_continuation_bytes(read_at(offset_, std::min(length, k_longest_rest_of_character)));
}

std::uint64_t LogReader::length_of_tail(std::size_t lines, std::uint64_t max_bytes) {
  if (lines == 0) return 0;
  std::uint64_t length = 0;
  std::size_t newlines = 0;
  for (std::size_t segment = segments_.size(); segment-- > 0;) {
    const auto [begin, last] = segments_[segment];
    for (std::uint64_t end = last; end > begin;) {
      const std::uint64_t size = std::min<std::uint64_t>(end - begin, buffer_.size());
      end -= size;
      const std::string_view bytes = read_at(end, size);
      for (std::size_t i = bytes.size(); i-- > 0; ++length) {
        // The newline at the very end closes the last line, it does not begin one.
        if (bytes[i] == '\n' && length > 0 && ++newlines == lines) return length;
        if (length == max_bytes) return length;
      }
    }
  }
  return length;
}

void LogReader::seek_back(std::uint64_t bytes) {
  segment_ = segments_.size();
  offset_ = 0;
  while (segment_ > 0) {
    const auto [begin, end] = segments_[--segment_];
    if (bytes <= end - begin) {
      offset_ = end - bytes;
      return;
    }
    bytes -= end - begin;
  }
}

std::string log_tail(const fs::path& run_directory, std::string_view job, std::size_t lines,
                     std::uint64_t max_bytes) {
  std::string tail;
  try {
    LogReader reader(run_directory, job);
    reader.seek_tail(lines, max_bytes);
    for (std::string_view bytes; !(bytes = reader.next()).empty();) tail += bytes;
  } catch (const std::system_error&) {
    // The report is of use without it.
  }
  return tail;
}

}  // namespace jci::history
