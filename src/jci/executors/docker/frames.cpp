// SPDX-License-Identifier: MIT
#include "jci/executors/docker/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace jci::docker {
namespace {

// Of a message of the engine. Longer ones are cut: they are for people.
constexpr std::size_t k_message_bytes = 4096;

std::unexpected<FrameError> malformed(std::string text) {
  return std::unexpected(FrameError{FrameError::Kind::malformed, std::move(text)});
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

/// Payloads of one stream, moved together in the memory they came in.
class Gathered {
 public:
  explicit Gathered(const OutputSink& sink) : sink_(sink) {}
  void add(Stream stream, std::span<char> payload) {
    if (stream != stream_ || size_ == 0) start(stream, payload.data());
    if (begin_ + size_ != payload.data())
      std::memmove(begin_ + size_, payload.data(), payload.size());
    size_ += payload.size();
  }
  void flush() {
    if (size_ != 0) sink_(stream_, {begin_, size_});
    size_ = 0;
  }

 private:
  void start(Stream stream, char* begin) {
    flush();
    stream_ = stream;
    begin_ = begin;
  }

  const OutputSink& sink_;
  Stream stream_ = Stream::out;
  char* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

std::expected<void, FrameError> FrameDecoder::take(std::span<char> bytes, const OutputSink& sink) {
  Gathered gathered(sink);
  while (!bytes.empty()) {
    if (left_ == 0) {
      const std::size_t n = std::min(k_header - header_size_, bytes.size());
      std::memcpy(header_.data() + header_size_, bytes.data(), n);
      header_size_ += n;
      bytes = bytes.subspan(n);
      if (header_size_ < k_header) break;
      if (auto read = read_header(); !read) {
        gathered.flush();
        return read;
      }
      continue;
    }
    const auto payload = bytes.first(std::min<std::size_t>(left_, bytes.size()));
    if (source_ != Source::engine)
      gathered.add(source_ == Source::err ? Stream::err : Stream::out, payload);
    else if (message_.size() < k_message_bytes)
      message_.append(payload.data(), std::min(payload.size(), k_message_bytes - message_.size()));
    left_ -= static_cast<std::uint32_t>(payload.size());
    bytes = bytes.subspan(payload.size());
    if (left_ == 0 && source_ == Source::engine) {
      gathered.flush();
      return std::unexpected(FrameError{FrameError::Kind::told, message_});
    }
  }
  gathered.flush();
  return {};
}

std::expected<void, FrameError> FrameDecoder::read_header() {
  const auto& h = header_;
  if (h[0] > static_cast<unsigned char>(Source::engine) || h[1] != 0 || h[2] != 0 || h[3] != 0)
    return malformed(
        fmt::format("the engine's log stream has a frame header that it should not have: {:02x}",
                    fmt::join(h, " ")));
  source_ = static_cast<Source>(h[0]);
  left_ = big_endian(h.data() + 4);
  header_size_ = 0;
  return {};
}

std::expected<void, FrameError> FrameDecoder::finish() const {
  if (header_size_ != 0) return malformed("the engine's log stream ends in a frame header");
  if (left_ != 0)
    return malformed(
        fmt::format("the engine's log stream ends {} bytes before the end of a frame", left_));
  return {};
}

}  // namespace jci::docker
