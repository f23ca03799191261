// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/view.hpp"
#include "jci/reporters/words.hpp"

namespace jci::report {

// What pages and mails say alike, as HTML; nothing of anyone's text in it is markup.

inline constexpr std::size_t k_name_characters = 200;
inline constexpr std::size_t k_line_characters = 2'000;

/// On one line.
std::string html_line(std::string_view text, std::size_t characters = k_name_characters);
std::string html_monospaced(std::string_view text);

/// "failed: PyTest".
std::string html_headline(const PipelineView& view, const std::vector<ToldJob>& jobs);
/// The first line of the commit's message, as it is.
std::string_view subject_of(const PipelineView& view);
/// "edcb193bae · on greetings · 2026-11-28 12:00 UTC · 17.0 s · the run before passed".
std::string html_facts(const PipelineView& view);
/// "exit code 1", where that says more than the status does.
std::string html_reason(const ToldJob& told);
/// "service", "after Redis", what it reports, tests and coverage; each a piece of its own.
std::vector<std::string> html_details(const JobView& job);

}  // namespace jci::report
