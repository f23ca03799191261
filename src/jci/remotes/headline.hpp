// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "jci/core/repo.hpp"
#include "jci/core/view.hpp"

namespace jci {

/// What was built, in a few words: "widgets [feature 01234567]". The name is that of the repository's remote, else of its directory.
std::string build_title(const Repo& repo);

/// "🟢 PASSED widgets [feature 01234567]: 5 jobs passed in 12.0 s"; `title` as from build_title.
std::string headline(const PipelineView& view, std::string_view title);

/// "2 of 5 jobs done", "5 jobs passed in 12.0 s", "PyTest failed; 4 of 5 jobs passed in 12.0 s".
std::string describe(const PipelineView& view);
/// "passed in 12.0 s", "exit code 1 after 12.0 s", ...
std::string describe(const JobView& job);

}  // namespace jci
