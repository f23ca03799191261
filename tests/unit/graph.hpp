// SPDX-License-Identifier: MIT
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/pipeline.hpp"

namespace jci::test {

/// The names in a list separated by commas.
inline std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  std::istringstream rest{std::string(list)};
  for (std::string item; std::getline(rest, item, ',');) items.push_back(item);
  return items;
}

/// A pipeline from its drawing: jobs apart by spaces, `b<a,c` depends on a and c, `db*` is a service, `|` begins the next
/// stage. The first stage is the default one, the others are called "stage 1", "stage 2", ...
inline Pipeline graph(std::string_view drawing) {
  Pipeline pipeline;
  int stages = 0;
  std::istringstream words{std::string(drawing)};
  for (std::string word; words >> word;) {
    if (word == "|") {
      if (stages > 0) pipeline.end_stage();
      pipeline.begin_stage("stage " + std::to_string(++stages), {});
      continue;
    }
    const auto arrow = word.find('<');
    std::string name = word.substr(0, arrow);
    JobOptions options;
    if (arrow != std::string::npos) options.depends_on = split(word.substr(arrow + 1));
    if (name.back() == '*') {
      name.pop_back();
      options.settings.is_service = true;
    }
    pipeline.add_job(name, "true", options);
  }
  if (stages > 0) pipeline.end_stage();
  return pipeline;
}

}  // namespace jci::test
