// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "jci/core/reporter.hpp"

namespace jci {

/// The report as JUnit XML, for whatever shows test results: a `testsuite` per stage, a `testcase` per job. A job that failed or timed out
/// is a failure; one that could not be run, was lost or cancelled an error; one that was skipped or has not ended is skipped. Failing
/// tests of the job are told in the text of its failure, the end of its log in `system-out`. Well-formed XML 1.0 whatever the names
/// and logs are; the dialect is that of the Jenkins plug-in (https://github.com/jenkinsci/xunit-plugin, `junit-10.xsd`).
std::unique_ptr<Reporter> make_junit_reporter();

}  // namespace jci
