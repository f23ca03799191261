// SPDX-License-Identifier: MIT
#include "declaration.hpp"

#include <chrono>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/remotes/mock.hpp"
#include "jci/repos/mock.hpp"

namespace jci::python {

Declaration::Declaration(Settings defaults, run::Choices choices)
    : pipeline_(std::move(defaults)), choices_(std::move(choices)) {}

Pipeline& Declaration::to_declare() {
  if (started_)
    throw BadConfig("the pipeline has begun to run: nothing can be added to it any more");
  return pipeline_;
}

std::shared_ptr<run::Session> Declaration::session() {
  if (closed_) throw BadConfig("the pipeline has run already: declare another one");
  if (!session_) session_ = make_session();
  return session_;
}

/// A test that names no repo gets the commit its mock remote speaks of, wherever it runs.
std::shared_ptr<run::Session> Declaration::make_session() {
  const auto mock = choices_.remotes.empty()
                        ? nullptr
                        : std::dynamic_pointer_cast<MockRemote>(choices_.remotes.front());
  if (choices_.repo || !mock) return std::make_shared<run::Session>(choices_);
  try {
    return std::make_shared<run::Session>(choices_);
  } catch (const BadConfig&) {
    Repo::Facts facts;
    facts.sha = mock->sha();
    facts.branch = mock->branch();
    choices_.repo = std::make_shared<MockRepo>(std::move(facts));
    return std::make_shared<run::Session>(choices_);
  }
}

Status Declaration::run() {
  const auto running = session();
  if (started_) throw BadConfig("the pipeline is running already");
  started_ = true;
  const pybind11::gil_scoped_release release;
  const Status status = running->run(pipeline_);
  exit_code_ = running->exit_code();
  return status;
}

void Declaration::close() {
  if (closed_) return;
  JobStates states(pipeline_.jobs().size());
  PipelineView of_commit;
  if (const auto running = session_) {
    const auto release = let_engine_go_on();
    states = running->states(pipeline_);
    of_commit = running->view_of_commit();
  }
  last_states_ = std::move(states);
  last_run_ = std::move(of_commit);
  closed_ = true;
  session_.reset();
  choices_ = {};
}

PipelineView Declaration::view() const {
  const auto now = std::chrono::system_clock::now();
  if (last_run_) return snapshot(pipeline_, last_states_, now, *last_run_);
  const auto running = session_;
  if (!running) return snapshot(pipeline_, JobStates(pipeline_.jobs().size()), now);
  const auto release = let_engine_go_on();
  return running->view(pipeline_);
}

JobState Declaration::state_of(const Job& job) const {
  if (job.id < last_states_.size()) return last_states_[job.id];
  const auto running = session_;
  if (!running) return {};
  const auto release = let_engine_go_on();
  return running->state_of(job);
}

/// While it runs, the session's lock may be held by a thread that waits for the GIL.
std::optional<pybind11::gil_scoped_release> Declaration::let_engine_go_on() const {
  return started_ ? std::make_optional<pybind11::gil_scoped_release>() : std::nullopt;
}

}  // namespace jci::python
