// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace jci::setup {

// What `jci init` does to a repository: small changes, each of which can be found done, done, recorded and taken back. Paths are relative
// to the repository's root, or absolute.

struct NewDirectory {
  std::filesystem::path path;
};
struct NewFile {
  std::filesystem::path path;
  std::string text;
  bool is_program = false;
};
/// A secret key, which may be needed for what was encrypted with it: taken back only while there is no file beside it.
struct NewKey {
  std::filesystem::path path;  ///< "secrets/ci.key"
};
/// Lines at the end of a file that may be there already.
struct AddedLines {
  std::filesystem::path path;
  std::vector<std::string> lines;
  bool after_open_line = false;  ///< the file's last line had no newline
};
/// Text in a file that is there.
struct AddedBlock {
  std::filesystem::path path;
  std::string text;
  std::size_t at = 0;  ///< where in the file; needed to make it only
};
/// A file moved out of the way of a new one.
struct Moved {
  std::filesystem::path from;
  std::filesystem::path to;
};
/// In the repository's own configuration.
struct Setting {
  std::string name;
  std::string value;
};

/// Lines for the file at `path`, relative to `root`, as it is now.
AddedLines added_lines(const std::filesystem::path& root, const std::filesystem::path& path,
                       std::vector<std::string> lines);

using Change = std::variant<NewDirectory, NewFile, NewKey, AddedLines, AddedBlock, Moved, Setting>;

/// Whether nothing is left to do: it is done, or something else is in its place, which stays as it is.
bool is_settled(const std::filesystem::path& root, const Change& change);

/// Throws std::system_error, TriggerFailed, secrets::Error; then nothing has changed.
void make(const std::filesystem::path& root, const Change& change);

/// Does the opposite where all is as `make` left it. Gives what it did: "removed", or why it did nothing: "kept: it was changed". Throws
/// std::system_error, TriggerFailed.
std::string take_back(const std::filesystem::path& root, const Change& change);

/// What a change is about, for a list: a path, or the name of a setting.
std::string subject_of(const Change& change);

/// To be kept until it is taken back. `from_record` throws BadConfig for what is none.
boost::json::object to_record(const Change& change);
Change from_record(const boost::json::object& record);

}  // namespace jci::setup
