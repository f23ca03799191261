// SPDX-License-Identifier: MIT
#include "jci/run/pipe_id.hpp"

#include <chrono>
#include <cstdint>
#include <random>

namespace jci::run {
namespace {

std::string in_base_36(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number /= 36)
    text[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
  return text;
}

}  // namespace

std::string new_pipe_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  return in_base_36(static_cast<std::uint64_t>(seconds), 6) + in_base_36(std::random_device{}(), 4);
}

}  // namespace jci::run
