// SPDX-License-Identifier: MIT
#include "jci/reporters/mermaid.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/reporters/markup.hpp"

namespace jci::report {
namespace {

constexpr std::size_t k_most_jobs = 150;
constexpr std::size_t k_most_arrows = 500;
constexpr std::size_t k_most_characters = 50'000;
constexpr std::size_t k_name_characters = 40;

/// How a status is drawn: white on colours that are dark enough for it and light enough for a dark page; and a sign, for those who
/// do not see the colours.
struct Style {
  Status status;
  std::string_view name;
  std::string_view colour;
  std::string_view sign;
};

constexpr std::array k_styles = {
    Style{Status::passed, "passed", "#1a7f37", "✔"},
    Style{Status::failed, "failed", "#cf222e", "✖"},
    Style{Status::timeout, "timeout", "#8a4600", "⌛"},
    Style{Status::cancelled, "cancelled", "#8250df", "⏹"},
    Style{Status::skipped, "skipped", "#6e7781", "–"},
    Style{Status::running, "running", "#9a6700", "▶"},
    Style{Status::pending, "pending", "#0969da", "…"},
};

std::string_view sign_of(Status status) {
  for (const auto& style : k_styles)
    if (style.status == status) return style.sign;
  return "";
}

/// Lines are short and hold one statement each; none but `classDef` has a colon, in which Mermaid looks for styles with regular
/// expressions before it parses.
class Graph {
 public:
  std::string draw(const PipelineView& view) {
    text_ = "flowchart LR\n";
    std::optional<std::size_t> before;
    for (std::size_t at = 0; at < view.stages.size(); ++at) {
      if (view.stages[at].jobs.empty()) continue;
      draw_stage(view.stages[at], at);
      if (before) stage_arrows_.push_back(fmt::format("  s{} ==> s{}\n", *before, at));
      before = at;
    }
    text_ += fmt::format("{}", fmt::join(stage_arrows_, ""));
    draw_styles();
    return fits() ? text_ : "";
  }

 private:
  void draw_stage(const StageView& stage, std::size_t number) {
    write("  subgraph s{}[{}]\n", number, mermaid_label(stage.name, k_name_characters));
    text_ += "    direction LR\n";  // else Mermaid puts jobs side by side
    std::map<std::string_view, std::size_t> numbers;
    const auto first = jobs_;
    for (const auto& job : stage.jobs) {
      const auto label = fmt::format("{} {}", sign_of(job.status), job.name);
      write("    j{}[{}]\n", jobs_, mermaid_label(label, k_name_characters + 2));
      numbers.emplace(job.name, jobs_);
      of_status_[job.status].push_back(fmt::format("j{}", jobs_++));
    }
    auto child = first;
    for (const auto& job : stage.jobs) draw_arrows(job, child++, numbers);
    text_ += "  end\n";
  }

  void draw_arrows(const JobView& job, std::size_t child,
                   const std::map<std::string_view, std::size_t>& numbers) {
    for (const auto& parent : job.depends_on) {
      const auto found = numbers.find(parent);
      if (found == numbers.end()) continue;
      write("    j{} --> j{}\n", found->second, child);
      ++arrows_;
    }
  }

  void draw_styles() {
    for (const auto& style : k_styles) {
      const auto found = of_status_.find(style.status);
      if (found == of_status_.end()) continue;
      write("  classDef {0} fill:{1},stroke:{1},color:#ffffff\n", style.name, style.colour);
      write("  class {} {}\n", fmt::join(found->second, ","), style.name);
    }
  }

  template <class... Values>
  void write(fmt::format_string<Values...> form, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), form, std::forward<Values>(values)...);
  }

  bool fits() const {
    return jobs_ > 0 && jobs_ <= k_most_jobs && arrows_ + stage_arrows_.size() <= k_most_arrows &&
           text_.size() <= k_most_characters;
  }

  std::string text_;
  std::vector<std::string> stage_arrows_;
  std::map<Status, std::vector<std::string>> of_status_;
  std::size_t jobs_ = 0;
  std::size_t arrows_ = 0;
};

}  // namespace

std::string mermaid_graph(const PipelineView& view) { return Graph().draw(view); }

}  // namespace jci::report
