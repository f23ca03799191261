// SPDX-License-Identifier: MIT
#include "history_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "jci/history/log_reader.hpp"

namespace jci::testing_history {

namespace fs = std::filesystem;

HistoryFixture::HistoryFixture() {
  std::string name = (fs::temp_directory_path() / "jci-history-XXXXXX").string();
  state_ = ::mkdtemp(name.data());
}

HistoryFixture::~HistoryFixture() { fs::remove_all(state_); }

std::string HistoryFixture::read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string HistoryFixture::bytes_of(const fs::path& run_directory, std::string_view job,
                                     std::optional<Stream> only) {
  history::LogReader reader(run_directory, job, only);
  std::string all;
  for (std::string_view bytes; !(bytes = reader.next()).empty();) all += bytes;
  return all;
}

WallTime at(std::int64_t microseconds) {
  return WallTime(std::chrono::microseconds(1'700'000'000'000'000 + microseconds));
}

RunInfo info(const std::string& pipe_id) {
  return {.pipe_id = pipe_id,
          .sha = "edcb193bae0123456789edcb193bae0123456789",
          .branch = "main",
          .remote = "https://example.org/repo.git",
          .commit_message = "Add a thing\n\nIt was missing.\n",
          .executor = "shell",
          .repo_root = "/repo",
          .workspace = "/cache/work",
          .config = "cicd/cicd.py",
          .dirty = true};
}

Pipeline pipeline(const std::vector<std::string>& jobs) {
  Pipeline made;
  for (const std::string& job : jobs) made.add_job(job, std::string("true"), {});
  return made;
}

Pipeline many_jobs(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("job-{}", i));
  return pipeline(names);
}

JobState passed_in(std::int64_t nanoseconds) {
  return {.status = Status::passed,
          .run_id = "4711",
          .started_at = at(1),
          .took = Nanoseconds(nanoseconds),
          .outcome = Exited{0},
          .report = ""};
}

void tell_run(Observer& observer, const Pipeline& pipeline, const RunInfo& info) {
  observer.on_event(RunStarted{pipeline, info, at(0)});
  for (const Job& job : pipeline.jobs()) {
    observer.on_event(JobStarted{job, "4711", at(1)});
    observer.on_event(JobOutput{job, Stream::out, "hello\n"});
    observer.on_event(JobFinished{job, passed_in(5), at(2)});
  }
  observer.on_event(RunFinished{Status::passed, at(3), Nanoseconds(3000)});
}

}  // namespace jci::testing_history
