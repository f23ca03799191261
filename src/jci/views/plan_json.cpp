// SPDX-License-Identifier: MIT
#include "jci/views/plan_json.hpp"

#include <boost/json.hpp>

#include <string>
#include <variant>
#include <vector>

#include "jci/util/text.hpp"
#include "jci/views/plan.hpp"

namespace jci {
namespace {

namespace json = boost::json;

struct CommandJson {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(const std::string& shell) const {
    return json::value(to_valid_utf8(shell));
  }
  json::value operator()(const std::vector<std::string>& arguments) const {
    json::array list;
    for (const auto& argument : arguments) list.emplace_back(to_valid_utf8(argument));
    return list;
  }
};

json::array parents(const Pipeline& pipeline, const Job& job) {
  json::array names;
  for (const auto id : job.depends_on) names.emplace_back(pipeline.jobs()[id].name);
  return names;
}

/// Names only: values may be secrets.
json::array variables(const Job& job) {
  json::array names;
  for (const auto& [name, value] : job.env()) names.emplace_back(to_valid_utf8(name));
  return names;
}

json::object job_json(const Pipeline& pipeline, const Job& job) {
  return {
      {"name", job.name},
      {"command", std::visit(CommandJson{}, job.command)},
      {"image", to_valid_utf8(job.image())},
      {"is_service", job.is_service()},
      {"timeout_ms", job.timeout().count()},
      {"depends_on", parents(pipeline, job)},
      {"env", variables(job)},
  };
}

}  // namespace

json::array stages_json(const Pipeline& pipeline) {
  json::array stages;
  for (const auto& stage : pipeline.stages()) {
    if (stage.jobs.empty()) continue;
    json::array jobs;
    for (const auto id : stage.jobs) jobs.push_back(job_json(pipeline, pipeline.jobs()[id]));
    stages.push_back(json::object{{"name", stage.name}, {"jobs", std::move(jobs)}});
  }
  return stages;
}

std::string render_plan_json(const Pipeline& pipeline, std::string_view executor) {
  return json::serialize(
             json::object{{"v", 1}, {"executor", executor}, {"stages", stages_json(pipeline)}}) +
         "\n";
}

}  // namespace jci
