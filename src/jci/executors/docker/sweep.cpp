// SPDX-License-Identifier: MIT
#include "jci/executors/docker/sweep.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/deaths.hpp"
#include "jci/util/latch.hpp"
#include "jci/util/slots.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {
namespace {

// More at once only makes the engine slower for others.
constexpr std::size_t k_removals_at_once = 8;

constexpr unsigned k_forbidden = 403;  // to remove a network with containers in it
constexpr int k_tries = 5;
constexpr auto k_between_tries = std::chrono::milliseconds(200);

std::string value_of(const LabelValues& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &LabelValues::value_type::first);
  return found == labels.end() ? "" : found->second;
}

std::string selection(std::string_view label, std::string_view value) {
  return fmt::format("{}={}", label, value);
}

/// Of containers from a network.
struct Departures {
  bool are_told = false;
  std::string since;  // see Client::departures
};

/// Removals that go on at once.
class Removals {
 public:
  Removals(Client& client, const boost::asio::any_io_executor& executor)
      : client_(client), tasks_(executor) {}

  void container(const ContainerSummary& container) {
    ++unasked_;
    tasks_.spawn(remove_container(container));
  }
  /// Returns when the engine has been asked to remove each container: it does so even if we are killed then.
  Awaitable<> asked() {
    if (unasked_ == 0) co_return;
    Latch all_asked(co_await boost::asio::this_coro::executor);
    all_asked_ = &all_asked;
    co_await all_asked.wait();
    all_asked_ = nullptr;
  }
  /// When `all_left` opens, at which all containers are on their way out; or before that, where `departures` are waited for: then the
  /// last container that leaves it tells. An engine does so, and only then tidies up after that container, which takes it some time.
  void network(const NamedThing& network, Latch& all_left, const Departures& departures) {
    tasks_.spawn(remove_network(network, all_left, departures));
  }
  /// Those that could not be removed, when all containers are: an engine that was started again may think that some are still in them that
  /// are gone. While one is being removed it cannot be disconnected, and stays in there for good. One that was killed just now, and is kept, may
  /// still be on its way out.
  void stuck_networks() {
    for (NamedThing& network : std::exchange(stuck_, {}))
      tasks_.spawn(free_network(std::move(network)));
  }
  void volume(const NamedThing& volume) { tasks_.spawn(remove_volume(volume)); }
  Awaitable<> all() { return tasks_.join(); }
  std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  Awaitable<> remove_container(ContainerSummary container) {
    const auto slot = co_await slots_.take();
    if (--unasked_ == 0 && all_asked_ != nullptr) all_asked_->open();
    report("container", container.name,
           co_await client_.remove_container(container.id, true, true));
  }
  Awaitable<> remove_network(NamedThing network, Latch& all_left, Departures departures) {
    if (departures.are_told && co_await remove_once_left(network.id, all_left, departures.since))
      co_return;
    co_await all_left.wait();
    const Answer<void> done = co_await client_.remove_network(network.id);
    if (!done && !done.error().is_not_found()) stuck_.push_back(std::move(network));
  }
  Awaitable<bool> remove_once_left(const std::string& id, Latch& all_left,
                                   const std::string& since) {
    using namespace boost::asio::experimental::awaitable_operators;
    auto departures = co_await client_.departures(id, since);
    while (departures && !all_left.is_open()) {
      auto either = departures->next() || all_left.wait();
      const auto told = co_await std::move(either);
      const auto* departure = std::get_if<0>(&told);
      if (departure == nullptr || !*departure || !**departure) break;
      if (co_await client_.remove_network(id)) co_return true;  // nobody else is in it
    }
    co_return false;
  }
  Awaitable<> free_network(NamedThing network) {
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
    for (int tries = 1;; ++tries) {
      co_await disconnect_all(network);
      const Answer<void> done = co_await client_.remove_network(network.id);
      const bool is_used = !done && done.error().has_status(k_forbidden);
      if (!is_used || tries == k_tries) co_return report("network", network.name, done);
      pause.expires_after(k_between_tries);
      co_await pause.async_wait(boost::asio::use_awaitable);
    }
  }
  Awaitable<> disconnect_all(const NamedThing& network) {
    const auto details = co_await client_.inspect_network(network.id);
    if (!details) co_return;
    for (const auto& endpoint : object_of(*details, "Containers"))
      if (endpoint.value().is_object()) {
        const std::string name = text_of(endpoint.value().get_object(), "Name");
        co_await client_.disconnect_network(network.id, name, true);
      }
  }
  Awaitable<> remove_volume(NamedThing volume) {
    report("volume", volume.name, co_await client_.remove_volume(volume.name, true));
  }
  void report(std::string_view kind, const std::string& name, const Answer<void>& done) {
    if (done || done.error().is_not_found()) return;
    problems_.push_back(
        fmt::format("cannot remove the {} `{}`: {}", kind, name, done.error().text));
  }

  Client& client_;
  Slots slots_{k_removals_at_once};
  std::size_t unasked_ = 0;
  Latch* all_asked_ = nullptr;  // of an `asked` that waits
  std::vector<NamedThing> stuck_;
  std::vector<std::string> problems_;
  TaskGroup tasks_;
};

