// SPDX-License-Identifier: MIT
#include "jci/executors/docker/deaths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "jci/executors/docker/sweep.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

// After an end an engine is done within a second, however busy.
constexpr auto k_just_now = std::chrono::seconds(1);

int to_number(const std::string& text) {
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Deaths::Deaths(Client& client, const asio::any_io_executor& executor, std::string run_id)
    : client_(client), executor_(executor), run_id_(std::move(run_id)), begun_(executor) {}

Awaitable<> Deaths::listen() {
  const Labels of_run{fmt::format("{}={}", k_run_label, run_id_)};
  const std::vector<std::string> what{"start", "die", "oom"};
  auto events = co_await client_.events(of_run, {}, what);
  listens_ = events.has_value();
  begun_.open();
  while (listens_) {
    const auto event = co_await events->next();
    if (event && *event)
      take(**event);
    else
      stop_listening();
  }
}

void Deaths::take(const json::object& event) {
  const json::object& actor = object_of(event, "Actor");
  const std::string id = text_of(actor, "ID");
  const std::string what = text_of(event, "Action");
  const Death::Time at(std::chrono::nanoseconds(number_of(event, "timeNano")));
  if (what == "start") started_[id] = at;
  if (what == "oom") lacked_memory_.insert(id);
  if (what != "die") return;
  const auto started = started_.find(id);
  dead_[id] = {.exit_code = to_number(text_of(object_of(actor, "Attributes"), "exitCode")),
               .started = started == started_.end() ? std::nullopt : std::optional(started->second),
               .at = at,
               .heard = Clock::now(),
               .lacked_memory = lacked_memory_.contains(id)};
  if (const auto waiter = waiting_.find(id); waiter != waiting_.end()) waiter->second->open();
}

void Deaths::stop_listening() {
  listens_ = false;
  for (const auto& [id, waiter] : waiting_) waiter->open();
}

Awaitable<std::optional<Death>> Deaths::of(std::string id) {
  if (listens_ && !dead_.contains(id)) {
    Latch told(executor_);
    waiting_[id] = &told;
    co_await told.wait();
    waiting_.erase(id);
  }
  const auto death = dead_.find(id);
  if (death == dead_.end()) co_return std::nullopt;
  co_return death->second;
}

std::set<std::string> Deaths::just_heard() const {
  std::set<std::string> containers;
  for (const auto& [id, death] : dead_)
    if (Clock::now() - death.heard < k_just_now) containers.insert(id);
  return containers;
}

std::string Deaths::first_of(const std::set<std::string>& containers) const {
  std::optional<Death::Time> first;
  for (const std::string& id : containers)
    if (const auto death = dead_.find(id); death != dead_.end())
      first = std::min(first.value_or(death->second.at), death->second.at);
  if (!first) return {};
  const auto whole = std::chrono::floor<std::chrono::seconds>(*first);
  return fmt::format("{}.{:09}", whole.time_since_epoch().count(), (*first - whole).count());
}

}  // namespace jci::docker
