// SPDX-License-Identifier: MIT
#include "jci/remotes/git_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <system_error>

#include "jci/core/errors.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/util/text.hpp"

namespace jci::remotes {
namespace {

constexpr std::string_view k_reports = "refs/jayporeci/";
constexpr std::size_t k_longest_reason = 400;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

/// Progress is rewritten with carriage returns; the last word of each phase stays.
bool is_progress(std::string_view line) {
  return line.ends_with(", done.") || line.find("% (") != std::string_view::npos ||
         line.starts_with("Total ") || line.starts_with("Enumerating objects: ");
}

/// What a line says once all that was overwritten is gone.
std::string last_version(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return sanitize_line(line.substr(line.rfind('\r') + 1));  // npos + 1 is 0
}

/// "https://me:secret@host/" -> "https://host/".
std::string without_credentials(std::string text) {
  for (auto at = text.find("://"); at != std::string::npos; at = text.find("://", at + 1)) {
    const auto start = at + 3;
    const auto end = std::min(text.find_first_of("/ '`\"", start), text.size());
    const auto sign = text.rfind('@', end);
    if (sign != std::string::npos && sign >= start && sign < end)
      text.erase(start, sign + 1 - start);
  }
  return text;
}

/// "[remote rejected] (hook declined)" -> "hook declined".
std::string_view words_of(std::string_view summary) {
  const auto open = summary.find(" (");
  if (open == std::string_view::npos || !summary.ends_with(')')) return summary;
  return summary.substr(open + 2, summary.size() - open - 3);
}

/// What git says of a ref that is not what it was when the server told its refs, or that another process holds.
bool is_race(std::string_view why) {
  constexpr std::array<std::string_view, 6> signs = {"fetch first",          "non-fast-forward",
                                                     "failed to update ref", "cannot lock",
                                                     "incorrect old value",  "failed to lock"};
  for (const auto sign : signs)
    if (why.find(sign) != std::string_view::npos) return true;
  return false;
}

/// `<flag> TAB <from>:<to> TAB <summary>`; other lines are for people.
void read_line(std::string_view line, PushAnswer& answer) {
  const auto first = line.find('\t');
  const auto second = line.find('\t', first + 1);
  if (first != 1 || second == std::string_view::npos) return;
  const char flag = line.front();
  if (flag == ' ' || flag == '*' || flag == '+') ++answer.sent;
  if (flag != '!') return;
  const auto refs = line.substr(2, second - 2);
  auto to = refs.substr(refs.rfind(':') + 1);
  if (to.starts_with(k_reports)) to.remove_prefix(k_reports.size());
  const auto why = words_of(line.substr(second + 1));
  answer.rejected.push_back({{sanitize_line(to), sanitize_line(why)}, is_race(why)});
}

Prompts prompts() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 ? Prompts::yes : Prompts::no;
}

Spoken run_git(const Route& route, std::vector<std::string> arguments,
               std::chrono::milliseconds silence) {
  std::vector<std::string> argv{"git", "--git-dir=" + route.git_dir.string()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  // What is said of each ref is read below, so it has to be in English.
  std::vector<std::string> variables{"LC_ALL=C"};
  const Prompts may_ask = prompts();
  if (may_ask == Prompts::no) variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  try {
    return run_while_it_speaks(argv, variables, silence, may_ask);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::timed_out)
      throw RemoteApiFailed::for_now(
          fmt::format("`{}` gave no sign of life for {}; `--timeout SECONDS` waits longer",
                      route.remote, human_duration(silence)));
    throw RemoteApiFailed(fmt::format("cannot run {}", error.what()));
  }
}

[[noreturn]] void refuse(std::string_view doing, const Route& route, const Spoken& spoken) {
  throw RemoteApiFailed(
      fmt::format("cannot {} `{}`: {}", doing, route.remote, git_reason(spoken.errors)));
}

}  // namespace

std::string git_reason(std::string_view errors) {
  std::string reason;
  for (const auto line : lines_of(errors)) {
    const auto text = last_version(line);
    // Below "Could not read from remote repository." git guesses, on two lines, at why.
    const bool advice = text.starts_with("Please make sure you have the correct access rights") ||
                        text == "and the repository exists.";
    if (trim(text).empty() || is_progress(text) || advice) continue;
    reason += fmt::format("{}{}", reason.empty() ? "" : "; ", trim(text));
  }
  if (reason.empty()) return "git does not say why";
  return shorten(without_credentials(std::move(reason)), k_longest_reason);
}

PushAnswer read_push_answer(std::string_view output, std::string_view errors) {
  constexpr std::string_view from_server = "remote: ";
  PushAnswer answer;
  for (const auto line : lines_of(output)) read_line(line, answer);
  for (const auto line : lines_of(errors)) {
    const auto text = last_version(line);
    if (!text.starts_with(from_server)) continue;
    const auto words = trim(std::string_view(text).substr(from_server.size()));
    if (!words.empty() && !is_progress(words)) answer.said.emplace_back(words);
  }
  return answer;
}

void git_fetch_reports(const Route& route, std::chrono::milliseconds silence) {
  // An empty `--refmap`: a clone that mirrors all refs would else write over our own reports. `--no-filter`: a partial clone would
  // else get reports without their texts.
  const auto spoken =
      run_git(route,
              {"fetch", "--progress", "--no-tags", "--no-prune", "--no-filter",
               "--no-recurse-submodules", "--no-write-fetch-head", "--refmap=", "--", route.remote,
               fmt::format("+refs/jayporeci/*:refs/jayporeci-remotes/{}/*", route.remote)},
              silence);
  if (spoken.exit_code != 0) refuse("fetch reports from", route, spoken);
}

PushAnswer git_push_reports(const Route& route, std::chrono::milliseconds silence) {
  // What is pushed are reports alone, whatever this remote or git's configuration say of branches, tags and submodules.
  const auto spoken =
      run_git(route,
              {"-c", fmt::format("remote.{}.mirror=false", route.remote), "push", "--porcelain",
               "--progress", "--no-verify", "--no-follow-tags", "--no-recurse-submodules", "--",
               route.remote, "refs/jayporeci/*:refs/jayporeci/*"},
              silence);
  auto answer = read_push_answer(spoken.output, spoken.errors);
  if (spoken.exit_code != 0 && answer.rejected.empty()) refuse("push reports to", route, spoken);
  return answer;
}

}  // namespace jci::remotes
