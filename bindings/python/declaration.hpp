// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>

#include "jci/core/pipeline.hpp"
#include "jci/core/state.hpp"
#include "jci/core/view.hpp"
#include "jci/run/session.hpp"

namespace jci::python {

/// A pipeline as Python declares it, and its one run. Shared by the Python `Pipeline` and every Job and Stage it gave out,
/// which all stay usable when it is gone. All calls need the GIL, which lets threads declare and look at once; it is let go
/// of while the engine runs. Holds no Python object of its own; whatever its back ends hold of Python is let go of when
/// the run has ended, so that no cycle is left.
class Declaration {
 public:
  Declaration(Settings defaults, run::Choices choices);

  /// For adding to it. Throws BadConfig once the run has begun.
  Pipeline& to_declare();
  void end_stage() { pipeline_.end_stage(); }
  const Pipeline& pipeline() const { return pipeline_; }

  /// The session, made when it is first needed: picks the defaults. Throws BadConfig, also after `close`.
  std::shared_ptr<run::Session> session();

  /// Runs the pipeline to its end. Once. Throws BadConfig, TriggerFailed.
  Status run();
  /// Gives up the session and the back ends, and keeps what is known of the jobs. Safe twice.
  void close();

  std::string pipe_id() { return last_run_ ? last_run_->pipe_id : session()->pipe_id(); }
  PipelineView view() const;
  JobState state_of(const Job& job) const;
  /// Of the run that has ended, as Session has it; nothing before.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  std::shared_ptr<run::Session> make_session();
  std::optional<pybind11::gil_scoped_release> let_engine_go_on() const;

  Pipeline pipeline_;
  run::Choices choices_;
  std::shared_ptr<run::Session> session_;
  bool started_ = false;
  bool closed_ = false;
  // Of the run that has ended.
  JobStates last_states_;
  std::optional<PipelineView> last_run_;  // without its stages
  std::optional<int> exit_code_;
};

/// What Python's `Job` and `Stage` are: they keep the declaration alive that owns the real ones.
struct JobHandle {
  std::shared_ptr<Declaration> declaration;
  const Job* job;
};

struct StageHandle {
  std::shared_ptr<Declaration> declaration;
  const Stage* stage;
};

}  // namespace jci::python
