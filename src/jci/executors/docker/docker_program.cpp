// SPDX-License-Identifier: MIT
#include "jci/executors/docker/docker_program.hpp"

#include <elf.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "jci/util/program.hpp"

namespace jci::docker {

bool is_static_program(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header{};
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
    return false;
  for (unsigned number = 0; number < header.e_phnum; ++number) {
    Elf64_Phdr segment{};
    file.seekg(
        static_cast<std::streamoff>(header.e_phoff + std::uint64_t{number} * header.e_phentsize));
    if (!file.read(reinterpret_cast<char*>(&segment), sizeof segment)) return false;
    if (segment.p_type == PT_INTERP) return false;
  }
  return header.e_phnum > 0;
}

std::optional<std::string> portable_docker_program() {
  const auto found = find_on_path("docker");
  if (!found) return std::nullopt;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(*found, error);
  if (error || !is_static_program(real.native())) return std::nullopt;
  return real.native();
}

}  // namespace jci::docker
