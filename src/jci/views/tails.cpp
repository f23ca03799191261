// SPDX-License-Identifier: MIT
#include "jci/views/tails.hpp"

#include <fmt/format.h>

#include <string_view>

#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::size_t k_most_jobs = 10;
constexpr std::size_t k_most_lines = 20;
constexpr std::size_t k_most_columns = 500;
constexpr std::size_t k_most_bytes = 256 * 1024;

bool has_a_tail(const JobView& job) {
  return job.status == Status::failed || job.status == Status::timeout;
}

/// The last lines of `log`; of a last line without end its last part.
std::string_view last_lines(std::string_view log) {
  if (log.size() > k_most_bytes) log.remove_prefix(log.size() - k_most_bytes);
  while (log.ends_with('\n')) log.remove_suffix(1);
  auto from = log.size();
  for (std::size_t lines = 0; lines < k_most_lines && from != log.npos; ++lines) {
    from = from == 0 ? log.npos : log.rfind('\n', from - 1);
  }
  return from == log.npos ? log : log.substr(from + 1);
}

std::string shown(std::string_view log) {
  std::string text;
  const auto clean = sanitize(last_lines(log));
  for (std::string_view rest = clean; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    text += elide(rest.substr(0, end), k_most_columns) + "\n";
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return text.empty() ? "(it printed nothing)\n" : text;
}

std::string tail_of(const PipelineView& view, const JobView& job) {
  const auto why = job.outcome ? sanitize_line(describe(*job.outcome)) : "failed";
  auto text = fmt::format("── {}: {} ──\n", sanitize_line(job.name), why);
  if (job.run_id.empty()) return text;  // never ran: there is no log
  return text + shown(job.log_tail) +
         fmt::format("(the whole log: jci logs {} {})\n", view.pipe_id, sanitize_line(job.name));
}

}  // namespace

std::string render_tails(const PipelineView& view) {
  std::string text;
  std::size_t jobs = 0;
  for (const auto& stage : view.stages) {
    for (const auto& job : stage.jobs) {
      if (!has_a_tail(job) || ++jobs > k_most_jobs) continue;
      text += tail_of(view, job);
    }
  }
  if (jobs > k_most_jobs)
    text += fmt::format("── and {} that failed ──\n",
                        counted(jobs - k_most_jobs, "more job", "more jobs"));
  return text;
}

}  // namespace jci
