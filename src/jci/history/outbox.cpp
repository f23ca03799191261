// SPDX-License-Identifier: MIT
#include "jci/history/outbox.hpp"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "jci/history/run_lock.hpp"
#include "jci/history/sweep.hpp"
#include "jci/util/atomic_file.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::microseconds;

constexpr std::string_view k_ending = ".json";
constexpr unsigned k_only_mine = 0600;  // reports may tell what a repository holds

std::int64_t micros(WallTime at) {
  return std::chrono::duration_cast<microseconds>(at.time_since_epoch()).count();
}

std::string to_json(const Letter& letter) {
  return json::serialize(json::object{
      {"version", 1},
      {"pipe_id", letter.pipe_id},
      {"remote", letter.remote},
      {"address", letter.address},
      {"report", letter.report},
      {"status", to_string(letter.status)},
      {"at", micros(letter.at)},
  });
}

std::string text_in(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

Letter from_json(std::string_view text) {
  json::parse_options lenient;  // reports hold what jobs wrote
  lenient.allow_invalid_utf8 = true;
  const json::value value = json::parse({text.data(), text.size()}, {}, lenient);
  const json::object& object = value.as_object();
  Letter letter{.pipe_id = text_in(object, "pipe_id"),
                .remote = text_in(object, "remote"),
                .address = text_in(object, "address"),
                .report = text_in(object, "report"),
                .at = WallTime(microseconds(object.at("at").as_int64()))};
  letter.status = status_named(text_in(object, "status")).value_or(Status::pending);
  return letter;
}

}  // namespace

Outbox::Outbox(const fs::path& state_directory)
    : state_(state_directory), directory_(state_directory / "outbox") {}

std::string Outbox::put(const Letter& letter) {
  fs::create_directories(directory_);
  const std::string age = fmt::format("{:020}", micros(letter.at));
  // Several remotes of one run.
  std::string name;
  for (int i = 0; name.empty() || fs::exists(directory_ / name); ++i)
    name = fmt::format("{}-{}-{}{}", age, letter.pipe_id, i, k_ending);
  write_atomically(directory_ / name, to_json(letter), k_only_mine);
  return name;
}

void Outbox::drop(const std::string& name) {
  std::error_code gone_already;
  fs::remove(directory_ / name, gone_already);
}

std::vector<std::string> Outbox::names() const {
  std::vector<std::string> names;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_, none))
    if (entry.path().extension() == k_ending) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::optional<Letter> Outbox::read(const std::string& name) const {
  std::ifstream file(directory_ / name, std::ios::binary);
  if (!file) return std::nullopt;
  try {
    return from_json(std::string(std::istreambuf_iterator(file), {}));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool Outbox::is_in_hands(const Letter& letter) const {
  return RunLock::is_held(run_directory(state_, letter.pipe_id));
}

std::optional<Fd> Outbox::lock() const {
  Fd fd(::open((directory_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return fd;
}

}  // namespace jci::history
