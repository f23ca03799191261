// SPDX-License-Identifier: MIT
#include "jci/core/pipeline.hpp"

#include <algorithm>
#include <unordered_set>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/util/assert.hpp"

namespace jci {
namespace {

bool is_default(const Stage& stage) { return stage.id == 0; }

/// The settings of something declared inside `outer`; the very same where it says nothing itself.
std::shared_ptr<const Settings> settings_inside(const std::shared_ptr<const Settings>& outer,
                                                const Settings& said) {
  return said.empty() ? outer : std::make_shared<const Settings>(inherit(*outer, said));
}

/// What is wrong with a command; nothing if it can be run.
struct CommandFault {
  bool is_service;

  std::string operator()(std::monostate) const {
    return is_service
               ? ""
               : "has no command; give it one, or `is_service=True` if its image starts by itself";
  }
  std::string operator()(const std::string& script) const {
    if (script.find_first_not_of(" \t\r\n") == std::string::npos) return "has an empty command";
    return holds_nul(script);
  }
  std::string operator()(const std::vector<std::string>& argv) const {
    if (argv.empty()) return "has an empty list as its command; its first item is the program";
    if (argv.front().empty()) return "has a command whose first item, the program, is empty";
    for (const auto& word : argv)
      if (auto fault = holds_nul(word); !fault.empty()) return fault;
    return "";
  }

