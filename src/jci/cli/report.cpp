// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "jci/cli/commands.hpp"
#include "jci/cli/history_access.hpp"
#include "jci/cli/run_choice.hpp"
#include "jci/core/reporter.hpp"
#include "jci/reporters/registry.hpp"
#include "jci/util/new_file.hpp"
#include "jci/views/output.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFlags {
  std::string run;
  std::string format = "text";
  std::string file;
};

void show_report(const ReportFlags& flags) {
  HistoryAccess history(fs::current_path());
  const auto run =
      flags.run.empty() ? some_run(history, "`jci report RUN`") : run_named(history, flags.run);
  const std::string report = reporter_named(flags.format)->render(history.view_of(run));
  if (flags.file.empty() || flags.file == "-") {
    write_all(STDOUT_FILENO, report);
  } else {
    write_new_file(flags.file, report);
  }
}

}  // namespace

void add_report(CLI::App& app, int& /*exit_code*/) {
  auto flags = std::make_shared<ReportFlags>();
  CLI::App* command = app.add_subcommand("report", "Show the report of a run, in any form");
  command->add_option("RUN", flags->run,
                      "The beginning of a run's id or of a commit's [the newest run]");
  command->add_option("--format", flags->format, "text, markdown, json, junit or html [text]")
      ->check(CLI::IsMember(reporter_names()));
  command->add_option("-o,--output", flags->file, "A file to write, whole or not at all [stdout]");
  command->callback([flags] { show_report(*flags); });
}

}  // namespace jci::cli
