// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "jci/secrets/shell.hpp"
#include "jci/util/subprocess.hpp"
#include "secrets_fixture.hpp"
#include "temporary_directory.hpp"

namespace jci::secrets {
namespace {

TEST(SecretsShell, QuotesSoThatAShellReadsTheValueBack) {
  EXPECT_EQ(to_shell(std::vector<Variable>{{"A", Wiped("it's")}, {"B", Wiped()}}).text(),
            "export A='it'\\''s'\nexport B=''\n");
  const TemporaryDirectory directory;
  const auto file = directory.path() / "exports";
  RandomTexts random;
  for (int i = 0; i < 40; ++i) {
    const std::string value = random.text("ab \n\"'=#\r$`\\;&|(){}*?!~\t\xc3\xa9", 30) + "x";
    write_text(file, to_shell(std::vector<Variable>{{"A", Wiped(value)}}).view());
    for (const char* shell : {"sh", "bash"}) {
      const std::string script = "set -eu; eval \"$(cat \"$1\")\"; exec printenv A";
      const Finished done =
          run_subprocess({shell, "-c", script, shell, file}, std::chrono::seconds(60));
      EXPECT_EQ(done.output, value + "\n") << shell;
    }
  }
}

TEST(SecretsShell, NeverPrintsANameThatAShellWouldRun) {
  for (const char* name : {"A;reboot", "$(x)", "A B", "", "1"})
    EXPECT_EQ(problem_of([&] { to_shell(std::vector<Variable>{{name, Wiped("x")}}); }),
              Problem::malformed);
}

}  // namespace
}  // namespace jci::secrets
