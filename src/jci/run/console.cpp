// SPDX-License-Identifier: MIT
#include "jci/run/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <utility>

#include "jci/reporters/text.hpp"
#include "jci/views/json.hpp"
#include "jci/views/output.hpp"
#include "jci/views/plan.hpp"
#include "jci/views/progress.hpp"
#include "jci/views/tails.hpp"

namespace jci::run {
namespace {

std::string render(const PipelineView& view, Reporter& reporter,
                   std::vector<std::string>& warnings) {
  try {
    return reporter.render(view);
  } catch (const std::exception& error) {
    warnings.push_back(
        fmt::format("the reporter failed, this is the text report instead: {}", error.what()));
    return make_text_reporter()->render(view);
  }
}

}  // namespace

Console::Console(bool json, boost::asio::any_io_executor loop) {
  if (json) {
    json_ = make_json_view(std::move(loop), STDOUT_FILENO);
  } else {
    progress_ = make_progress_view(std::move(loop), STDERR_FILENO);
  }
}

Console::~Console() = default;

Observer& Console::view() { return json_ ? static_cast<Observer&>(*json_) : *progress_; }

void Console::tell_of_remotes(const std::vector<std::shared_ptr<Remote>>& remotes) {
  for (const std::shared_ptr<Remote>& remote : remotes) {
    if (!json_ && remote->name() != "git")
      write_all(STDERR_FILENO,
                fmt::format("jci: reports go to {}, whose token is in the environment\n",
                            remote->name()));
  }
}

void Console::finish(const PipelineView& last, Reporter& reporter,
                     std::vector<std::string> warnings, int exit_code) {
  const std::string report = render(last, reporter, warnings);
  if (json_) {
    for (const std::string& warning : warnings)
      json_->on_event(Warning{warning, std::chrono::system_clock::now()});
    json_->finish(report, exit_code);
    return;
  }
  write_all(STDOUT_FILENO, report + render_tails(last));
  warn(warnings);
}

void Console::warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    write_all(STDERR_FILENO, fmt::format("jci: warning: {}\n", warning));
}

void print_plan(const Pipeline& pipeline, std::string_view executor, bool json) {
  write_all(STDOUT_FILENO, json ? render_plan_json(pipeline, executor) : render_plan(pipeline));
}

}  // namespace jci::run
