// SPDX-License-Identifier: MIT
#include "jci/executors/docker/docker.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/executors/docker/ahead.hpp"
#include "jci/executors/docker/connection.hpp"
#include "jci/executors/docker/deaths.hpp"
#include "jci/executors/docker/docker_program.hpp"
#include "jci/executors/docker/git_objects.hpp"
#include "jci/executors/docker/inside_image.hpp"
#include "jci/executors/docker/job_run.hpp"
#include "jci/executors/docker/network.hpp"
#include "jci/executors/docker/ownership.hpp"
#include "jci/executors/docker/sharing.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/executors/docker/volume.hpp"
#include "jci/util/beneath.hpp"
#include "jci/util/temporary_directory.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using docker::Answer;

// Jobs at once where nothing is said: as many as one would want on a laptop, and an engine takes.
constexpr std::size_t k_default_parallel = 64;
// After an interrupted run, containers that are being started are waited for, so that they are removed as well.
constexpr auto k_settles_within = std::chrono::seconds(10);

// For no longer than this a namespace may be somebody's without being missed by others, about.
constexpr auto k_soon_free = std::chrono::milliseconds(500);

std::set<JobId> lasting_jobs(const RunContext& context) {
  std::set<JobId> lasting;
  if (!context.took_before) return lasting;
  for (const Job& job : context.pipeline->jobs())
    if (const auto took = context.took_before(job); took && *took > k_soon_free)
      lasting.insert(job.id);
  return lasting;
}

/// How many jobs that take no namespace of their own may be ready at the same time, at most; and how many there are.
struct Crowd {
  std::size_t jobs = 0;
  std::size_t widest = 0;
};

Crowd crowd_of(const Pipeline& pipeline, const docker::RunScope& scope) {
  Crowd crowd;
  std::map<std::pair<StageId, std::size_t>, std::size_t>
      widths;  // by stage and length of the way from its start
  std::vector<std::size_t> depths(pipeline.jobs().size());
  for (const Job& job : pipeline.jobs()) {
    for (const JobId parent : job.depends_on)
      depths[job.id] = std::max(depths[job.id], depths[parent] + 1);
    if (docker::takes_own_network(scope, job)) continue;
    ++crowd.jobs;
    crowd.widest = std::max(crowd.widest, ++widths[{job.stage, depths[job.id]}]);
  }
  return crowd;
}

// Fewer jobs do without holders.
constexpr std::size_t k_fewest_sharing = 4;

/// A holder costs as much to make and to remove as it saves on two jobs, and where there are as many as the processors can start at once,
/// more of them help no one. Measured with 10, 20 and 50 jobs on two processors (bench/commands.py docker): 2, 4 and 2 to 4 were best.
std::size_t holders_for(const Crowd& crowd) {
  if (crowd.jobs < k_fewest_sharing) return 0;
  return std::clamp<std::size_t>((crowd.widest + 4) / 5, 1, docker::busy_starts());
}

class Docker final : public Executor {
 public:
  explicit Docker(DockerOptions options) : options_(options) {}

  std::string_view name() const override { return "docker"; }
  std::size_t default_parallel() const override { return k_default_parallel; }
  void check(const Job& job) const override { docker::check_job(job); }

  Awaitable<> open(const RunContext& context) override {
    context_ = context;
    // Without a lock of its own this run would look dead to others, so it is left to them to expire.
    if (!context.is_alive || !context.is_alive(context.info.pipe_id)) context_.owner.clear();
    const auto executor = co_await asio::this_coro::executor;
    auto engine = std::make_unique<docker::Connection>(
        executor, docker::Connection::Absence{options_.engine_away, context_.warn});
    co_await engine->open();
    engine_ = std::move(engine);
    run_.emplace(*engine_, context_.info.pipe_id, labels(), executor);
    co_await prepare();
    // While the first jobs start: no run has to wait for what others left.
    run_->sweeping.spawn(docker::sweep(client(), context_.owner, context_.is_alive));
  }

  Awaitable<JobResult> run(const Job& job, JobSink& sink, StopSignal& stop) override {
    docker::JobRun life(*scope_, job, sink, stop, co_await asio::this_coro::executor);
    JobResult result = co_await life.run();
    if (!life.id().empty() && is_kept(job, result)) kept_.insert(life.id());
    co_return result;
  }

  Awaitable<> close() override {
    if (!run_) co_return;
    run_->tasks.cancel();
    co_await run_->tasks.join();
  }

  Awaitable<fs::path> files_of_jobs(const std::vector<std::string>& patterns,
                                    fs::path workspace) override {
    if (!volume_) co_return workspace;
    const fs::path here = brought_.emplace_back("results").path();
    for (const std::string& pattern : patterns) co_await volume_->bring(pattern, here);
    co_return here;
  }

