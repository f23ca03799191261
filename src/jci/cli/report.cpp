// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jci/cli/commands.hpp"
#include "jci/cli/history_access.hpp"
#include "jci/cli/run_choice.hpp"
#include "jci/core/reporter.hpp"
#include "jci/reporters/html.hpp"
#include "jci/reporters/json.hpp"
#include "jci/reporters/junit.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/reporters/text.hpp"
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

struct Format {
  std::string_view name;
  std::unique_ptr<Reporter> (*make)();
};

constexpr std::array k_formats = {
    Format{"text", &make_text_reporter},
    Format{"markdown", [] { return make_markdown_reporter(); }},
    Format{"json", &make_json_reporter},
    Format{"junit", &make_junit_reporter},
    Format{"html", &make_html_reporter},
};

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format& format : k_formats) names.emplace_back(format.name);
  return names;
}

std::unique_ptr<Reporter> reporter_for(std::string_view format) {
  for (const Format& known : k_formats)
    if (known.name == format) return known.make();
  return make_text_reporter();
}

void show_report(const ReportFlags& flags) {
  HistoryAccess history(fs::current_path());
  const auto run =
      flags.run.empty() ? some_run(history, "`jci report RUN`") : run_named(history, flags.run);
  const std::string report = reporter_for(flags.format)->render(history.view_of(run));
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
      ->check(CLI::IsMember(format_names()));
  command->add_option("-o,--output", flags->file, "A file to write, whole or not at all [stdout]");
  command->callback([flags] { show_report(*flags); });
}

}  // namespace jci::cli
