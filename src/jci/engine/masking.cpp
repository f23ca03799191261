// SPDX-License-Identifier: MIT
#include "jci/engine/masking.hpp"

#include <string>
#include <variant>

namespace jci {

void mask(JobResult& result, const Masker& secrets) {
  if (secrets.empty()) return;
  result.report = secrets.masked_beginning(result.report);
  if (auto* reason = std::get_if<CouldNotStart>(&result.outcome))
    reason->reason = secrets.masked(reason->reason);
  if (auto* reason = std::get_if<Lost>(&result.outcome))
    reason->reason = secrets.masked(reason->reason);
}

void mask(results::Found& found, const Masker& secrets) {
  if (secrets.empty()) return;
  for (std::string& warning : found.warnings) warning = secrets.masked(warning);
  if (!found.tests) return;
  for (FailedTest& test : found.tests->failures)
    for (std::string* text : {&test.suite, &test.name, &test.message})
      *text = secrets.masked_beginning(*text);
}

}  // namespace jci
