// SPDX-License-Identifier: MIT
#include "jci/supervise/program.hpp"

#include <cstring>
#include <string_view>
#include <utility>

namespace jci::supervise {
namespace {

// Takes `count` NUL-ended strings from `*at`; false if there are not as many.
bool take_strings(char*& at, const char* end, std::uint32_t count, std::vector<char*>& strings) {
  for (; count > 0; --count) {
    if (at == end) return false;
    strings.push_back(at);
    at += std::strlen(at) + 1;
  }
  strings.push_back(nullptr);
  return true;
}

std::string_view search_path(const Program& program) {
  for (const char* variable : program.variables)
    if (variable != nullptr && std::strncmp(variable, "PATH=", 5) == 0) return variable + 5;
  return "/usr/local/bin:/usr/bin:/bin";
}

}  // namespace

bool parse(std::string payload, Program& program) {
  SpawnHeader& header = program.header;
  if (payload.size() < sizeof header || payload.back() != '\0') return false;
  std::memcpy(&header, payload.data(), sizeof header);
  program.block = std::move(payload);
  char* at = program.block.data() + sizeof header;
  const char* end = program.block.data() + program.block.size();
  std::vector<char*> places;
  if (header.arguments == 0 || !take_strings(at, end, 2, places)) return false;
  program.directory = places[0];
  program.path = places[1];
  program.arguments.reserve(header.arguments + std::size_t{1});
  program.variables.reserve(header.variables + std::size_t{1});
  return take_strings(at, end, header.arguments, program.arguments) &&
         take_strings(at, end, header.variables, program.variables) && at == end;
}

std::vector<std::string> candidates(const Program& program) {
  const std::string_view name = program.arguments.front();
  if (name.find('/') != std::string_view::npos) return {std::string(name)};
  std::vector<std::string> paths;
  std::string_view rest = search_path(program);
  for (bool more = true; more;) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
    paths.push_back(std::string(folder.empty() ? "." : folder) + '/' + std::string(name));
  }
  return paths;
}

}  // namespace jci::supervise
