// SPDX-License-Identifier: MIT
#include "jci/reporters/timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <vector>

#include "jci/reporters/markup.hpp"
#include "jci/reporters/words.hpp"
#include "jci/util/text.hpp"

namespace jci::report {
namespace {

constexpr std::size_t k_row_pixels = 30;
constexpr std::size_t k_axis_pixels = 22;
constexpr double k_least_percent = 0.6;  // a bar that can be seen
constexpr std::size_t k_name_characters = 40;

struct Bar {
  const JobView* job;
  double from;  ///< per cent of the whole
  double width;
};

std::vector<const JobView*> started_jobs(const PipelineView& view) {
  std::vector<const JobView*> jobs;
  for (const auto& stage : view.stages) {
    for (const auto& job : stage.jobs)
      if (job.started_at) jobs.push_back(&job);
  }
  return jobs;
}

Nanoseconds elapsed(const JobView& job) { return job.elapsed.value_or(Nanoseconds{0}); }

/// From the first start to the last end.
class Scale {
 public:
  explicit Scale(const std::vector<const JobView*>& jobs) {
    first_ = (*std::ranges::min_element(jobs, {}, [](const JobView* job) {
               return *job->started_at;
             }))->started_at.value();
    for (const auto* job : jobs) length_ = std::max(length_, since_first(*job) + elapsed(*job));
  }

  Nanoseconds length() const { return length_; }
  Bar bar_of(const JobView& job) const {
    const double width = std::max(percent(elapsed(job)), k_least_percent);
    return {&job, std::min(percent(since_first(job)), 100 - width), width};
  }

 private:
  Nanoseconds since_first(const JobView& job) const {
    return std::chrono::duration_cast<Nanoseconds>(*job.started_at - first_);
  }
  double percent(Nanoseconds time) const {
    return 100 * static_cast<double>(time.count()) / static_cast<double>(length_.count());
  }

  WallTime first_;
  Nanoseconds length_{1};
};

void append_bar(std::string& svg, const Bar& bar, std::size_t row) {
  const auto top = row * k_row_pixels;
  const auto name = markup_text(shorten(sanitize_line(bar.job->name), k_name_characters));
  const auto time = human_duration(elapsed(*bar.job));
  fmt::format_to(
      std::back_inserter(svg),
      "<text x=\"0\" y=\"{}\">{}</text><text x=\"100%\" y=\"{}\" class=\"end\">{}</text>\n"
      "<rect x=\"{:.2f}%\" y=\"{}\" width=\"{:.2f}%\" height=\"8\" rx=\"3\" "
      "class=\"{}\"><title>{}: {}, {}</title></rect>\n",
      top + 13, name, top + 13, time, bar.from, top + 18, bar.width, class_of(bar.job->status),
      name, in_words(bar.job->status), time);
}

/// Quarters of the whole, as lines from top to bottom.
void append_axis(std::string& svg, std::size_t rows, Nanoseconds length) {
  const auto bottom = rows * k_row_pixels + 4;
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const auto* const anchor = quarter == 0 ? "start" : quarter == 4 ? "end" : "middle";
    fmt::format_to(std::back_inserter(svg),
                   "<line x1=\"{0}%\" x2=\"{0}%\" y1=\"0\" y2=\"{1}\"/>"
                   "<text x=\"{0}%\" y=\"{2}\" class=\"{3}\">{4}</text>\n",
                   quarter * 25, bottom, bottom + 14, anchor, human_duration(length * quarter / 4));
  }
}

}  // namespace

std::string class_of(Status status) {
  std::string name(to_string(status));
  for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
  return name;
}

std::string timeline_svg(const PipelineView& view) {
  const auto jobs = started_jobs(view);
  if (jobs.empty()) return {};
  const Scale scale(jobs);
  std::string svg = fmt::format(
      "<svg class=\"timeline\" role=\"img\" aria-label=\"When each job ran\" width=\"100%\" "
      "height=\"{}\">\n",
      jobs.size() * k_row_pixels + k_axis_pixels);
  append_axis(svg, jobs.size(), scale.length());
  for (std::size_t row = 0; row < jobs.size(); ++row)
    append_bar(svg, scale.bar_of(*jobs[row]), row);
  return svg + "</svg>\n";
}

}  // namespace jci::report
