// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace jci {

/// 64-bit FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): the same in every build, for names that last.
constexpr std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace jci