  Awaitable<std::vector<std::string>> tidy() override {
    std::vector<std::string> problems;
    if (run_) co_await run_->sweeping.join();
    // Not in `close`: the report need not wait for a slow line, and whoever waits for the run's end waits for its files as well.
    if (volume_) problems = co_await volume_->bring_back(context_.workspace);
    if (scope_ && !volume_ && !scope_->surroundings.workspace.source.empty())
      co_await docker::own_workspace(client(), context_.workspace, scope_->inside_image,
                                     scope_->surroundings);
    if (engine_ && !context_.info.pipe_id.empty()) {
      co_await client().settle(k_settles_within);
      std::vector<std::string> left =
          co_await docker::remove_run(client(), context_.info.pipe_id, kept_, &run_->deaths);
      if (!left.empty() && co_await engine_->comes_back())
        left = co_await docker::remove_run(client(), context_.info.pipe_id, kept_);
      std::ranges::move(left, std::back_inserter(problems));
    }
    brought_.clear();
    scope_.reset();
    volume_.reset();
    run_.reset();
    if (engine_) co_await engine_->close();
    engine_.reset();
    co_return problems;
  }

 private:
  /// What a run has, from `open` to `tidy`.
  struct Run {
    Run(docker::Connection& engine, const std::string& id, docker::LabelMap labels,
        const asio::any_io_executor& executor)
        : tasks(executor),
          sweeping(executor),
          images(engine.client(), engine.config(), tasks, executor),
          network(engine.client(), executor, id, std::move(labels)),
          ahead(tasks, executor),
          deaths(engine.client(), executor, id) {}
    TaskGroup tasks;
    TaskGroup sweeping;  // must be done before the run is: the next one may be as short
    docker::Images images;
    docker::Network network;
    docker::Ahead ahead;
    std::deque<const Job*> first;  // to be made ahead for holders
    docker::Deaths deaths;
  };

  docker::LabelMap labels() const {
    docker::LabelMap labels{{std::string(docker::k_run_label), context_.info.pipe_id}};
    if (!context_.owner.empty()) labels.emplace(docker::k_owner_label, context_.owner);
    return labels;
  }

  docker::Client& client() { return engine_->client(); }

  /// What prepares a run may be done again: an engine that is lost on the way is waited for, but not by a user who has had enough.
  template <class Call>
  auto prepare_with(Call call) {
    return engine_->insist(std::move(call), context_.interrupted);
  }

  // A pull takes longest of all.
  void look_for_images() {
    for (const Job& job : context_.pipeline->jobs()) {
      const docker::Options options = docker::options_of(job);
      run_->images.want(job.image(), options.pull, options.platform);
    }
  }

  // The network takes long to make: the rest is done meanwhile.
  Awaitable<> prepare() {
    using namespace asio::experimental::awaitable_operators;
    auto network_made = prepare_with([this] { return run_->network.create(); });
    auto all = std::move(network_made) && prepare_containers();
    const Answer<void> network = co_await std::move(all);
    if (!network) fail("cannot make a network for this run", network.error());
  }

  Awaitable<> prepare_containers() {
    look_for_images();
    // Podman's word of an end comes no sooner than the answer to those who wait.
    if (!client().is_podman()) run_->tasks.spawn(run_->deaths.listen());
    co_await prepare_scope();
    // Podman makes no container before its network is there, and removes none whose namespace another one had, while that one is kept.
    if (client().is_podman()) co_return;
    const std::size_t holders = options_.share_namespaces ? count_holders() : 0;
    make_first_ahead(holders > 0);
    const auto make_in = [this](const std::string& holder) {
      if (run_->first.empty()) return;
      run_->ahead.make(*scope_, *run_->first.front(), holder);
      run_->first.pop_front();
    };
    run_->network.hold(holders, scope_->inside_image, run_->tasks, make_in);
    co_await run_->deaths.ready();
  }

  std::size_t count_holders() {
    const Pipeline& pipeline = *context_.pipeline;
    if (pipeline.jobs().size() < k_fewest_sharing) return 0;  // the History need not be asked
    scope_->lasting = lasting_jobs(context_);
    return holders_for(crowd_of(pipeline, *scope_));
  }

  /// Containers of jobs that wait for nothing, but for those that will be in a holder's namespace: `first`, until there are holders.
  void make_first_ahead(bool have_holders) {
    const Pipeline& pipeline = *context_.pipeline;
    const auto has_jobs = [](const Stage& stage) { return !stage.jobs.empty(); };
    const auto first = std::ranges::find_if(pipeline.stages(), has_jobs);
    if (first == pipeline.stages().end()) return;
    std::size_t room = docker::busy_starts();
    for (const JobId id : first->jobs) {
      const Job& job = pipeline.jobs()[id];
      if (!job.depends_on.empty()) continue;
      if (have_holders && !docker::takes_own_network(*scope_, job)) {
        run_->first.push_back(&job);
        continue;
      }
      run_->ahead.make(*scope_, job, run_->network.name());
      if (--room == 0) return;
    }
  }

