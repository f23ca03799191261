// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace jci {

// Reports that are kept in git (remotes/git.hpp) travel between repositories by the program `git`: it knows the user's keys, passwords,
// proxies and ssh configuration. What another repository has is fetched to `refs/jayporeci-remotes/<remote>/<sha>` and then joined with
// ours: the one chain goes on from the other, or a commit with both as its parents holds the newer report. That commit is the same whoever
// makes it. Nothing is ever forced, so of reports that are written at once in several places none is lost.

struct ExchangeSettings {
  std::filesystem::path repository;  ///< or a directory in it; bare ones and linked worktrees too
  std::string remote;  ///< a configured one; empty: where `git push` of this branch goes
  std::chrono::milliseconds silence{
      60'000};  ///< the other side is given up where git says nothing for so long
};

/// A report that stayed where it was, and why: in the words of whoever refused it.
struct RefusedReport {
  std::string sha;  ///< of the commit that the report is of
  std::string why;
  bool operator==(const RefusedReport&) const = default;
};

struct Exchanged {
  std::string remote;
  std::size_t received = 0;  ///< commits of which we have a newer report than before
  std::size_t merged = 0;    ///< of those: how many had news on both sides
  std::size_t sent = 0;
  std::vector<RefusedReport> refused = {};
  std::vector<std::string> said = {};  ///< what the server's hooks had to say, by lines
};

/// Each takes one call of git for all reports; `push_reports` fetches, joins and pushes again where somebody else was faster, up to ten
/// times. Throw BadConfig: no repository, no such remote; RemoteApiFailed: the other side cannot be reached.
Exchanged fetch_reports(const ExchangeSettings& settings);
Exchanged push_reports(const ExchangeSettings& settings);

}  // namespace jci
