// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "jci/core/event.hpp"

namespace jci::docker {

/// Why a log stream cannot be read on.
struct FrameError {
  enum class Kind {
    malformed,  ///< a header that no engine sends
    told,  ///< the engine ended the stream with a message of its own, such as a log file it cannot read
  };
  Kind kind;
  std::string text;
};

/// Takes what a container wrote, valid during the call.
using OutputSink = std::function<void(Stream stream, std::string_view bytes)>;

/// Takes apart the stream in which the engine sends stdout and stderr of a container without terminal: frames with a header of
/// 8 bytes each, namely which stream (0 stdin, 1 stdout, 2 stderr, 3 a message of the engine), three zeros, and the length of what follows, big-endian.
/// (Engine API, "Attach to a container", stream format.)
class FrameDecoder {
 public:
  /// `bytes` continues the stream, cut anywhere. Frames of one stream that follow each other reach `sink` as one piece, for which `bytes` is
  /// overwritten. After an error the decoder takes no more.
  std::expected<void, FrameError> take(std::span<char> bytes, const OutputSink& sink);

  /// Nothing if the stream may end here; else what is missing.
  std::expected<void, FrameError> finish() const;

 private:
  static constexpr std::size_t k_header = 8;
  enum class Source : unsigned char { in, out, err, engine };

  std::expected<void, FrameError> read_header();

  std::array<unsigned char, k_header> header_{};
  std::size_t header_size_ = 0;
  Source source_ = Source::out;
  std::uint32_t left_ = 0;  // of the frame's payload
  std::string message_;     // of the engine, its beginning
};

}  // namespace jci::docker
