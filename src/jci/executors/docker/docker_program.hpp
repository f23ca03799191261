// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace jci::docker {

/// The path of the `docker` program on PATH if it runs in any image: if it needs no shared libraries (Docker's own build; not Debian's).
std::optional<std::string> portable_docker_program();

/// Whether the ELF file at `path` is a program that needs no loader.
bool is_static_program(const std::string& path);

}  // namespace jci::docker
