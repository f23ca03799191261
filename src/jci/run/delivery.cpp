// SPDX-License-Identifier: MIT
#include "jci/run/delivery.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <set>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/history/store.hpp"
#include "jci/history/sweep.hpp"
#include "jci/history/view.hpp"
#include "jci/remotes/registry.hpp"

namespace jci::run {
namespace {

namespace fs = std::filesystem;
using history::Letter;
using history::Outbox;

bool is_too_old(const Letter& letter) {
  return std::chrono::system_clock::now() - letter.at > Outbox::k_longest_wait;
}

}  // namespace

Safekeeping keep_in_outbox(const fs::path& state_directory, std::string pipe_id) {
  const auto outbox = std::make_shared<Outbox>(state_directory);
  return {
      .keep = [outbox, pipe_id = std::move(pipe_id)](
                  const Remote& remote, const std::string& report, Status status) -> std::string {
        std::string address = remote.address();
        if (address.empty()) return {};
        return outbox->put({.pipe_id = pipe_id,
                            .remote = remote.name(),
                            .address = std::move(address),
                            .report = report,
                            .status = status,
                            .at = std::chrono::system_clock::now()});
      },
      .drop = [outbox](const std::string& name) { outbox->drop(name); }};
}

Courier::Courier(fs::path state_directory, Variables variables)
    : state_(std::move(state_directory)), variables_(std::move(variables)), outbox_(state_) {}

void Courier::deliver(const std::function<void(const Delivery&)>& tell) {
  const auto mine = outbox_.lock();
  if (!mine) return;
  std::set<std::string> silent;  // addresses
  for (const std::string& name : outbox_.names()) {
    const auto letter = outbox_.read(name);
    if (!letter || outbox_.is_in_hands(*letter) || silent.contains(letter->address)) continue;
    if (interrupted_) return;
    const Delivery delivery = deliver(*letter);
    if (delivery.end == Delivery::End::waits) {
      silent.insert(letter->address);
    } else {
      outbox_.drop(name);
    }
    tell(delivery);
  }
}

Delivery Courier::deliver(const Letter& letter) {
  using enum Delivery::End;
  if (is_too_old(letter)) return {letter, dropped, "it has waited for a week"};
  try {
    const std::shared_ptr<Remote> remote = remote_at(letter.address, variables_);
    {
      const std::scoped_lock lock(mutex_);
      remote_ = remote;
    }
    if (interrupted_) remote->interrupt();
    remote->open();
    remote->publish(letter.report, view_of(letter));
    remote->close();
    return {letter, delivered, {}};
  } catch (const RemoteApiFailed& failure) {
    return {letter, failure.may_pass || interrupted_ ? waits : dropped, failure.what()};
  } catch (const std::exception& error) {
    return {letter, waits, error.what()};  // a token that is not there now may be there later
  }
}

void Courier::interrupt() {
  interrupted_ = true;
  const std::scoped_lock lock(mutex_);
  if (remote_) remote_->interrupt();
}

/// All that the history knows of the run; where it has forgotten it, how it ended.
PipelineView Courier::view_of(const Letter& letter) const {
  PipelineView view;
  try {
    history::Store store(history::database_file(state_));
    for (const history::RunRow& run : store.runs({.id_prefix = letter.pipe_id, .limit = 1}))
      view = history::view_of(store, run, state_);
  } catch (const history::StoreFailed&) {
    view = {};
  }
  view.pipe_id = letter.pipe_id;
  view.status = letter.status;
  return view;
}

BackgroundDelivery::BackgroundDelivery(const fs::path& state_directory) {
  if (Outbox(state_directory).names().empty()) return;
  courier_ = std::make_unique<Courier>(state_directory, process_variables());
  thread_ = std::thread([this] { courier_->deliver([](const Delivery&) {}); });
}

BackgroundDelivery::~BackgroundDelivery() {
  if (!courier_) return;
  courier_->interrupt();
  thread_.join();
}

}  // namespace jci::run
