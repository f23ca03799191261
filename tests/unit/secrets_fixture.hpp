// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>

#include "jci/secrets/error.hpp"
#include "test_data.hpp"

namespace jci::secrets {

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator(stream), {});
}

inline void write_text(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

/// A recorded file of SOPS, see tests/data/sops/README.md.
inline std::string sample(std::string_view name) {
  return read_text(std::filesystem::path(k_test_data) / "sops" / name);
}

/// What is wrong with what `act` does; nothing where it works.
template <class Act>
std::optional<Problem> problem_of(const Act& act) {
  try {
    act();
    return std::nullopt;
  } catch (const Error& error) {
    return error.problem;
  }
}

template <class Act>
std::string message_of(const Act& act) {
  try {
    act();
    return "it works";
  } catch (const std::exception& error) {
    return error.what();
  }
}

inline std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what << " is not in it";
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

inline void PrintTo(Problem problem, std::ostream* stream) {
  *stream << "Problem " << static_cast<int>(problem);
}

/// Random texts, the same in every run; `characters` are what they are made of.
class RandomTexts {
 public:
  std::string text(std::string_view characters, std::size_t longest) {
    std::string text(number(longest + 1), ' ');
    for (char& c : text) c = characters[number(characters.size())];
    return text;
  }
  std::size_t number(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below - 1)(engine_);
  }

 private:
  std::mt19937 engine_{20'240'229};
};

}  // namespace jci::secrets
