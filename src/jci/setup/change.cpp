// SPDX-License-Identifier: MIT
#include "jci/setup/change.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/repos/git.hpp"
#include "jci/secrets/keys.hpp"
#include "jci/setup/git_config.hpp"
#include "jci/setup/hook_managers.hpp"
#include "jci/util/atomic_file.hpp"
#include "jci/util/files.hpp"
#include "jci/util/json.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_changed = "kept: it was changed";
constexpr const char* k_gone = "is gone already";
constexpr const char* k_removed = "removed";

bool is_there(const fs::path& file) {
  return fs::symlink_status(file).type() != fs::file_type::not_found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> missing(const fs::path& file, const AddedLines& added) {
  const auto present = lines_of(contents_of(file));
  std::vector<std::string> lines;
  for (const std::string& line : added.lines)
    if (std::ranges::find(present, line) == present.end()) lines.push_back(line);
  return lines;
}

bool has_keys(const fs::path& secrets) {
  std::error_code none;  // no such directory
  const auto is_key = [](const fs::directory_entry& entry) {
    return entry.path().extension() == ".key";
  };
  return std::ranges::any_of(fs::directory_iterator(secrets, none), is_key);
}

/// A file that is written anew keeps its mode, and a link to it stays one.
void rewrite(const fs::path& file, const std::string& text) {
  struct stat before{};
  if (::stat(file.c_str(), &before) != 0) return write_atomically(file, text);
  const fs::path real = fs::canonical(file);
  const unsigned mode = before.st_mode & 07777U;
  write_atomically(real, text, mode);
  if (::chmod(real.c_str(), mode) != 0)  // the umask has taken from it
    throw std::system_error(errno, std::generic_category(), fmt::format("`{}`", file.string()));
}

// --- settled ---

struct IsSettled {
  const fs::path& root;

  bool operator()(const NewDirectory& change) const { return is_there(root / change.path); }
  bool operator()(const NewFile& change) const { return is_there(root / change.path); }
  bool operator()(const NewKey& change) const { return is_there(root / change.path); }
  bool operator()(const AddedLines& change) const {
    return missing(root / change.path, change).empty();
  }
  bool operator()(const AddedBlock& change) const {
    return contents_of(root / change.path).contains(change.text);
  }
  bool operator()(const Moved& change) const {
    return !is_there(root / change.from) || is_there(root / change.to);
  }
  bool operator()(const Setting& change) const {
    return git_setting(root, change.name).has_value();
  }
};

// --- make ---

struct Make {
  const fs::path& root;

  void operator()(const NewDirectory& change) const { fs::create_directory(root / change.path); }
  void operator()(const NewFile& change) const {
    write_atomically(root / change.path, change.text, change.is_program ? 0777 : 0666);
  }
  void operator()(const NewKey& change) const { secrets::make_key_file(root / change.path); }
  void operator()(const AddedLines& change) const {
    const fs::path file = root / change.path;
    std::string text = contents_of(file);
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    for (const std::string& line : missing(file, change)) text += line + '\n';
    rewrite(file, text);
  }
  void operator()(const AddedBlock& change) const {
    const fs::path file = root / change.path;
    std::string text = contents_of(file);
    rewrite(file, text.insert(std::min(change.at, text.size()), change.text));
  }
  void operator()(const Moved& change) const { fs::rename(root / change.from, root / change.to); }
  void operator()(const Setting& change) const { set_git_config(root, change.name, change.value); }
};

// --- take back ---

struct TakeBack {
  const fs::path& root;

  fs::path now(const fs::path& path) const {
    const bool is_hook = path.filename() == "pre-push" || path.filename() == "pre-push.legacy";
    return is_hook ? hook_file_now(root / path) : root / path;
  }

  std::string operator()(const NewDirectory& change) const {
    const fs::path directory = root / change.path;
    if (!is_there(directory)) return k_gone;
    if (!fs::is_empty(directory)) return "kept: there are files in it";
    fs::remove(directory);
    return k_removed;
  }
  std::string operator()(const NewFile& change) const {
    const fs::path file = now(change.path);
    if (!is_there(file)) return k_gone;
    if (contents_of(file) != change.text) return k_changed;
    fs::remove(file);
    return k_removed;
  }
  std::string operator()(const NewKey& change) const {
    const fs::path file = root / change.path;
    if (!is_there(file)) return k_gone;
    const fs::path secrets = fs::path(file).replace_extension(".enc");
    if (is_there(secrets)) return fmt::format("kept: it opens `{}`", secrets.filename().string());
    fs::remove(file);
    return k_removed;
  }
  std::string operator()(const AddedLines& change) const {
    const fs::path file = root / change.path;
    if (!is_there(file)) return k_gone;
    if (file.filename() == ".gitignore" && has_keys(root / "secrets"))
      return "kept: there are keys, which must stay out of git";
    std::string rest;
    for (const std::string& line : lines_of(contents_of(file)))
      if (std::ranges::find(change.lines, line) == change.lines.end()) rest += line + '\n';
    if (rest.empty()) {
      fs::remove(file);
      return k_removed;
    }
    if (change.after_open_line) rest.pop_back();
    rewrite(file, rest);
    return "lines removed";
  }
  std::string operator()(const AddedBlock& change) const {
    const fs::path file = root / change.path;
    std::string text = contents_of(file);
    const auto at = text.find(change.text);
    if (at == std::string::npos) return is_there(file) ? k_changed : k_gone;
    rewrite(file, text.erase(at, change.text.size()));
    return "lines removed";
  }
  std::string operator()(const Moved& change) const {
    if (!is_there(root / change.to)) return k_gone;
    const fs::path from = now(change.from);
    if (is_there(from))
      return fmt::format("kept as `{}`: another one is in its place", change.to.string());
    fs::rename(root / change.to, from);
    return "moved back";
  }
  std::string operator()(const Setting& change) const {
    const auto value = git_setting(root, change.name);
    if (!value) return k_gone;
    if (*value != change.value) return k_changed;
    unset_git_config(root, change.name);
    return k_removed;
  }
};

// --- records ---

struct ToRecord {
  using Object = boost::json::object;
  Object operator()(const NewDirectory& change) const {
    return {{"kind", "directory"}, {"path", change.path.string()}};
  }
  Object operator()(const NewFile& change) const {
    return {{"kind", "file"},
            {"path", change.path.string()},
            {"text", change.text},
            {"is_program", change.is_program}};
  }
  Object operator()(const NewKey& change) const {
    return {{"kind", "key"}, {"path", change.path.string()}};
  }
  Object operator()(const AddedLines& change) const {
    return {{"kind", "lines"},
            {"path", change.path.string()},
            {"lines", boost::json::array(change.lines.begin(), change.lines.end())},
            {"after_open_line", change.after_open_line}};
  }
  Object operator()(const AddedBlock& change) const {
    return {{"kind", "block"}, {"path", change.path.string()}, {"text", change.text}};
  }
  Object operator()(const Moved& change) const {
    return {{"kind", "moved"}, {"from", change.from.string()}, {"to", change.to.string()}};
  }
  Object operator()(const Setting& change) const {
    return {{"kind", "setting"}, {"name", change.name}, {"value", change.value}};
  }
};

struct Subject {
  std::string operator()(const AddedLines& change) const { return change.path; }
  std::string operator()(const Moved& change) const { return change.from; }
  std::string operator()(const Setting& change) const { return change.name; }
  std::string operator()(const auto& change) const { return change.path; }
};

}  // namespace

