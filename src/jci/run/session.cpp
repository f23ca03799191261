// SPDX-License-Identifier: MIT
#include "jci/run/session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/engine/engine.hpp"
#include "jci/engine/publisher.hpp"
#include "jci/executors/leftovers.hpp"
#include "jci/executors/mock.hpp"
#include "jci/history/owner.hpp"
#include "jci/history/recorder.hpp"
#include "jci/history/run_lock.hpp"
#include "jci/history/sweep.hpp"
#include "jci/reporters/text.hpp"
#include "jci/run/ahead.hpp"
#include "jci/run/console.hpp"
#include "jci/run/defaults.hpp"
#include "jci/run/delivery.hpp"
#include "jci/run/exit_codes.hpp"
#include "jci/run/expected_version.hpp"
#include "jci/run/job_environment.hpp"
#include "jci/run/options.hpp"
#include "jci/run/past.hpp"
#include "jci/run/pipe_id.hpp"
#include "jci/run/secrets.hpp"
#include "jci/run/tidying.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/side_process.hpp"
#include "jci/workspace/workspace.hpp"

namespace jci::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_tail_lines = 20;
constexpr std::uint64_t k_tail_bytes = 16 * 1024;

constexpr const char* k_waits =
    "; it waits, and the next run sends it, or `jci publish --pending` does";

bool needs_tail(const JobView& job) { return is_bad(job.status) && job.status != Status::skipped; }

}  // namespace

struct Session::Impl {
  using Times = std::map<std::string, Nanoseconds>;  // by job

  explicit Impl(Choices its_choices) : choices(std::move(its_choices)) {
    is_test = std::dynamic_pointer_cast<MockExecutor>(choices.executor) != nullptr;
    if (!is_test) check_expected_version();
    if (!choices.executor) choices.executor = executor_by_name(options.executor);
    if (!choices.repo) choices.repo = default_repo(options);
    reporter_named = choices.reporter != nullptr;
    if (!choices.reporter) choices.reporter = make_text_reporter();
    remotes_named = !choices.remotes.empty();
    if (!remotes_named && !is_test)
      choices.remotes = default_remotes(*choices.repo, process_variables());
  }

  // --- what a run is made of ---

  RunInfo info() const {
    const Repo& repo = *choices.repo;
    return {
        .pipe_id = pipe_id,
        .sha = repo.sha(),
        .branch = repo.branch(),
        .remote = repo.remote(),
        .commit_message = secrets.masked(repo.commit_message()),
        .executor = std::string(choices.executor->name()),
        .repo_root = repo.root(),
        .workspace = workspace_path,
        .config = options.config,
        .dirty = options.dirty,
        .author_name = repo.author_name(),
        .author_email = repo.author_email(),
    };
  }

  // The directory all jobs share: made by `jci run`, or by us; a test, or a repo that is nowhere on disk, gets none of its own.
  fs::path claim_workspace() {
    if (!options.workspace.empty()) {
      workspace = Workspace::adopt(options.workspace, options.workspace_lock);
    } else if (!is_test && !choices.repo->root().empty()) {
      workspace = prepare_commit(*choices.repo, cache_directory());
    }
    return workspace ? workspace->path() : fs::current_path();
  }

  std::size_t parallel() const {
    if (options.max_parallel != 0) return options.max_parallel;
    return choices.max_parallel != 0 ? choices.max_parallel : choices.executor->default_parallel();
  }

  static void tell_of_other_runs(RunContext& context) {
    const fs::path state = state_path();
    context.owner = history::owner_name(state);
    context.is_alive = [state](const std::string& run) {
      return history::RunLock::is_held(history::run_directory(state, run));
    };
  }

  // Read when it is first asked for: most executors never do.
  static void tell_of_times(RunContext& context) {
    context.took_before = [info = context.info, times = std::optional<Times>()](
                              const Job& job) mutable -> std::optional<Nanoseconds> {
      if (!times) times = times_before(state_path(), info);
      const auto found = times->find(job.name);
      return found == times->end() ? std::nullopt : std::optional(found->second);
    };
  }

