// SPDX-License-Identifier: MIT
#include "jci/secrets/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>

#include "jci/secrets/keys.hpp"
#include "jci/secrets/whole_file.hpp"
#include "jci/util/atomic_file.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {
namespace {

namespace fs = std::filesystem;

bool is_good_name(std::string_view name) {
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, fits);
}

/// What to do about it, where the message itself does not say.
std::string way_out(const Error& error, const Environment& environment) {
  const std::string file = environment.file().string();
  switch (error.problem) {
    case Problem::no_key:
      return fmt::format("; put one into `{}`, or into `SOPS_AGE_KEY`",
                         environment.key_file().string());
    case Problem::wrong_key:
      return fmt::format(
          "; ask one who has such a key for it, or to say `jci secrets add-recipient "
          "{}` with the public key of yours",
          environment.name());
    case Problem::conflict:
      return fmt::format(
          "; take one side whole, by `git checkout --ours -- {}` or `--theirs`, and "
          "make the other's changes again by `jci secrets edit {}`",
          file, environment.name());
    default:
      return "";
  }
}

unsigned mode_of(const fs::path& file) {
  struct stat facts{};
  return ::stat(file.c_str(), &facts) == 0 ? facts.st_mode & 0777 : 0644;
}

}  // namespace

Environment::Environment(const fs::path& root, std::string_view name, Lookup lookup)
    : name_(name), directory_(root / "secrets"), lookup_(std::move(lookup)) {
  if (!is_good_name(name))
    throw Error(
        Problem::malformed,
        fmt::format("`{}` cannot be the name of an environment; use letters, digits, `_`, `-` "
                    "and dots",
                    sanitize_line(name)));
  file_ = directory_ / (name_ + ".enc");
  key_file_ = directory_ / (name_ + ".key");
}

bool Environment::exists() const { return fs::exists(file_); }

std::vector<Identity> Environment::keys() const {
  std::vector<Identity> keys;
  if (fs::exists(key_file_)) keys = read_key_file(key_file_);
  std::ranges::move(keys_of_variables(lookup_), std::back_inserter(keys));
  return keys;
}

SopsDocument Environment::open() const {
  if (!exists())
    throw Error(Problem::no_file, fmt::format("there is no `{}`; `jci secrets edit {}` makes it",
                                              file_.string(), name_));
  const Wiped text = read_whole_file(file_);
  const auto our_keys = keys();
  try {
    return SopsDocument::open(text.view(), our_keys);
  } catch (const Error& error) {
    throw Error(error.problem, fmt::format("`{}` cannot be opened: {}{}", file_.string(),
                                           error.what(), way_out(error, *this)));
  }
}

SopsDocument Environment::open_or_create() const {
  if (exists()) return open();
  const auto our_keys = keys();
  if (our_keys.empty())
    throw Error(
        Problem::no_key,
        fmt::format("there is no key to encrypt `{}` for; `jci secrets keygen {}` makes one",
                    file_.string(), name_));
  const Recipient& recipient = our_keys.front().recipient();
  return SopsDocument::create({&recipient, 1});
}

void Environment::save(const SopsDocument& document) const {
  if (!document.is_changed()) return;
  std::error_code missing;
  const fs::path target = fs::canonical(file_, missing);  // so that a link stays one
  try {
    fs::create_directories(directory_);
    write_atomically(missing ? file_ : target, document.text(), mode_of(file_));
  } catch (const std::system_error& error) {
    throw cannot("write", file_, error.code().value());
  }
}

Fd Environment::lock() const {
  std::error_code error;
  fs::create_directories(directory_, error);
  Fd fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw cannot("open", directory_, errno);
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) throw cannot("lock", directory_, errno);
  return fd;
}

Identity Environment::make_key() const {
  try {
    fs::create_directories(directory_);
    const fs::path ignored = directory_ / ".gitignore";
    if (!fs::exists(ignored)) write_atomically(ignored, "*.key\n");
  } catch (const std::system_error& error) {
    throw cannot("write", directory_, error.code().value());
  }
  return make_key_file(key_file_);
}

}  // namespace jci::secrets
