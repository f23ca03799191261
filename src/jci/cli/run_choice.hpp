// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jci/cli/history_access.hpp"

namespace jci::cli {

// Which run is meant by what people write: the beginning of a run's id, else of a commit's, of which the newest run counts. This
// repository's runs come before those of others.

/// Nothing where there is none. Throws BadConfig where several are meant, naming them.
std::optional<history::RunRow> find_run(HistoryAccess& history, const std::string& prefix);
/// Throws BadConfig also where there is none.
history::RunRow run_named(HistoryAccess& history, const std::string& prefix);

/// The newest run of this repository, with the job of that name where one is given; nothing where there is none. Throws BadConfig
/// outside of repositories; `elsewhere` is what works there, such as "`jci logs RUN JOB`".
std::optional<history::RunRow> newest_run(HistoryAccess& history, std::string_view elsewhere,
                                          const std::optional<std::string>& job = std::nullopt);
/// Throws BadConfig also where there is none.
history::RunRow some_run(HistoryAccess& history, std::string_view elsewhere);

}  // namespace jci::cli
