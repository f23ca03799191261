// SPDX-License-Identifier: MIT
#include "jci/executors/docker/network.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::string_view k_of_container = "container:";  // as a network mode
// Making a namespace keeps a processor busy, about; some of it is waiting.
constexpr std::size_t k_busy_starts_per_processor = 2;
// Few more of them bring the last job forward, and many more only push the first ones back: on two processors, 20 jobs of a second with 4, 8 and 16
// at once took 1.06, 1.03 and 1.00 times as long as with all at once.
constexpr std::size_t k_most_starts_per_processor = 8;
// For less than this part of what a namespace costs, a job is one that ends soon.
constexpr int k_soon_part = 2;

json::object holder_body(const std::string& image, const std::string& network,
                         const LabelMap& labels) {
  return {{"Image", image},
          {"Labels", to_json(labels)},
          {"HostConfig",
           {{"NetworkMode", network},
            {"LogConfig", {{"Type", "none"}}},
            {"CapDrop", {"ALL"}},
            {"ReadonlyRootfs", true}}}};
}

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

std::size_t busy_starts() { return k_busy_starts_per_processor * processors(); }

Network::Network(Client& client, const asio::any_io_executor& executor, std::string run_id,
                 LabelMap labels)
    : client_(client),
      executor_(executor),
      run_id_(std::move(run_id)),
      labels_(std::move(labels)),
      most_starts_(k_most_starts_per_processor * processors()),
      name_(fmt::format("jayporeci__net__{}", run_id_)),
      made_(executor),
      hope_(executor) {}

Network::Place::~Place() {
  if (network_ == nullptr) return;
  if (!started_) network_->start_ended();
  if (!held_) return;
  if (started_) network_->lasted_ = Clock::now() - *started_;
  network_->give_back(std::move(mode_));
}

void Network::Place::started() {
  if (started_) return;
  started_ = Clock::now();
  network_->start_ended();
}

std::optional<std::string> Network::Place::holder() const {
  return held_ ? std::optional(mode_.substr(k_of_container.size())) : std::nullopt;
}

void Network::Place::lost() {
  if (std::exchange(held_, false)) --network_->holders_;
}

Awaitable<Answer<void>> Network::create() {
  const json::object config{
      {"Name", name_}, {"CheckDuplicate", true}, {"Labels", to_json(labels_)}};
  const Answer<std::string> id = co_await client_.create_network(config);
  // No other run's is called so: where there is one already, it was made, and the answer was lost.
  if (!id && !id.error().is_conflict()) co_return std::unexpected(id.error());
  made_.open();
  co_return Answer<void>();
}

void Network::hold(std::size_t count, const std::string& image, TaskGroup& tasks,
                   const Made& made) {
  coming_ += count;
  for (std::size_t number = 0; number < count; ++number)
    tasks.spawn(start_holder(number, image, made));
}

Awaitable<> Network::start_holder(std::size_t number, std::string image, Made made) {
  const json::object body = holder_body(image, name_, labels_);
  const std::string container_name = fmt::format("jayporeci__hold__{}__{}", run_id_, number);
  std::string id;
  if (const auto created = co_await client_.create_container(body, container_name, {}))
    id = created->id;
  const std::string mode = std::string(k_of_container) + id;
  if (!id.empty()) made(mode);
  co_await made_.wait();
  const auto begin = Clock::now();
  const bool runs = !id.empty() && (co_await client_.start_container(id)).has_value();
  --coming_;
  if (runs) {
    ++holders_;
    cost_ = std::max(cost_, Clock::now() - begin);
    give_back(mode);
  } else {
    serve();
  }
}

Awaitable<std::optional<Network::Place>> Network::take(bool own, const std::string& preferred) {
  Waiter self{asio::steady_timer(executor_, asio::steady_timer::time_point::max()), preferred};
  auto& queue = own ? wait_own_ : wait_any_;
  queue.push_back(&self);
  serve();
  if (!self.place) co_await self.turn.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!self.place) std::erase(queue, &self);
  co_return std::move(self.place);
}

std::optional<std::string> Network::mode_after(const Place& place, bool own) const {
  if (own || holders_ + coming_ == 0) return name_;
  // Who waits already is served first.
  if (place.holder() && wait_any_.empty()) return place.mode();
  return std::nullopt;
}

void Network::give_back(std::string mode) {
  free_.push_back(std::move(mode));
  last_freed_ = Clock::now();
  serve();
}

void Network::start_ended() {
  --starting_;
  serve();
}

void Network::serve() {
  while (!wait_any_.empty() && !free_.empty()) serve_any();
  serve_own(wait_own_);
  if (wait_any_.empty()) return;
  if (!may_hope()) return serve_own(wait_any_);
  if (coming_ > 0) return;
  hope_.expires_at(hopes_until());
  hope_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) serve();
  });
}

void Network::serve_any() {
  // One whose container is made for a place that is free; else the first.
  const auto find_preferred = [this](const Waiter* waiter) {
    return std::ranges::find(free_, waiter->preferred);
  };
  const auto suits = [&](const Waiter* waiter) { return find_preferred(waiter) != free_.end(); };
  const auto suited = std::ranges::find_if(wait_any_, suits);
  const auto waiter = suited == wait_any_.end() ? wait_any_.begin() : suited;
  const auto place = suited == wait_any_.end() ? std::prev(free_.end()) : find_preferred(*waiter);
  std::string mode = std::move(*place);
  free_.erase(place);
  hand(wait_any_, waiter, Place(*this, std::move(mode), true));
  ++starting_;
}

void Network::serve_own(std::deque<Waiter*>& waiting) {
  for (; !waiting.empty() && starting_ < most_starts_; ++starting_)
    hand(waiting, waiting.begin(), Place(*this, name_, false));
}

void Network::hand(Queue& waiting, Queue::iterator waiter, Place place) {
  (*waiter)->place.emplace(std::move(place));
  (*waiter)->turn.cancel();
  waiting.erase(waiter);
}

// Whether a holder is likely to come free sooner than a namespace could be made. Who waits for as long as that takes, and takes it then, has
// never waited for more than twice the best.
bool Network::may_hope() const {
  return coming_ > 0 || (holders_ > 0 && Clock::now() < hopes_until());
}

// Jobs that last keep their holders: while few containers are started, nobody is served by waiting for these.
Clock::time_point Network::hopes_until() const {
  const bool is_busy = starting_ >= processors();
  const bool jobs_last = lasted_ > cost_ / k_soon_part;
  return jobs_last && !is_busy ? last_freed_ : last_freed_ + cost_;
}

}  // namespace jci::docker
