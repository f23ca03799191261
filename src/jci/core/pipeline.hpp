// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "jci/core/job.hpp"

namespace jci {

/// The name of the stage that holds every job declared outside a stage.
inline constexpr std::string_view k_default_stage = "Pipeline";

/// What `Pipeline::add_job` takes beside name and command.
struct JobOptions {
  Settings settings;
  std::vector<std::string> depends_on;  ///< names as declared or as cleaned
  std::optional<std::string>
      stage;  ///< the stage to join; without it the open stage, else the default one
};

/// The declaration of a pipeline: stages in order, jobs in stages. Owns its jobs; knows nothing of how they run.
/// The default stage comes first. Every mistake is a BadConfig at the line that makes it, and leaves the pipeline as it was.
class Pipeline {
 public:
  explicit Pipeline(Settings defaults = {});
  // Moving keeps references to jobs and stages valid; a copy would hold ids and names that mean another pipeline's jobs.
  Pipeline(Pipeline&&) = default;
  Pipeline& operator=(Pipeline&&) = default;

  /// Jobs added until `end_stage` belong to the new stage. Throws BadConfig: name empty or taken by a stage or
  /// job (after cleaning), or another stage still open.
  const Stage& begin_stage(std::string_view name, const Settings& settings);
  void end_stage();

  /// Throws BadConfig: name empty or taken, unknown parent (naming the nearest), parent in another stage, parent given twice is fine,
  /// unknown stage, empty command, or no command though not a service.
  const Job& add_job(std::string_view name, Command command, const JobOptions& options);

  const std::deque<Job>& jobs() const { return jobs_; }  // a deque: references to jobs stay valid
  const std::deque<Stage>& stages() const { return stages_; }
  const Settings& defaults() const { return *stages_.front().settings; }

  /// By name as declared or as cleaned; nullptr if there is none.
  const Job* find_job(std::string_view name) const;
  const Stage* find_stage(std::string_view name) const;

 private:
  Stage& new_stage(std::string cleaned, std::shared_ptr<const Settings> settings);
  std::string claim_name(std::string_view given, std::string_view kind) const;
  const Stage& stage_to_join(std::string_view job, const std::optional<std::string>& given) const;
  std::vector<JobId> resolve_parents(std::string_view child, const Stage& stage,
                                     const std::vector<std::string>& names) const;
  const Job& resolve_parent(std::string_view child, const Stage& stage,
                            std::string_view given) const;
  void remember_as_written(std::string_view cleaned, std::string_view given);
  std::string_view as_written(std::string_view cleaned) const;

  std::deque<Job> jobs_;
  std::deque<Stage> stages_;
  std::optional<StageId> open_stage_;
  std::unordered_map<std::string_view, JobId> job_by_name_;  // views into jobs_
  std::unordered_map<std::string_view, StageId> stage_by_name_;
  std::unordered_map<std::string_view, std::string>
      written_;  // only the names that cleaning has changed; for messages
};

/// `{key: values}` gives every combination: prod(len(values)) environments, keys in the order given, the last key
/// varying fastest. No key at all gives one empty environment, an empty list gives none.
std::vector<std::vector<std::pair<std::string, std::string>>> env_matrix(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& lists);

}  // namespace jci
