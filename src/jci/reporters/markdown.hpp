// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

#include "jci/core/reporter.hpp"

namespace jci {

struct MarkdownOptions {
  static constexpr std::size_t k_least_characters = 4'000;
  /// The report is no longer than this. GitHub takes 65,536 characters in a pull request or comment, Gitea more.
  std::size_t max_characters = 65'000;
};

/// The report as a pull request shows it, in GitHub Flavored Markdown, which Gitea and GitLab read as well:
///
///     🔴 **failed** · `edcb193bae` on `main` · 18.2 s · `PyTest` failed
///
/// then the graph of stages, jobs and dependencies (Mermaid), a table of the jobs, failing tests with their messages, the last
/// lines of the log of each job that failed, collapsed, and warnings.
///
/// What would be too long is shortened: first logs, then failing tests, then the graph is left out, then jobs of the table; the
/// report then says so. Names, logs and messages may be any bytes: they stay in their cell, fence or label.
///
/// Throws BadConfig for fewer than `k_least_characters`.
std::unique_ptr<Reporter> make_markdown_reporter(MarkdownOptions options = {});

}  // namespace jci
