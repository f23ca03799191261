// SPDX-License-Identifier: MIT
// What stands behind jci.hpp. Its classes share names with the core's, which get other names here before it is included.
#include "jci/core/errors.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/run/defaults.hpp"
#include "jci/run/session.hpp"

namespace jci {
using CoreCommand = Command;
using CoreJobOptions = JobOptions;
using CorePipeline = Pipeline;
using CoreRepo = Repo;
constexpr auto core_env_matrix = &env_matrix;
}  // namespace jci

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "jci/jci.hpp"

namespace jci {
namespace {

constexpr int k_could_not_run = 1;
constexpr int k_bad_config = 2;

std::optional<Milliseconds> in_milliseconds(const std::optional<double>& seconds) {
  if (!seconds) return std::nullopt;
  constexpr double k_most = 1e9;  // 31 years: no overflow behind it
  if (!(*seconds > 0) || *seconds > k_most) {
    throw BadConfig(fmt::format("timeout {} is no number of seconds above 0", *seconds));
  }
  return Milliseconds(std::llround(std::ceil(*seconds * 1000)));
}

// The options of a job, a stage and a pipeline have these in common.
template <class Options>
Settings settings_of(const Options& options) {
  return {
      .image = options.image,
      .timeout = in_milliseconds(options.timeout),
      .is_service = options.is_service,
      .env = options.env,
      .executor_kwargs = {},
  };
}

CoreCommand core_command(const face::Command& command) {
  if (command.is_script()) return command.words().front();
  if (command.words().empty()) return std::monostate{};
  return command.words();
}

run::Choices choices_of(const face::PipelineOptions& options) {
  run::Choices choices;
  if (options.executor) choices.executor = run::executor_by_name(*options.executor);
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
      : declared(settings_of(options)),
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
  const CoreJobOptions core{
      .settings = settings_of(options), .depends_on = options.depends_on, .stage = options.stage};
  return impl_->declared.add_job(name, core_command(command), core).name;
}

void Pipeline::stage(const std::string& name, const StageOptions& options,
                     const std::function<void()>& body) {
  impl_->declared.begin_stage(name, settings_of(options));
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
