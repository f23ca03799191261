// SPDX-License-Identifier: MIT
// What stands behind jci.hpp. Its classes share names with the core's, which get other names here before it is included.
#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/executors/docker/docker.hpp"
#include "jci/executors/docker/keep.hpp"
#include "jci/executors/shell.hpp"
#include "jci/remotes/registry.hpp"
#include "jci/remotes/when.hpp"
#include "jci/reporters/registry.hpp"
#include "jci/run/ahead.hpp"
#include "jci/run/defaults.hpp"
#include "jci/run/session.hpp"

namespace jci {
using CoreCommand = Command;
using CoreExecutor = Executor;
using CoreJobOptions = JobOptions;
using CorePipeline = Pipeline;
using CoreRepo = Repo;
using CoreValue = Value;
constexpr auto core_env_matrix = &env_matrix;
}  // namespace jci

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <string>
#include <type_traits>

#include "jci/jci.hpp"

namespace jci {
namespace {

constexpr int k_could_not_run = 1;
constexpr int k_bad_config = 2;

CoreValue core_value(const face::Value& value);

CoreValue::Dict core_dict(const face::Dict& dict) {
  CoreValue::Dict core;
  for (const auto& [key, value] : dict) core.emplace(key, core_value(value));
  return core;
}

struct ToCore {
  CoreValue operator()(const face::Dict& dict) const { return {core_dict(dict)}; }
  CoreValue operator()(const face::List& list) const {
    CoreValue::List core;
    for (const face::Value& item : list) core.push_back(core_value(item));
    return {std::move(core)};
  }
  CoreValue operator()(const auto& scalar) const { return {scalar}; }
};

CoreValue core_value(const face::Value& value) { return std::visit(ToCore(), value.data()); }

// The options of a job, a stage and a pipeline have these in common.
template <class Options>
Settings settings_of(const Options& options, std::string_view where) {
  Arguments arguments;
  const auto add = [&](const char* name, const auto& given) {
    if (given) arguments.emplace_back(name, core_value(*given));
  };
  add("image", options.image);
  add("timeout", options.timeout);
  add("is_service", options.is_service);
  arguments.emplace_back("env", core_value(face::Dict(options.env.begin(), options.env.end())));
  arguments.emplace_back("executor_kwargs", core_value(options.executor_kwargs));
  add("docker_socket", options.docker_socket);
  if (!options.junit.empty())
    arguments.emplace_back("junit", core_value(List(options.junit.begin(), options.junit.end())));
  add("coverage", options.coverage);
  if (options.secrets)
    arguments.emplace_back("secrets",
                           core_value(List(options.secrets->begin(), options.secrets->end())));
  add("pull", options.pull);
  add("ready", options.ready);
  add("ready_timeout", options.ready_timeout);
  return settings_from(arguments, where);
}

CoreCommand core_command(const face::Command& command) {
  if (command.is_script()) return command.words().front();
  if (command.words().empty()) return std::monostate{};
  return command.words();
}

struct MakeExecutor {
  std::shared_ptr<CoreExecutor> operator()(const std::string& name) const {
    return run::executor_by_name(name);
  }
  std::shared_ptr<CoreExecutor> operator()(const executors::Docker& docker) const {
    return make_docker_executor(
        {.keep = docker::keep_named(docker.keep), .share_namespaces = docker.share_namespaces});
  }
  std::shared_ptr<CoreExecutor> operator()(const executors::Shell& shell) const {
    return make_shell_executor({.bubblewrap = shell.bubblewrap});
  }
};

std::shared_ptr<Reporter> core_reporter(const std::string& name) {
  return name.empty() ? nullptr : std::shared_ptr<Reporter>(reporter_named(name));
}

Filter filter_of(const std::vector<std::string>& patterns, bool ignore_case = false) {
  return patterns.empty() ? Filter() : one_of(patterns, ignore_case);
}

std::function<bool(Status)> statuses_of(const std::vector<std::string>& names) {
  if (names.empty()) return {};
  std::vector<Status> wanted;
  for (const std::string& name : names) wanted.push_back(wanted_status(name));
  return one_of_statuses(std::move(wanted));
}

struct MakeRemote {
  const std::shared_ptr<CoreRepo>& repo;

