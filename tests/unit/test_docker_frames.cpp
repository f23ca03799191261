// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "jci/executors/docker/frames.hpp"

namespace jci::docker {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string header(char source, std::uint32_t size) {
  std::string bytes{source, 0, 0, 0};
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(size >> shift);
  return bytes;
}

std::string frame(char source, const std::string& payload) {
  return header(source, static_cast<std::uint32_t>(payload.size())) + payload;
}

/// A decoder and what came out of it.
struct Decoding {
  std::expected<void, FrameError> take(std::string bytes) {
    return decoder.take(bytes, [this](Stream stream, std::string_view piece) {
      pieces.emplace_back(stream, piece);
    });
  }
  std::string all(Stream stream) const {
    std::string text;
    for (const auto& [from, piece] : pieces)
      if (from == stream) text += piece;
    return text;
  }

  FrameDecoder decoder;
  std::vector<std::pair<Stream, std::string>> pieces;
};

TEST(DockerFrames, TellOutputAndErrorApart) {
  Decoding decoding;
  ASSERT_TRUE(decoding.take(frame(1, "out\n") + frame(2, "err\n") + frame(1, "more\n")));
  EXPECT_THAT(decoding.pieces, ElementsAre(Pair(Stream::out, "out\n"), Pair(Stream::err, "err\n"),
                                           Pair(Stream::out, "more\n")));
  EXPECT_TRUE(decoding.decoder.finish());
}

TEST(DockerFrames, OfOneStreamComeOutAsOnePiece) {
  Decoding decoding;
  ASSERT_TRUE(decoding.take(frame(1, "a\n") + frame(1, "") + frame(1, "b\n") + frame(0, "c\n")));
  EXPECT_THAT(decoding.pieces, ElementsAre(Pair(Stream::out, "a\nb\nc\n")));
}

TEST(DockerFrames, MayBeCutAnywhere) {
  const std::string stream =
      frame(1, "one\n") + frame(2, "two\n") + frame(1, std::string(300, 'x'));
  for (std::size_t first = 0; first <= stream.size(); ++first)
    for (std::size_t second = first; second <= stream.size(); second += 7) {
      Decoding decoding;
      ASSERT_TRUE(decoding.take(stream.substr(0, first)));
      ASSERT_TRUE(decoding.take(stream.substr(first, second - first)));
      ASSERT_TRUE(decoding.take(stream.substr(second)));
      ASSERT_TRUE(decoding.decoder.finish());
      ASSERT_EQ(decoding.all(Stream::out), "one\n" + std::string(300, 'x'));
      ASSERT_EQ(decoding.all(Stream::err), "two\n");
    }
}

TEST(DockerFrames, ThatClaimToBeHugeArePassedOnAsTheyCome) {
  Decoding decoding;
  ASSERT_TRUE(decoding.take(header(1, 0xffffffff) + "abc"));
  EXPECT_THAT(decoding.pieces, ElementsAre(Pair(Stream::out, "abc")));
  EXPECT_EQ(decoding.decoder.finish().error().kind, FrameError::Kind::malformed);
}

TEST(DockerFrames, WithABadHeaderAreRefused) {
  for (const std::string& bad :
       {std::string("\x04\0\0\0\0\0\0\1", 8), std::string("\1\1\0\0\0\0\0\1", 8),
        std::string("\1\0\1\0\0\0\0\1", 8), std::string("\1\0\0\1\0\0\0\1", 8),
        std::string("HTTP/1.1 200 OK\r\n")}) {
    Decoding decoding;
    const auto taken = decoding.take(frame(1, "before") + bad);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, FrameError::Kind::malformed);
    EXPECT_THAT(decoding.pieces, ElementsAre(Pair(Stream::out, "before")));
  }
}

TEST(DockerFrames, ShowABadHeaderInTheMessage) {
  Decoding decoding;
  EXPECT_EQ(decoding.take("\1abcdefg").error().text,
            "the engine's log stream has a frame header that it should not have: "
            "01 61 62 63 64 65 66 67");
}

TEST(DockerFrames, OfTheEngineAreItsErrors) {
  Decoding decoding;
  const std::string stream = frame(1, "before\n") + frame(3, "log file is gone");
  ASSERT_TRUE(decoding.take(stream.substr(0, stream.size() - 4)));
  const auto taken = decoding.take(stream.substr(stream.size() - 4));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, FrameError::Kind::told);
  EXPECT_EQ(taken.error().text, "log file is gone");
}

TEST(DockerFrames, OfTheEngineEndTheStreamWhateverComesWithThem) {
  Decoding decoding;
  const auto taken = decoding.take(frame(3, "gone") + header(1, 5) + "ab");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, FrameError::Kind::told);
}

TEST(DockerFrames, OfTheEngineTakeBoundedMemory) {
  Decoding decoding;
  const auto taken = decoding.take(frame(3, std::string(1'000'000, 'x')));
  EXPECT_EQ(taken.error().text, std::string(4096, 'x'));
}

TEST(DockerFrames, ThatEndInTheMiddleAreToldAsSuch) {
  Decoding in_header;
  ASSERT_TRUE(in_header.take(header(1, 5).substr(0, 3)));
  EXPECT_FALSE(in_header.decoder.finish());
  Decoding in_payload;
  ASSERT_TRUE(in_payload.take(header(1, 5) + "ab"));
  EXPECT_EQ(in_payload.decoder.finish().error().text,
            "the engine's log stream ends 3 bytes before the end of a frame");
}

TEST(DockerFrames, OfNothingAreNoPieces) {
  Decoding decoding;
  ASSERT_TRUE(decoding.take(""));
  ASSERT_TRUE(decoding.take(frame(1, "")));
  EXPECT_THAT(decoding.pieces, IsEmpty());
  EXPECT_TRUE(decoding.decoder.finish());
}

}  // namespace
}  // namespace jci::docker
