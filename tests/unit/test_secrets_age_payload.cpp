// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "jci/secrets/age_payload.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

constexpr std::size_t k_chunk = 65'536;
constexpr std::size_t k_salt = 16;
constexpr std::size_t k_tag = 16;
const std::string k_key(16, 'k');

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 3);
  return text;
}

std::optional<Problem> problem_with(const std::string& payload) {
  return problem_of([&] { open_payload(k_key, payload); });
}

TEST(AgePayload, GivesBackTextsAroundTheSizeOfAChunk) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, k_chunk - 1, k_chunk, k_chunk + 1,
                                 2 * k_chunk, 2 * k_chunk + 1}) {
    const std::string plain = text_of(size);
    const std::string payload = seal_payload(k_key, plain);
    const std::size_t chunks = size == 0 ? 1 : (size + k_chunk - 1) / k_chunk;
    EXPECT_EQ(payload.size(), k_salt + size + chunks * k_tag);
    EXPECT_EQ(open_payload(k_key, payload).text(), plain);
  }
}

TEST(AgePayload, NeverIsTheSameTwice) {
  EXPECT_NE(seal_payload(k_key, "x"), seal_payload(k_key, "x"));
}

TEST(AgePayload, NoticesWhatWasChangedMovedOrCutOff) {
  const std::string payload = seal_payload(k_key, text_of(2 * k_chunk + 100));
  const std::size_t first = k_salt;
  const std::size_t second = first + k_chunk + k_tag;
  const std::size_t third = second + k_chunk + k_tag;
  EXPECT_EQ(problem_with(payload), std::nullopt);
  EXPECT_EQ(problem_with(""), Problem::tampered);
  EXPECT_EQ(problem_with(payload.substr(0, k_salt)), Problem::tampered);
  EXPECT_EQ(problem_with(payload.substr(0, third)), Problem::tampered);
  EXPECT_EQ(problem_with(payload.substr(0, payload.size() - 1)), Problem::tampered);
  EXPECT_EQ(problem_with(payload + "x"), Problem::tampered);
  EXPECT_EQ(problem_with(payload.substr(0, first) + payload.substr(second)), Problem::tampered);
  EXPECT_EQ(problem_with(payload.substr(0, first) + payload.substr(second, third - second) +
                         payload.substr(first, second - first) + payload.substr(third)),
            Problem::tampered);
  for (const std::size_t at : {std::size_t{0}, first, second - 1, third, payload.size() - 1}) {
    std::string changed = payload;
    changed[at] = static_cast<char>(changed[at] ^ 0x80);
    EXPECT_EQ(problem_with(changed), Problem::tampered) << at;
  }
}

}  // namespace
}  // namespace jci::secrets