  Awaitable<> prepare_scope() {
    auto ensured = prepare_with([this] { return docker::ensure_inside_image(client()); });
    const Answer<std::string> inside = co_await std::move(ensured);
    if (!inside) fail("cannot load an image of our own", inside.error());
    docker::Surroundings surroundings;
    surroundings.labels = labels();
    surroundings.base_env = context_.base_env;
    surroundings.proxy_env = docker::proxy_environment(engine_->config(), engine_->address());
    scope_.emplace(docker::RunScope{
        .engine = *engine_,
        .client = client(),
        .images = run_->images,
        .network = run_->network,
        .ahead = run_->ahead,
        .deaths = run_->deaths,
        .context = context_,
        .inside_image = *inside,
        .surroundings = std::move(surroundings),
        .volume = nullptr,
        .read_report = [this](const Job& job) { return read_report(job); },
    });
    const docker::Probing probing{client(), *inside, context_.info.pipe_id, labels()};
    co_await share_workspace(probing);
    co_await give_docker(probing);
  }

  Awaitable<> share_workspace(const docker::Probing& probing) {
    // Of our files it may see the Workspace's alone.
    const std::set<fs::path> borrowed = docker::borrowed_objects(context_.workspace);
    auto looking =
        prepare_with([&] { return docker::find_shared(probing, context_.workspace, borrowed); });
    const auto found = co_await std::move(looking);
    if (!found) fail("cannot find out whether the engine sees the Workspace", found.error());
    if (const auto& shared = *found) {
      docker::Surroundings& given = scope_->surroundings;
      given.workspace = {docker::WorkspaceMount::Kind::directory,
                         shared->paths.of(context_.workspace)->native()};
      given.git_objects = shared->others;
      co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    volume_.emplace(*engine_, executor);
    auto making = prepare_with([&] {
      return volume_->create(probing.run_id, probing.labels, probing.image, context_.workspace);
    });
    const auto made = co_await std::move(making);
    if (!made) fail("cannot make a volume for the Workspace", made.error());
    scope_->surroundings.workspace = {docker::WorkspaceMount::Kind::volume, volume_->name()};
    scope_->volume = &*volume_;
    run_->tasks.spawn(volume_->fill(context_.workspace));  // while images are pulled
  }

  /// What jobs need to use the engine themselves. Where it does not see our files, that is its own socket, if it has one where we or all
  /// others look for it; what it has of our programs is not known.
  Awaitable<> give_docker(const docker::Probing& probing) {
    docker::Surroundings& given = scope_->surroundings;
    given.docker_socket = engine_->socket();
    if (!volume_) {
      given.docker_cli = docker::portable_docker_program();
      co_return;
    }
    if (co_await has(probing, *given.docker_socket)) co_return;
    given.docker_socket.reset();
    const std::string usual(docker::k_socket_target);
    if (co_await has(probing, usual)) given.docker_socket = usual;
  }

  Awaitable<bool> has(const docker::Probing& probing, fs::path path) {
    const std::vector<fs::path> paths{std::move(path)};
    auto looking = prepare_with([&] { return docker::engine_has(probing, paths); });
    const auto found = co_await std::move(looking);
    co_return found && *found;
  }

  Awaitable<std::string> read_report(const Job& job) {
    if (volume_) co_return co_await volume_->beginning_of(job.name + ".txt", k_report_bytes);
    co_return read_beneath(context_.workspace, job.name + ".txt", k_report_bytes).value_or("");
  }

  bool is_kept(const Job& job, const JobResult& result) const {
    switch (options_.keep) {
      case DockerOptions::Keep::all:
        return true;
      case DockerOptions::Keep::never:
        return false;
      case DockerOptions::Keep::failed:
        break;
    }
    if (!std::holds_alternative<Cancelled>(result.outcome))
      return is_bad(status_of(result.outcome));
    // By its timeout, or by the user, who wants nothing kept.
    return !job.is_service() && !(context_.interrupted && context_.interrupted());
  }

  [[noreturn]] static void fail(std::string_view what, const docker::Error& error) {
    throw TriggerFailed(fmt::format("{}: {}", what, error.text));
  }

  const DockerOptions options_;
  RunContext context_;
  std::unique_ptr<docker::Connection> engine_;  // from `open` to `tidy`
  std::optional<Run> run_;
  std::optional<docker::WorkspaceVolume> volume_;  // where the engine does not see our files
  std::list<TemporaryDirectory> brought_;          // of the volume, for whoever reads results
  std::optional<docker::RunScope> scope_;
  std::set<std::string> kept_;  // ids of containers that outlive the run
};

}  // namespace

std::unique_ptr<Executor> make_docker_executor(DockerOptions options) {
  return std::make_unique<Docker>(options);
}

}  // namespace jci
