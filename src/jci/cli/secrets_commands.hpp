// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jci/secrets/environment.hpp"

namespace jci::cli {

// What the commands below `jci secrets` do; their flags are in secrets.cpp. Errors are exceptions.

/// The environment of the repository around the working directory, else of that directory. Its paths are relative to it, where they can be.
secrets::Environment environment_here(const std::string& name);
std::filesystem::path repository_here();

void edit_secrets(const secrets::Environment& environment);

void print_secret(const secrets::Environment& environment, const std::string& name);
/// Reads the value from stdin; on a terminal without showing it. A newline that ends a single line is no part of it.
void set_secret(const secrets::Environment& environment, const std::string& name);
void list_secrets(const secrets::Environment& environment);
void print_exports(const secrets::Environment& environment);
/// Becomes `command`; returns by an exception only.
[[noreturn]] void become_with_secrets(const secrets::Environment& environment,
                                      const std::vector<std::string>& command);
void import_secrets(const secrets::Environment& environment, const std::string& file);
void print_for_diff(const std::string& file);

void make_secret_key(const secrets::Environment& environment);
void add_secret_recipient(const secrets::Environment& environment, const std::string& recipient);
void rotate_secrets(const secrets::Environment& environment,
                    const std::vector<std::string>& without);

}  // namespace jci::cli
