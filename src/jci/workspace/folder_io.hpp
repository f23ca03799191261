// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/util/fd.hpp"

/// Reading, writing and removing what is in a directory, by its descriptor. No symbolic link is ever followed, and no file is written that
/// was there before: jobs may leave links and hard links to anything.
///
/// All throw std::system_error whose text names the file by its last name. Directories without permission are given it first.
namespace jci::workspace {

/// Opens a directory. Throws with ENOTDIR or ELOOP where `name` is something else.
Fd open_folder(int folder, const std::string& name);

/// Makes the directory unless it is there. Says whether it was made.
bool make_folder(int folder, const std::string& name);

/// The names in it, sorted, without "." and "..".
std::vector<std::string> names_in(int folder);

/// Writes a file that must not exist and gives its stat. `mode` is subject to the umask.
struct stat write_file(int folder, const std::string& name, std::string_view bytes, mode_t mode);
/// The same, replacing what is there.
void write_file(int folder, const std::string& name, std::string_view bytes);
struct stat write_link(int folder, const std::string& name, const std::string& target);

/// Copies a file into another directory, where it must not exist.
void copy_file(int from, const std::string& name, int to, const std::string& new_name);

void rename_file(int folder, const std::string& from, const std::string& to);

/// Removes whatever `name` is, with all that is in it, however deep. Nothing there is fine.
/// With a `deadline`, may give up halfway when it has passed; then false.
using Deadline = std::optional<std::chrono::steady_clock::time_point>;
bool remove(int folder, const std::string& name, Deadline deadline = std::nullopt);

}  // namespace jci::workspace