  Engine& make_engine(const Pipeline& pipeline) {
    RunContext context;
    context.pipeline = &pipeline;
    context.info = info();
    context.workspace = workspace_path;
    context.base_env = base_environment(environ);
    if (!is_test) check_secrets_of_jobs(pipeline, context.base_env);
    context.poll_interval = choices.poll_interval;
    if (!is_test) tell_of_other_runs(context);
    if (!is_test) tell_of_times(context);
    context.supervisor = take_supervisor();
    if (choices.executor->name() != "shell") context.supervisor.reset();
    auto made =
        std::make_unique<Engine>(pipeline, *choices.executor, std::move(context), parallel());
    const std::scoped_lock lock(engine_mutex);
    engine = std::move(made);
    engine->mask(secrets);
    return *engine;
  }

  // --- one run ---

  Status run(const Pipeline& pipeline) {
    workspace_path = claim_workspace();
    Engine& loop = make_engine(pipeline);
    return is_test ? run_quietly(pipeline, loop) : run_for_people(pipeline, loop);
  }

  // A config's own test: nobody watches, nothing is kept.
  Status run_quietly(const Pipeline& pipeline, Engine& loop) {
    Publishers publishers = make_publishers(pipeline, loop);
    const Status status = loop.run();
    finish(publishers, std::make_shared<const PipelineView>(view(pipeline)));
    loop.tidy();
    return status;
  }

  Status run_for_people(const Pipeline& pipeline, Engine& loop) {
    // What else an interrupted run left (Workspace lock, jobs) is gone with its processes.
    history::Recorder recorder(
        {.clean = [](const history::RunRow& run) { kill_leftovers(run.info.pipe_id); }});
    Console console(options.json, loop.loop());
    loop.observe(recorder);
    loop.observe(console.view());
    if (!remotes_named) console.tell_of_remotes(choices.remotes);
    const BackgroundDelivery delivery(state_path());
    loop.compare_coverage(coverage_before(state_path(), *choices.repo, pipeline));
    Publishers publishers = make_publishers(pipeline, loop);

    std::exception_ptr failure;
    Status status = Status::failed;
    try {
      status = loop.run();
    } catch (const BadConfig&) {
      throw;  // nothing has started: there is nothing to report
    } catch (...) {
      failure = std::current_exception();
    }

    // What is left of the run takes an engine long to remove: the report is made meanwhile.
    Tidying tidying(loop);
    recorder.finish();
    const auto last = std::make_shared<PipelineView>(view(pipeline));
    if (failure) last->status = Status::failed;  // where no job ran, they do not tell
    add_tails(*last, pipeline, recorder);
    if (remotes_named) last->before = status_before(state_path(), *choices.repo, pipe_id);
    std::vector<std::string> warnings = masked(recorder.warnings());
    last->warnings = warnings;
    std::ranges::move(masked(finish(publishers, last)), std::back_inserter(warnings));
    last->warnings.clear();  // the console says them by itself
    console.finish(*last, *masking(choices.reporter, secrets), warnings, exit_code(pipeline));
    Console::warn(masked(tidying.wait()));
    if (failure) std::rethrow_exception(failure);
    return status;
  }

  using Publishers = std::vector<std::unique_ptr<Publisher>>;

  Publishers make_publishers(const Pipeline& pipeline, Engine& loop) {
    Publishers publishers;
    for (const std::shared_ptr<Remote>& remote : choices.remotes) {
      publishers.push_back(std::make_unique<Publisher>(
          masking(reporter_for(*remote), secrets), *remote, Pace{.interval = choices.poll_interval},
          [this, &pipeline] { return view(pipeline); },
          is_test ? Safekeeping{} : keep_in_outbox(state_path(), pipe_id)));
      loop.observe(*publishers.back());
    }
    return publishers;
  }

  std::shared_ptr<Reporter> reporter_for(const Remote& remote) const {
    if (auto own = remote.own_reporter()) return own;
    const auto preferred = reporter_named ? nullptr : remote.preferred_reporter();
    return preferred ? preferred : choices.reporter;
  }

  std::vector<std::string> masked(std::vector<std::string> texts) const {
    for (std::string& text : texts) text = secrets.masked(text);
    return texts;
  }