bool runs(const ContainerSummary& container) {
  return container.state != "created" && container.state != "exited" && container.state != "dead";
}

/// One of a run that has ended may still be there: that of a job, which ran or could not be started.
bool may_be_kept(const ContainerSummary& container) {
  if (container.state == "created") return !value_of(container.labels, k_job_label).empty();
  return !runs(container);
}

/// Whether nobody will use the copy of `workspace` again, or nobody has for long.
bool is_forgotten(const std::string& workspace, std::chrono::system_clock::time_point now) {
  struct stat st{};
  // A run writes beside its Workspace.
  if (::stat(std::filesystem::path(workspace).parent_path().c_str(), &st) != 0)
    return errno == ENOENT;
  return std::chrono::system_clock::from_time_t(st.st_mtim.tv_sec) < now - k_kept_for;
}

std::vector<std::string> cannot_list(const Error& error) {
  return {fmt::format("cannot see what of the run is left on the engine: {}", error.text)};
}

}  // namespace

Awaitable<std::vector<std::string>> remove_run(Client& client, const std::string& run_id,
                                               const std::set<std::string>& kept, Deaths* deaths) {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto executor = co_await boost::asio::this_coro::executor;
  const Labels of_run{selection(k_run_label, run_id)};
  auto all_lists =
      client.list_containers(of_run) && client.list_networks(of_run) && client.list_volumes(of_run);
  const auto [containers, networks, volumes] = co_await std::move(all_lists);
  if (!containers) co_return cannot_list(containers.error());
  if (!networks) co_return cannot_list(networks.error());
  if (!volumes) co_return cannot_list(volumes.error());

  // The engine still tidies up after those that have just ended, and then removes them.
  std::set<std::string> ending;
  if (deaths != nullptr) ending = deaths->just_heard();
  // Podman tells of none.
  const bool are_told = deaths != nullptr && !client.is_podman();
  const Departures departures{are_told, are_told ? deaths->first_of(ending) : ""};
  Latch all_left(executor);
  Removals running(client, executor);
  Removals ended(client, executor);
  for (const ContainerSummary& container : *containers) {
    if (kept.contains(container.id)) continue;
    const bool may_be_in_network = runs(container) || ending.contains(container.id);
    (may_be_in_network ? running : ended).container(container);
  }

  // The networks go last, so that whoever is killed here leaves one by which `sweep` sees that. They take longest to remove, and need not wait for
  // containers that do not run.
  co_await running.asked();
  co_await ended.asked();
  for (const NamedThing& network : *networks) ended.network(network, all_left, departures);
  co_await running.all();
  all_left.open();
  co_await ended.all();
  ended.stuck_networks();
  // Those that are kept have it.
  if (kept.empty())
    for (const NamedThing& volume : *volumes) ended.volume(volume);
  co_await ended.all();
  std::vector<std::string> problems = running.take_problems();
  std::ranges::move(ended.take_problems(), std::back_inserter(problems));
  co_return problems;
}

Awaitable<> sweep(Client& client, const std::string& owner,
                  const std::function<bool(const std::string& run_id)>& is_alive,
                  std::chrono::system_clock::time_point now) {
  if (owner.empty()) co_return;
  const Labels of_owner{selection(k_owner_label, owner)};
  // The network is what a run that ends in good order removes last but one: where it is there, the run was killed.
  std::set<std::string> dead;
  if (const auto networks = co_await client.list_networks(of_owner))
    for (const NamedThing& network : *networks) dead.insert(value_of(network.labels, k_run_label));
  const auto containers = co_await client.list_containers(of_owner);
  if (!containers) co_return;
  // A volume stays as long as containers that were kept.
  std::set<std::string> has_containers;
  for (const ContainerSummary& container : *containers)
    has_containers.insert(value_of(container.labels, k_run_label));
  std::vector<std::string> forgotten;
  if (const auto volumes = co_await client.list_volumes(of_owner))
    for (const NamedThing& volume : *volumes) {
      const std::string workspace = value_of(volume.labels, k_workspace_label);
      if (!workspace.empty() && is_forgotten(workspace, now)) forgotten.push_back(volume.name);
      if (const std::string run = value_of(volume.labels, k_run_label);
          !has_containers.contains(run))
        dead.insert(run);
    }

  std::vector<std::string> expired;
  for (const ContainerSummary& container : *containers) {
    const std::string run_id = value_of(container.labels, k_run_label);
    if (!may_be_kept(container))
      dead.insert(run_id);
    else if (container.created < now - k_kept_for && !is_alive(run_id))
      expired.push_back(container.id);
  }
  dead.erase("");
  std::erase_if(dead, is_alive);
  for (const std::string& run_id : dead) co_await remove_run(client, run_id, {});
  for (const std::string& name : forgotten) co_await client.remove_volume(name, false);
  for (const std::string& id : expired) co_await client.remove_container(id, true, true);
}

}  // namespace jci::docker
