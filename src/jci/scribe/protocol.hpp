// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

/// What a run and its `jci-scribe` say to each other over a socket pair (SOCK_STREAM). Both come from one build and lie in one directory, so this
/// has no version, and numbers travel as they lie in memory.
namespace jci::scribe {

/// From the run: this, then the report.
struct Request {
  std::int32_t status;  ///< of the run: a jci::Status
  std::uint32_t report_bytes;
};

/// To the run, for each request: this, then why the report could not be stored; nothing where it was.
struct Answer {
  std::uint32_t problem_bytes;
};

}  // namespace jci::scribe