  /// Returns when nobody looks at `last` any more.
  static std::vector<std::string> finish(Publishers& publishers,
                                         const std::shared_ptr<const PipelineView>& last) {
    std::vector<std::string> problems;
    for (auto& publisher : publishers) publisher->end(last);  // all at once
    for (auto& publisher : publishers) {
      const Publisher::Result result = publisher->join();
      for (const std::string& problem : result.problems)
        problems.push_back(result.kept ? problem + k_waits : problem);
    }
    return problems;
  }

  static void add_tails(PipelineView& view, const Pipeline& pipeline,
                        const history::Recorder& recorder) {
    for (StageView& stage : view.stages) {
      for (JobView& job : stage.jobs) {
        if (needs_tail(job))
          job.log_tail =
              recorder.log_tail(*pipeline.find_job(job.name), k_tail_lines, k_tail_bytes);
      }
    }
  }

  // --- what others may ask ---

  PipelineView view(const Pipeline& pipeline) const {
    PipelineView view = view_of_commit();
    look_at_states(pipeline, [&](const JobStates& states) {
      view = snapshot(pipeline, states, std::chrono::system_clock::now(), std::move(view));
    });
    return view;
  }

  PipelineView view_of_commit() const {
    PipelineView view;
    const Repo& repo = *choices.repo;
    view.pipe_id = pipe_id;
    view.sha = repo.sha();
    view.branch = repo.branch();
    view.remote = repo.remote();
    view.commit_message = secrets.masked(repo.commit_message());
    view.author_name = repo.author_name();
    view.author_email = repo.author_email();
    return view;
  }

  void look_at_states(const Pipeline& pipeline,
                      const std::function<void(const JobStates&)>& look) const {
    const std::scoped_lock lock(engine_mutex);
    if (engine)
      engine->look_at_states(look);
    else
      look(JobStates(pipeline.jobs().size()));
  }

  int exit_code(const Pipeline& pipeline) const {
    if (engine->interrupted()) return k_interrupted;
    Status status = Status::failed;
    look_at_states(pipeline,
                   [&](const JobStates& states) { status = overall_status(pipeline, states); });
    return status == Status::passed ? k_passed : k_failed;
  }

  const Options& options = Options::of_process();
  Choices choices;
  bool is_test = false;         // the config itself named a Mock
  bool reporter_named = false;  // by the config
  bool remotes_named = false;   // by the config
  const std::string pipe_id = new_pipe_id();
  const Masker secrets = masker_of(environ);
  std::optional<Workspace> workspace;
  fs::path workspace_path;

  mutable std::mutex engine_mutex;  // guards the pointer: others may ask while `run` begins
  std::unique_ptr<Engine> engine;
  int code = k_passed;
};

Session::Session(Choices choices) : impl_(std::make_unique<Impl>(std::move(choices))) {}
Session::~Session() = default;

const std::shared_ptr<Repo>& Session::repo() const { return impl_->choices.repo; }
const std::vector<std::shared_ptr<Remote>>& Session::remotes() const {
  return impl_->choices.remotes;
}
const std::shared_ptr<Executor>& Session::executor() const { return impl_->choices.executor; }
const std::shared_ptr<Reporter>& Session::reporter() const { return impl_->choices.reporter; }
const std::string& Session::pipe_id() const { return impl_->pipe_id; }

Status Session::run(const Pipeline& pipeline) {
  JCI_ASSERT(!impl_->engine);
  if (impl_->options.plan_only) {
    print_plan(pipeline, impl_->choices.executor->name(), impl_->options.json);
    return Status::pending;
  }
  const Status status = impl_->run(pipeline);
  impl_->code = impl_->exit_code(pipeline);
  if (impl_->options.config.empty())
    reap_left();  // a process of its own would end now, and do so then
  return status;
}

PipelineView Session::view(const Pipeline& pipeline) const { return impl_->view(pipeline); }

PipelineView Session::view_of_commit() const { return impl_->view_of_commit(); }

JobStates Session::states(const Pipeline& pipeline) const {
  JobStates copy;
  impl_->look_at_states(pipeline, [&](const JobStates& states) { copy = states; });
  return copy;
}

JobState Session::state_of(const Job& job) const {
  const std::scoped_lock lock(impl_->engine_mutex);
  return impl_->engine ? impl_->engine->state_of(job.id) : JobState{};
}

int Session::exit_code() const { return impl_->code; }

}  // namespace jci::run
