// SPDX-License-Identifier: MIT
#include "jci/cli/cpp_config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/util/module.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/version.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes k_compile_deadline{5};

// FNV-1a, 64 bits: tells edits apart; nothing here needs to stand against an attacker, whose config would run anyway.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

std::optional<std::string> contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string compiler() {
  const char* chosen = std::getenv("CXX");
  return chosen != nullptr && *chosen != '\0' ? chosen : "c++";
}

// The files that a make rule, as compilers write them, says its target is made from.
std::vector<std::string> dependencies(const std::string& rule) {
  std::vector<std::string> files(1);
  for (std::size_t i = rule.find(": ") + 1; i < rule.size(); ++i) {
    const bool escaped = rule[i] == '\\' && i + 1 < rule.size();
    if (escaped && rule[i + 1] == ' ') {
      files.back() += ' ';
      ++i;
    } else if (escaped && rule[i + 1] == '\n') {
      ++i;
    } else if (rule[i] == ' ' || rule[i] == '\n') {
      if (!files.back().empty()) files.emplace_back();
    } else {
      files.back() += rule[i];
    }
  }
  files.pop_back();
  return files;
}

// One line a file: its hash, then its path. Equal texts mean that the program is still what would be compiled.
std::string fingerprint(const std::vector<std::string>& files) {
  std::string lines;
  for (const std::string& file : files) {
    const auto text = contents(file);
    lines += fmt::format("{:016x} {}\n", text ? hash_of(*text) : 0, file);
  }
  return lines;
}

std::vector<std::string> files_in(const std::string& fingerprint) {
  std::vector<std::string> files;
  std::istringstream lines(fingerprint);
  for (std::string line; std::getline(lines, line);) files.push_back(line.substr(17));
  return files;
}

bool still_fits(const fs::path& entry) {
  const auto known = contents(entry / "made-from");
  return known && ::access((entry / "config").c_str(), X_OK) == 0 &&
         fingerprint(files_in(*known)) == *known;
}

void compile(const std::string& config, const fs::path& program, const fs::path& rule) {
  const fs::path& package = package_directory();
  const std::vector<std::string> command{compiler(),   "-std=c++20",
                                         "-I",         package / "include",
                                         config,       "-MMD",
                                         "-MF",        rule,
                                         "-o",         program,
                                         "-L",         package,
                                         "-ljci_core", "-Wl,-rpath," + package.string()};
  try {
    if (run_subprocess(command, k_compile_deadline).exit_code == 0) return;
    throw BadConfig(
        fmt::format("`{}` does not compile; the messages of `{}` are above", config, compiler()));
  } catch (const std::system_error& error) {
    throw BadConfig(fmt::format(
        "`{}` cannot be compiled: {}; a C++ config needs a compiler, install g++ or set CXX",
        config, error.what()));
  }
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw TriggerFailed(fmt::format("cannot write `{}`", path.string()));
}

// Made aside and moved in whole: another `jci` may read the entry meanwhile.
void make_entry(const std::string& config, const fs::path& entry) {
  std::string made = (entry.parent_path() / "new-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr) {
    throw TriggerFailed(fmt::format("cannot write in `{}`: {}", entry.parent_path().string(),
                                    std::generic_category().message(errno)));
  }
  const fs::path aside = made;
  try {
    compile(config, aside / "config", aside / "rule");
    write_file(aside / "made-from",
               fingerprint(dependencies(contents(aside / "rule").value_or(""))));
    std::error_code ignored;
    fs::remove_all(entry, ignored);
    fs::rename(aside, entry, ignored);
    if (!still_fits(entry)) throw TriggerFailed(fmt::format("cannot write `{}`", entry.string()));
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(aside, ignored);
    throw;
  }
}

}  // namespace

std::filesystem::path cpp_program(const std::string& config) {
  const fs::path cache = cache_directory() / "configs";
  fs::create_directories(cache);
  const std::string key = compiler() + '\0' + package_directory().string() + '\0' + JCI_VERSION +
                          '\0' + contents(config).value_or("");
  const fs::path entry = cache / fmt::format("{:016x}", hash_of(key));
  if (!still_fits(entry)) make_entry(config, entry);
  return entry / "config";
}

}  // namespace jci::cli
