// SPDX-License-Identifier: MIT
#include "jci/secrets/keys.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <iterator>
#include <system_error>
#include <utility>

#include "jci/secrets/whole_file.hpp"
#include "jci/util/fd.hpp"

namespace jci::secrets {
namespace {

namespace fs = std::filesystem;

void append(std::vector<Identity>& all, std::vector<Identity> more) {
  std::ranges::move(more, std::back_inserter(all));
}

/// `parse_identities`, which says where the text is from.
std::vector<Identity> identities_in(std::string_view text, std::string_view where) {
  try {
    return parse_identities(text);
  } catch (const Error& error) {
    throw Error(error.problem, fmt::format("{}: {}", where, error.what()));
  }
}

void check_mode(const fs::path& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0 || (facts.st_mode & 077) == 0) return;
  throw Error(Problem::unsafe_key,
              fmt::format("others may read the key in `{0}`, whose mode is {1:04o}: say `chmod 600 "
                          "{0}`, and `jci secrets rotate` with a new key if anybody did",
                          file.string(), facts.st_mode & 07777));
}

/// Says what failed, and leaves nothing behind.
[[noreturn]] void give_up(const fs::path& file, int error) {
  ::unlink(file.c_str());
  throw cannot("write", file, error);
}

}  // namespace

std::vector<Identity> read_key_file(const fs::path& file) {
  check_mode(file);
  return identities_in(read_whole_file(file).view(), fmt::format("`{}`", file.string()));
}

std::vector<Identity> keys_of_variables(const Lookup& lookup) {
  std::vector<Identity> all;
  const char* keys = lookup("SOPS_AGE_KEY");
  if (keys != nullptr && *keys != '\0') append(all, identities_in(keys, "`SOPS_AGE_KEY`"));
  const char* file = lookup("SOPS_AGE_KEY_FILE");
  if (file != nullptr && *file != '\0')
    append(all, identities_in(read_whole_file(file).view(),
                              fmt::format("`{}` of `SOPS_AGE_KEY_FILE`", file)));
  return all;
}

std::vector<Identity> all_keys(const fs::path& root, const Lookup& lookup) {
  std::vector<Identity> all;
  const auto try_to = [&all](auto read) {
    try {
      append(all, read());
    } catch (const std::runtime_error&) {
      // It opens nothing, then.
    }
  };
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(root / "secrets", none))
    if (entry.path().extension() == ".key") try_to([&] { return read_key_file(entry.path()); });
  try_to([&] { return keys_of_variables(lookup); });
  return all;
}

Identity make_key_file(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST)
    throw Error(
        Problem::malformed,
        fmt::format("`{}` is there already; without it nothing that it encrypts can be read "
                    "again, so it is not replaced",
                    file.string()));
  if (!fd) throw cannot("write", file, errno);
  Identity identity = Identity::generate();
  const Wiped text = identity_file(identity);
  const auto written = ::write(fd.get(), text.view().data(), text.view().size());
  if (written < 0) give_up(file, errno);
  if (static_cast<std::size_t>(written) != text.view().size()) give_up(file, ENOSPC);
  if (::fsync(fd.get()) != 0) give_up(file, errno);
  return identity;
}

}  // namespace jci::secrets