AddedLines added_lines(const fs::path& root, const fs::path& path, std::vector<std::string> lines) {
  const std::string text = contents_of(root / path);
  return {path, std::move(lines), !text.empty() && !text.ends_with('\n')};
}

bool is_settled(const fs::path& root, const Change& change) {
  return std::visit(IsSettled{root}, change);
}
void make(const fs::path& root, const Change& change) { std::visit(Make{root}, change); }
std::string take_back(const fs::path& root, const Change& change) {
  return std::visit(TakeBack{root}, change);
}
std::string subject_of(const Change& change) { return std::visit(Subject{}, change); }
boost::json::object to_record(const Change& change) { return std::visit(ToRecord{}, change); }

Change from_record(const boost::json::object& record) {
  const auto text = [&](const char* key) { return text_of(record, key); };
  const std::string kind = text("kind");
  if (kind == "directory") return NewDirectory{text("path")};
  if (kind == "file") return NewFile{text("path"), text("text"), flag_of(record, "is_program")};
  if (kind == "key") return NewKey{text("path")};
  if (kind == "lines")
    return AddedLines{text("path"), texts_of(record, "lines"), flag_of(record, "after_open_line")};
  if (kind == "block") return AddedBlock{text("path"), text("text")};
  if (kind == "moved") return Moved{text("from"), text("to")};
  if (kind == "setting") return Setting{text("name"), text("value")};
  throw BadConfig(
      fmt::format("a newer version of Jaypore CI changed something here that this one "
                  "does not know: `{}`",
                  kind));
}

}  // namespace jci::setup