 private:
  static std::string holds_nul(const std::string& word) {
    return word.find('\0') == std::string::npos
               ? ""
               : "has a NUL byte in its command, which no program can be given";
  }
};

/// Why `child` may not depend on `parent` of another stage, and what to do.
std::string across_stages(const std::string& about, const Stage& child_stage,
                          const Stage& parent_stage) {
  if (parent_stage.id < child_stage.id)
    return about + " of stage " + ticked(parent_stage.name) +
           "; stages run in order already, so that the dependency is not needed: leave it out";
  const std::string where =
      is_default(child_stage)
          ? "jobs outside of any stage run before stage " + ticked(parent_stage.name)
          : "stage " + ticked(child_stage.name) + " runs before it";
  return about + " of stage " + ticked(parent_stage.name) + ", but " + where +
         "; declare both in one stage, or the dependant in a later one";
}

template <class Map>
std::vector<std::string_view> names_of(const Map& by_name) {
  std::vector<std::string_view> names;
  names.reserve(by_name.size());
  for (const auto& [name, id] : by_name) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

}  // namespace

Pipeline::Pipeline(Settings defaults) {
  new_stage(std::string(k_default_stage), std::make_shared<const Settings>(std::move(defaults)));
}

const Stage& Pipeline::begin_stage(std::string_view name, const Settings& settings) {
  if (open_stage_)
    throw BadConfig("stage " + ticked(name) + " begins inside stage " +
                    ticked(as_written(stages_[*open_stage_].name)) +
                    "; stages do not nest: end that one first");
  std::string cleaned = claim_name(name, "stage");
  const Stage& stage =
      new_stage(std::move(cleaned), settings_inside(stages_.front().settings, settings));
  remember_as_written(stage.name, name);
  open_stage_ = stage.id;
  return stage;
}

void Pipeline::end_stage() {
  JCI_ASSERT(open_stage_);
  open_stage_.reset();
}

const Job& Pipeline::add_job(std::string_view name, Command command, const JobOptions& options) {
  std::string cleaned = claim_name(name, "job");
  const StageId stage_id = stage_to_join(name, options.stage).id;
  Stage& stage = stages_[stage_id];
  auto parents = resolve_parents(name, stage, options.depends_on);
  auto settings = settings_inside(stage.settings, options.settings);
  const auto fault = std::visit(CommandFault{settings->is_service.value_or(false)}, command);
  if (!fault.empty()) throw BadConfig("job " + ticked(name) + " " + fault);

  const auto id = static_cast<JobId>(jobs_.size());
  const Job& job = jobs_.emplace_back(Job{id, stage_id, std::move(cleaned), std::move(command),
                                          std::move(parents), std::move(settings)});
  stage.jobs.push_back(id);
  job_by_name_.emplace(job.name, id);
  remember_as_written(job.name, name);
  return job;
}

const Job* Pipeline::find_job(std::string_view name) const {
  auto found = job_by_name_.find(name);
  if (found == job_by_name_.end()) found = job_by_name_.find(clean_name(name));
  return found == job_by_name_.end() ? nullptr : &jobs_[found->second];
}

const Stage* Pipeline::find_stage(std::string_view name) const {
  auto found = stage_by_name_.find(name);
  if (found == stage_by_name_.end()) found = stage_by_name_.find(clean_name(name));
  return found == stage_by_name_.end() ? nullptr : &stages_[found->second];
}

Stage& Pipeline::new_stage(std::string cleaned, std::shared_ptr<const Settings> settings) {
  const auto id = static_cast<StageId>(stages_.size());
  Stage& stage = stages_.emplace_back(Stage{id, std::move(cleaned), std::move(settings), {}});
  stage_by_name_.emplace(stage.name, id);
  return stage;
}

/// `given` as it will be used; throws BadConfig if it cannot be. `kind` is "job" or "stage".
std::string Pipeline::claim_name(std::string_view given, std::string_view kind) const {
  if (given.empty())
    throw BadConfig("a " + std::string(kind) + " needs a name, and this one's is empty");
  std::string cleaned = clean_name(given);
  const auto stage = stage_by_name_.find(cleaned);
  const bool is_stage = stage != stage_by_name_.end();
  if (!is_stage && !job_by_name_.contains(cleaned)) return cleaned;

  std::string holder = is_stage ? "stage " : "job ";
  holder += ticked(as_written(cleaned));
  if (is_stage && is_default(stages_[stage->second]))
    holder += ", which holds the jobs outside of any stage";
  std::string message =
      std::string(kind) + " " + ticked(given) + ": the name is taken by " + holder;
  if (as_written(cleaned) != given) message += " (both are used as " + ticked(cleaned) + ")";
  throw BadConfig(message + "; jobs and stages need names of their own");
}

const Stage& Pipeline::stage_to_join(std::string_view job,
                                     const std::optional<std::string>& given) const {
  if (!given) return stages_[open_stage_.value_or(0)];
  if (const Stage* stage = find_stage(*given)) return *stage;
  throw BadConfig(
      "job " + ticked(job) + " joins stage " + ticked(*given) +
      (find_job(*given) != nullptr
           ? ", which is a job"
           : ", which is not declared" + did_you_mean(*given, names_of(stage_by_name_))));
}

std::vector<JobId> Pipeline::resolve_parents(std::string_view child, const Stage& stage,
                                             const std::vector<std::string>& names) const {
  std::vector<JobId> parents;
  parents.reserve(names.size());
  std::unordered_set<JobId> seen;
  for (const auto& name : names) {
    const JobId parent = resolve_parent(child, stage, name).id;
    if (names.size() == 1 || seen.insert(parent).second) parents.push_back(parent);
  }
  return parents;
}

const Job& Pipeline::resolve_parent(std::string_view child, const Stage& stage,
                                    std::string_view given) const {
  const Job* parent = find_job(given);
  if (parent != nullptr && parent->stage == stage.id) return *parent;

  const std::string about = "job " + ticked(child) + " depends on " + ticked(given);
  if (parent != nullptr) throw BadConfig(across_stages(about, stage, stages_[parent->stage]));
  if (clean_name(given) == clean_name(child))
    throw BadConfig("job " + ticked(child) + " depends on itself");
  if (find_stage(given) != nullptr)
    throw BadConfig(about +
                    ", which is a stage; stages run in order already, and only jobs of one stage "
                    "can depend on each other");
  const auto hint = did_you_mean(given, names_of(job_by_name_));
  throw BadConfig(about + ", which is not declared" +
                  (hint.empty() ? "; declare it before" : hint));
}

void Pipeline::remember_as_written(std::string_view cleaned, std::string_view given) {
  if (cleaned != given) written_.emplace(cleaned, given);
}

/// A job's or stage's name as the user wrote it.
std::string_view Pipeline::as_written(std::string_view cleaned) const {
  const auto changed = written_.find(cleaned);
  return changed == written_.end() ? cleaned : std::string_view(changed->second);
}

std::vector<std::vector<std::pair<std::string, std::string>>> env_matrix(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& lists) {
  std::vector<std::vector<std::pair<std::string, std::string>>> matrix(1);
  for (const auto& [key, values] : lists) {
    decltype(matrix) longer;
    longer.reserve(matrix.size() * values.size());
    for (const auto& env : matrix) {
      for (const auto& value : values) longer.emplace_back(env).emplace_back(key, value);
    }
    matrix = std::move(longer);
  }
  return matrix;
}

}  // namespace jci
