// SPDX-License-Identifier: MIT
#include "jci/push/news.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/history/store.hpp"
#include "jci/util/atomic_file.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/files.hpp"
#include "jci/util/hash.hpp"

namespace jci::push {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_kept_logs = 20;
constexpr const char* k_log = ".log";
constexpr const char* k_news = ".news";
constexpr const char* k_begun = ".begun";

bool is_locked(const fs::path& log) {
  const Fd fd(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
}

}  // namespace

News::News(const fs::path& state, const fs::path& root)
    : directory_(state / "pushes" / fmt::format("{:016x}", stable_hash(history::repo_key(root)))) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    throw TriggerFailed(fmt::format("cannot make `{}`: {}; XDG_STATE_HOME may name another place",
                                    directory_.string(), error.message()));
}

fs::path News::new_log(const std::string& sha) const {
  const auto logs = files_with(directory_, k_log);  // their names begin with a time
  std::error_code ignored;
  for (std::size_t i = 0; i + k_kept_logs <= logs.size(); ++i) fs::remove(logs[i], ignored);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return directory_ / fmt::format("{}-{}-{}.log", time, sha.substr(0, 10), ::getpid());
}

void News::leave(const fs::path& log, const std::string& line) const {
  const fs::path file = fs::path(log).replace_extension(k_news);
  write_atomically(file, contents_of(file) + line + '\n', 0600);
}

void News::begin(const fs::path& log, const std::string& line_if_it_dies) const {
  write_atomically(fs::path(log).replace_extension(k_begun), line_if_it_dies, 0600);
}

void News::ended(const fs::path& log) const {
  fs::remove(fs::path(log).replace_extension(k_begun));
}

std::vector<std::string> News::take() const {
  for (const fs::path& begun : files_with(directory_, k_begun)) {
    const fs::path log = fs::path(begun).replace_extension(k_log);
    if (is_locked(log)) continue;
    leave(log, contents_of(begun));
    ended(log);
  }
  std::vector<std::string> lines;
  for (const fs::path& file : files_with(directory_, k_news)) {
    std::istringstream text(contents_of(file));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    std::error_code ignored;
    fs::remove(file, ignored);
  }
  return lines;
}

}  // namespace jci::push