  std::shared_ptr<Remote> operator()(const std::string& name) const {
    return remote_named(name, *repo, process_variables());
  }
  std::shared_ptr<Remote> operator()(const remotes::When& when) const {
    return make_when_remote((*this)(when.remote),
                            {.status = statuses_of(when.status),
                             .branch = filter_of(when.branch),
                             .author = filter_of(when.author, true),
                             .stage = filter_of(when.stage),
                             .job = filter_of(when.job),
                             .changed = filter_of(when.changed),
                             .files_changed = files_changed_since(repo, when.since),
                             .only_change = when.only_change},
                            core_reporter(when.reporter));
  }
};

run::Choices choices_of(const face::PipelineOptions& options) {
  run::expect_supervisor();
  run::Choices choices;
  choices.reporter = core_reporter(options.reporter);
  if (!options.remote.empty()) choices.repo = run::default_repo(run::Options::of_process());
  for (const auto& remote : options.remote)
    choices.remotes.push_back(std::visit(MakeRemote{choices.repo}, remote));
  if (options.executor) choices.executor = std::visit(MakeExecutor(), *options.executor);
  choices.max_parallel = options.max_parallel;
  return choices;
}

face::Repo face_repo(const std::shared_ptr<CoreRepo>& repo) {
  return {
      .sha = repo->sha(),
      .branch = repo->branch(),
      .remote = repo->remote(),
      .commit_message = repo->commit_message(),
      .files_changed = [repo](const std::string& target) { return repo->files_changed(target); },
  };
}

int fail(int code, const char* message) {
  fmt::print(stderr, "jci: error: {}\n", message);
  return code;
}

}  // namespace

inline namespace face {

struct Pipeline::Impl {
  explicit Impl(const PipelineOptions& options)
      : declared(settings_of(options, "pipeline")),
        session(choices_of(options)),
        repo(face_repo(session.repo())) {}

  CorePipeline declared;
  run::Session session;
  Repo repo;
};

Pipeline::Pipeline(PipelineOptions options) : impl_(std::make_unique<Impl>(options)) {}
Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

std::string Pipeline::job(const std::string& name, const Command& command,
                          const JobOptions& options) {
  const CoreJobOptions core{.settings = settings_of(options, "job " + ticked(name)),
                            .depends_on = options.depends_on,
                            .stage = options.stage};
  return impl_->declared.add_job(name, core_command(command), core).name;
}

void Pipeline::stage(const std::string& name, const StageOptions& options,
                     const std::function<void()>& body) {
  impl_->declared.begin_stage(name, settings_of(options, "stage " + ticked(name)));
  try {
    body();
  } catch (...) {
    impl_->declared.end_stage();
    throw;
  }
  impl_->declared.end_stage();
}

const Repo& Pipeline::repo() const { return impl_->repo; }
const std::string& Pipeline::pipe_id() const { return impl_->session.pipe_id(); }

int Pipeline::run() {
  impl_->session.run(impl_->declared);
  return impl_->session.exit_code();
}

std::vector<face::Env> env_matrix(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& lists) {
  std::vector<Env> all;
  for (const auto& combination : core_env_matrix(lists))
    all.emplace_back(combination.begin(), combination.end());
  return all;
}

int run(const PipelineOptions& options, const std::function<void(Pipeline&)>& declare) {
  try {
    Pipeline pipeline(options);
    declare(pipeline);
    return pipeline.run();
  } catch (const TriggerFailed& error) {
    return fail(k_could_not_run, error.what());
  } catch (const std::exception& error) {
    return fail(k_bad_config, error.what());
  }
}

}  // namespace face
}  // namespace jci
