// SPDX-License-Identifier: MIT
#include "jci/history/recorder.hpp"

#include <fmt/format.h>

#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "jci/core/errors.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/history/log_files.hpp"
#include "jci/history/log_reader.hpp"
#include "jci/history/record.hpp"
#include "jci/history/run_lock.hpp"
#include "jci/history/writer.hpp"
#include "jci/util/paths.hpp"

namespace jci::history {
namespace {

namespace fs = std::filesystem;

class Warnings {
 public:
  void add(const std::string& message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(message);
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
};

std::unique_ptr<RunBegan> began(const RunStarted& event) {
  auto record = std::make_unique<RunBegan>(event.info, event.at);
  for (const Stage& stage : event.pipeline.stages()) record->stages.push_back(stage.name);
  record->jobs.reserve(event.pipeline.jobs().size());
  for (const Job& job : event.pipeline.jobs()) {
    record->jobs.push_back({job.id, job.stage, job.name, job.depends_on, job.settings});
  }
  return record;
}

}  // namespace

struct Recorder::Impl {
  explicit Impl(Options given) : options(std::move(given)) {}

  void on(const RunStarted& event) {
    try {
      if (options.state.empty()) options.state = state_directory();
      repo_root = event.info.repo_root;
      prepare(run_directory(options.state, event.info.pipe_id));
      writer.emplace(database_file(options.state), callbacks());
      writer->add(began(event));
    } catch (const std::exception& error) {  // TriggerFailed, std::system_error: the disk
      warnings.add(fmt::format("this run is not kept in the history: {}", error.what()));
    }
  }

  /// The lock comes before the row that says RUNNING: others would take the run for an interrupted one.
  void prepare(const fs::path& run_files) {
    fs::create_directories(run_files);
    lock.emplace(run_files);
    directory = run_files;
    logs.emplace(run_files, [this](const std::string& message) { warnings.add(message); });
  }

  Writer::Callbacks callbacks() {
    return {
        // While the first jobs start, so that the end of the run need not wait for it.
        .opened = [this](Store& store) { tidy(store); },
        .warn = [this](const std::string& message) { warnings.add(message); },
    };
  }

  void tidy(Store& store) {
    sweep(store, options.state, options.clean);
    try {
      remove_expired_daily(store, options.state, repo_root, options.retention,
                           std::chrono::system_clock::now());
    } catch (const StoreFailed&) {
      // The next run is as good a time.
    }
  }

  void on(const JobWaits&) {}
  void on(const JobStarted& event) {
    keep(JobBegan{event.job.id, std::string(event.run_id), event.at});
  }
  void on(const ServiceUp& event) { keep(ServiceCameUp{event.job.id}); }
  void on(const JobOutput& event) {
    if (logs) logs->write(event.job, event.stream, event.bytes);
  }
  void on(const JobFinished& event) {
    if (logs) logs->finished(event.job);
    keep(JobEnded{event.job.id, event.state});
  }
  void on(const Warning&) {}
  void on(const RunFinished& event) { keep(RunEnded{event.status, event.at}); }

  void keep(Record record) {
    if (writer) writer->add(std::move(record));
  }

  Options options;
  Warnings warnings;
  std::string repo_root;
  fs::path directory;
  std::optional<RunLock> lock;
  std::optional<LogFiles> logs;
  std::optional<Writer> writer;  // last: its thread uses the others
};

Recorder::Recorder(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Recorder::Recorder() : Recorder(Options()) {}
Recorder::~Recorder() { finish(); }

void Recorder::on_event(const Event& event) {
  std::visit([this](const auto& what) { impl_->on(what); }, event);
}

void Recorder::finish() {
  if (impl_->writer) impl_->writer->finish(impl_->options.patience);
}

std::vector<std::string> Recorder::warnings() const { return impl_->warnings.all(); }
fs::path Recorder::directory() const { return impl_->directory; }

std::string Recorder::log_tail(const Job& job, std::size_t lines, std::uint64_t max_bytes) const {
  if (impl_->directory.empty()) return {};
  return history::log_tail(impl_->directory, job.name, lines, max_bytes);
}

}  // namespace jci::history
