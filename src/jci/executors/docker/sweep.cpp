// SPDX-License-Identifier: MIT
#include "jci/executors/docker/sweep.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "jci/executors/docker/answers.hpp"
#include "jci/util/slots.hpp"
#include "jci/util/task_group.hpp"

namespace jci::docker {
namespace {

constexpr unsigned k_not_found = 404;
// More at once only makes the engine slower for others.
constexpr std::size_t k_removals_at_once = 8;

std::string value_of(const LabelValues& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &LabelValues::value_type::first);
  return found == labels.end() ? "" : found->second;
}

std::string selection(std::string_view label, std::string_view value) {
  return fmt::format("{}={}", label, value);
}

/// Removals that go on at once.
class Removals {
 public:
  Removals(Client& client, const boost::asio::any_io_executor& executor)
      : client_(client), tasks_(executor) {}

  void container(const std::string& id) { tasks_.spawn(remove_container(id)); }
  void network(const std::string& id) { tasks_.spawn(remove_network(id)); }
  void volume(const std::string& name) { tasks_.spawn(remove_volume(name)); }
  Awaitable<> all() { return tasks_.join(); }
  std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  Awaitable<> remove_container(std::string id) {
    const auto slot = co_await slots_.take();
    co_await report(client_.remove_container(id, true, true));
  }
  /// An engine that was started again may think that containers are still in it that are gone.
  Awaitable<> remove_network(std::string id) {
    const Answer<void> done = co_await client_.remove_network(id);
    if (done) co_return;
    if (const auto network = co_await client_.inspect_network(id))
      for (const auto& endpoint : object_of(*network, "Containers"))
        if (endpoint.value().is_object()) {
          const std::string name = text_of(endpoint.value().get_object(), "Name");
          co_await client_.disconnect_network(id, name, true);
        }
    co_await report(client_.remove_network(id));
  }
  Awaitable<> remove_volume(std::string name) {
    co_await report(client_.remove_volume(name, true));
  }
  Awaitable<> report(Awaitable<Answer<void>> call) {
    const Answer<void> done = co_await std::move(call);
    if (!done && !done.error().has_status(k_not_found)) problems_.push_back(done.error().text);
  }

  Client& client_;
  Slots slots_{k_removals_at_once};
  std::vector<std::string> problems_;
  TaskGroup tasks_;
};

}  // namespace

Awaitable<std::vector<std::string>> remove_run(Client& client, const std::string& run_id,
                                               const std::set<std::string>& kept) {
  Removals removals(client, co_await boost::asio::this_coro::executor);
  const Labels of_run{selection(k_run_label, run_id)};
  const auto containers = co_await client.list_containers(of_run);
  if (!containers) co_return std::vector{containers.error().text};
  for (const ContainerSummary& container : *containers)
    if (!kept.contains(container.id)) removals.container(container.id);
  co_await removals.all();

  // Only now is nothing in them any more.
  if (const auto networks = co_await client.list_networks(of_run))
    for (const NamedThing& network : *networks) removals.network(network.id);
  if (const auto volumes = co_await client.list_volumes(of_run))
    for (const NamedThing& volume : *volumes) removals.volume(volume.name);
  co_await removals.all();
  co_return removals.take_problems();
}

Awaitable<> sweep(Client& client, const std::string& owner,
                  const std::function<bool(const std::string& run_id)>& is_alive) {
  if (owner.empty()) co_return;
  const Labels of_owner{selection(k_owner_label, owner)};
  // The network is what a run that ends in good order removes last but one: where it is there, the run was killed.
  std::set<std::string> dead;
  if (const auto networks = co_await client.list_networks(of_owner))
    for (const NamedThing& network : *networks) dead.insert(value_of(network.labels, k_run_label));
  if (const auto volumes = co_await client.list_volumes(of_owner))
    for (const NamedThing& volume : *volumes) dead.insert(value_of(volume.labels, k_run_label));
  const auto containers = co_await client.list_containers(of_owner);
  if (!containers) co_return;

  std::vector<std::string> expired;
  const auto oldest = std::chrono::system_clock::now() - k_kept_for;
  for (const ContainerSummary& container : *containers) {
    const bool runs = container.state != "exited" && container.state != "dead";
    if (runs)
      dead.insert(value_of(container.labels, k_run_label));
    else if (container.created < oldest)
      expired.push_back(container.id);
  }
  dead.erase("");
  std::erase_if(dead, is_alive);
  for (const std::string& run_id : dead) co_await remove_run(client, run_id, {});
  for (const std::string& id : expired) co_await client.remove_container(id, true, true);
}

}  // namespace jci::docker
