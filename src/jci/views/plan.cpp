// SPDX-License-Identifier: MIT
#include "jci/views/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "jci/util/text.hpp"

namespace jci {
namespace {

std::vector<const Stage*> stages_with_jobs(const Pipeline& pipeline) {
  std::vector<const Stage*> stages;
  for (const auto& stage : pipeline.stages()) {
    if (!stage.jobs.empty()) stages.push_back(&stage);
  }
  return stages;
}

std::string image_of(const Job& job) { return sanitize_line(job.image()); }
/// Nothing limits a service: it lives as long as the pipeline.
std::string limit_of(const Job& job) {
  return job.is_service() ? "service" : "timeout " + human_duration(job.timeout());
}

struct Columns {
  std::size_t name = 0;
  std::size_t image = 0;
  std::size_t limit = 0;
};

Columns columns_of(const Pipeline& pipeline) {
  Columns columns;
  for (const auto& job : pipeline.jobs()) {
    columns.name = std::max(columns.name, display_width(job.name));
    columns.image = std::max(columns.image, display_width(image_of(job)));
    columns.limit = std::max(columns.limit, display_width(limit_of(job)));
  }
  return columns;
}

std::string after(const Pipeline& pipeline, const Job& job) {
  std::vector<std::string_view> parents;
  for (const auto id : job.depends_on) parents.emplace_back(pipeline.jobs()[id].name);
  return parents.empty() ? "" : fmt::format("after {}", fmt::join(parents, ", "));
}

std::string job_line(const Pipeline& pipeline, const Job& job, const Columns& columns) {
  auto line = fmt::format("  {}  image {}  {}  {}", pad(job.name, columns.name),
                          pad(image_of(job), columns.image), pad(limit_of(job), columns.limit),
                          after(pipeline, job));
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::string render_plan(const Pipeline& pipeline) {
  const auto stages = stages_with_jobs(pipeline);
  const auto columns = columns_of(pipeline);
  if (stages.empty()) return "no jobs\n";
  auto text = fmt::format("{}, {}\n\n", counted(stages.size(), "stage"),
                          counted(pipeline.jobs().size(), "job"));
  for (const auto* stage : stages) {
    text += stage->name + "\n";
    for (const auto id : stage->jobs) text += job_line(pipeline, pipeline.jobs()[id], columns);
  }
  return text;
}

}  // namespace jci
