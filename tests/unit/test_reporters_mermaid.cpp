// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "jci/reporters/mermaid.hpp"
#include "reports.hpp"

namespace jci::report {
namespace {

StageView stage_of(std::string name, std::size_t jobs) {
  StageView stage{std::move(name), Status::passed, {}};
  for (std::size_t at = 0; at < jobs; ++at)
    stage.jobs.push_back(
        test::ended_job("job-" + std::to_string(at), Status::passed, Exited{0}, 0, 1));
  return stage;
}

PipelineView view_of(std::vector<StageView> stages) {
  PipelineView view;
  view.stages = std::move(stages);
  return view;
}

TEST(MermaidGraph, DrawsAnArrowFromStageToStagePastOneWithoutJobs) {
  EXPECT_EQ(mermaid_graph(view_of({stage_of("a", 1), stage_of("b", 0), stage_of("c", 1)})),
            R"(flowchart LR
  subgraph s0["a"]
    direction LR
    j0["#10004; job#45;0"]
  end
  subgraph s2["c"]
    direction LR
    j1["#10004; job#45;0"]
  end
  s0 ==> s2
  classDef passed fill:#1a7f37,stroke:#1a7f37,color:#ffffff
  class j0,j1 passed
)");
}

TEST(MermaidGraph, IsEmptyWithoutJobsAndWithMoreThanCanBeDrawn) {
  EXPECT_EQ(mermaid_graph(view_of({stage_of("a", 0)})), "");
  EXPECT_NE(mermaid_graph(view_of({stage_of("a", 150)})), "");
  EXPECT_EQ(mermaid_graph(view_of({stage_of("a", 151)})), "");
  auto dense = stage_of("a", 33);  // 528 arrows
  for (std::size_t child = 0; child < dense.jobs.size(); ++child) {
    for (std::size_t parent = 0; parent < child; ++parent)
      dense.jobs[child].depends_on.push_back(dense.jobs[parent].name);
  }
  EXPECT_EQ(mermaid_graph(view_of({dense})), "");
}

TEST(MermaidGraph, HasOnlyStatementsOfOursWhateverTheNamesAre) {
  const std::regex ours(
      R"((flowchart LR)|(    direction LR)|(  subgraph s\d+\["[A-Za-z0-9 #;]+"\])|(    j\d+\["[A-Za-z0-9 #;]+"\])|(    j\d+ --> j\d+))"
      R"(|(  end)|(  s\d+ ==> s\d+)|(  classDef [a-z]+ fill:#\w+,stroke:#\w+,color:#\w+)|(  class [j\d,]+ [a-z]+))");
  for (const auto& text : test::hostile_texts()) {
    const auto graph = mermaid_graph(test::run_of(text));
    for (std::size_t from = 0; from < graph.size();) {
      const auto end = graph.find('\n', from);
      const auto line = graph.substr(from, end - from);
      EXPECT_TRUE(std::regex_match(line, ours)) << line;
      from = end + 1;
    }
  }
}

}  // namespace
}  // namespace jci::report
