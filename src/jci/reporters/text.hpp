// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "jci/core/reporter.hpp"

namespace jci {

/// The report as a block of text, for terminals, mails and commit notes alike: no colours, no escape sequences, every line ended by
/// one newline.
///
///     ╔ 🔴 : JayporeCI       [sha edcb193bae]
///     ┏━ Pipeline
///     ┃
///     ┃ 🟢 : Black           [ffcda0a9]   0: 3
///     ┃ 🔴 : PyTest          [28d4985f]   0:15 [Cov: 65%  ] exit code 1
///     ┃ ⚪ : Publish         [........]  --:-- ❮-- ['PyTest'] skipped: `PyTest` failed
///     ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
///
/// Of a job, in this order: status; name, padded to the longest of the report and to 15 columns at least; the first 8 characters of
/// its run id; minutes and seconds; where it has them, the first 10 columns of its `<job name>.txt`, its parents, "service",
/// and why it did not pass.
///
/// Below the block, where there are any: tests and coverage of jobs, with the first failing tests and what they say, and warnings.
///
///     PyTest: tests: 38 passed, 1 failed; coverage: 83.1% (+0.4)
///       ✗ tests.test_greeting › test_hello
///           assert 1 == 2
std::unique_ptr<Reporter> make_text_reporter();

}  // namespace jci
