// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jci/remotes/exchange_module.hpp"

namespace jci::remotes {

// The program `git` as carrier of reports. It may ask for passwords where there is a terminal. Both throw RemoteApiFailed with what git said,
// without user and password of urls.

/// A ref that was not pushed.
struct Rejected {
  RefusedReport report;
  bool raced =
      false;  ///< somebody else wrote it in the meantime: fetching and pushing again may help
  bool operator==(const Rejected&) const = default;
};

struct PushAnswer {
  std::size_t sent = 0;
  std::vector<Rejected> rejected;
  std::vector<std::string> said;  ///< by the server's hooks
  bool operator==(const PushAnswer&) const = default;
};

void git_fetch_reports(const Route& route, std::chrono::milliseconds silence);
PushAnswer git_push_reports(const Route& route, std::chrono::milliseconds silence);

/// Reads what `git push --porcelain --progress` wrote to stdout and stderr. See git-push(1), "OUTPUT". Pure.
PushAnswer read_push_answer(std::string_view output, std::string_view errors);

/// What went wrong, on one line, from git's stderr: without progress, advice, user and password. Pure.
std::string git_reason(std::string_view errors);

}  // namespace jci::remotes
