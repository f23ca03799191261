// SPDX-License-Identifier: MIT
#include "jci/secrets/bech32.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <vector>

namespace jci::secrets {
namespace {

using Digits = std::vector<std::uint8_t>;  // of five bits each

constexpr std::string_view k_signs = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t k_checksum_digits = 6;

std::uint32_t checksum_step(std::uint32_t sum, std::uint8_t digit) {
  constexpr std::array<std::uint32_t, 5> k_generator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                        0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = sum >> 25;
  sum = (sum & 0x1ffffff) << 5 ^ digit;
  for (std::size_t i = 0; i < k_generator.size(); ++i)
    if ((top >> i & 1) != 0) sum ^= k_generator[i];
  return sum;
}

std::uint32_t checksum(std::string_view prefix, const Digits& digits) {
  std::uint32_t sum = 1;
  for (const char c : prefix) sum = checksum_step(sum, static_cast<std::uint8_t>(c >> 5));
  sum = checksum_step(sum, 0);
  for (const char c : prefix) sum = checksum_step(sum, static_cast<std::uint8_t>(c & 31));
  for (const std::uint8_t digit : digits) sum = checksum_step(sum, digit);
  return sum;
}

Digits to_digits(std::string_view bytes) {
  Digits digits;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5)
      digits.push_back(static_cast<std::uint8_t>(held >> (bits - 5) & 31));
  }
  if (bits > 0) digits.push_back(static_cast<std::uint8_t>(held << (5 - bits) & 31));
  return digits;
}

/// Nothing where the bits behind the last byte are five or not zero.
std::optional<std::string> to_bytes(const Digits& digits) {
  std::string bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t digit : digits) {
    held = held << 5 | digit;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

/// In lower case; nothing for mixed case or other than visible ASCII.
std::optional<std::string> one_case(std::string_view text) {
  std::string lower;
  bool has_upper = false;
  bool has_lower = false;
  for (const char c : text) {
    if (c < 33 || c > 126) return std::nullopt;
    has_upper |= std::isupper(c) != 0;
    has_lower |= std::islower(c) != 0;
    lower += static_cast<char>(std::tolower(c));
  }
  if (has_upper && has_lower) return std::nullopt;
  return lower;
}

}  // namespace

std::string to_bech32(std::string_view prefix, std::string_view bytes) {
  Digits digits = to_digits(bytes);
  std::string text = std::string(prefix) + '1';
  for (const std::uint8_t digit : digits) text += k_signs[digit];
  digits.insert(digits.end(), k_checksum_digits, 0);
  const std::uint32_t sum = checksum(prefix, digits) ^ 1;
  for (std::size_t i = 0; i < k_checksum_digits; ++i)
    text += k_signs[sum >> 5 * (k_checksum_digits - 1 - i) & 31];
  std::ranges::fill(digits, std::uint8_t{0});  // they may be those of a key
  return text;
}

std::optional<Bech32> from_bech32(std::string_view text) {
  const auto lower = one_case(text);
  if (!lower) return std::nullopt;
  const std::size_t separator = lower->rfind('1');
  if (separator == std::string::npos || separator == 0) return std::nullopt;
  const std::string prefix = lower->substr(0, separator);
  Digits digits;
  for (const char c : lower->substr(separator + 1)) {
    const auto digit = k_signs.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    digits.push_back(static_cast<std::uint8_t>(digit));
  }
  if (digits.size() < k_checksum_digits || checksum(prefix, digits) != 1) return std::nullopt;
  digits.resize(digits.size() - k_checksum_digits);
  auto bytes = to_bytes(digits);
  if (!bytes) return std::nullopt;
  return Bech32{prefix, *std::move(bytes)};
}

}  // namespace jci::secrets
