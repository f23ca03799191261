// SPDX-License-Identifier: MIT
#include "jci/history/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace jci::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long records wait for company. A death in this time loses them; without it each would be a transaction.
constexpr milliseconds k_gathering = milliseconds(10);
// One try to get the lock. Short, because `finish` waits for the try to end.
constexpr milliseconds k_lock_patience = milliseconds(100);

}  // namespace

Writer::Writer(std::filesystem::path file, Callbacks callbacks)
    : file_(std::move(file)), callbacks_(std::move(callbacks)), thread_([this] { serve(); }) {}

Writer::~Writer() { finish(milliseconds(0)); }

void Writer::add(Record record) {
  const std::lock_guard lock(mutex_);
  pending_.push_back(std::move(record));
  if (std::exchange(asleep_, false)) wake_.notify_one();
}

void Writer::finish(milliseconds patience) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    deadline_ = steady_clock::now() + patience;
    wake_.notify_one();
  }
  thread_.join();
}

void Writer::serve() {
  open_early();
  std::vector<Record> batch;
  for (bool finishing = false; !finishing || !batch.empty();) {
    finishing = gather(batch);
    if (!batch.empty()) try_to_write(batch, finishing);
  }
}

/// While the first job starts, so that the end of a short run need not wait for it. Why it fails is told when there is something to write.
void Writer::open_early() {
  try {
    open();
  } catch (const StoreFailed&) {
  }
}

/// Adds to `batch` what is pending, waiting for it unless the batch has to be tried again. True: nothing more will come.
bool Writer::gather(std::vector<Record>& batch) {
  std::unique_lock lock(mutex_);
  if (!locked_out_) {
    asleep_ = true;
    wake_.wait(lock, [this] { return !pending_.empty() || deadline_; });
    asleep_ = false;
    wake_.wait_for(lock, k_gathering, [this] { return deadline_.has_value(); });
  }
  if (batch.empty()) {
    batch.swap(pending_);  // whoever adds need not wait for many to be moved
  } else {
    std::ranges::move(pending_, std::back_inserter(batch));
    pending_.clear();
  }
  return deadline_.has_value();
}

/// Leaves in `batch` what is to be tried again.
void Writer::try_to_write(std::vector<Record>& batch, bool finishing) {
  try {
    if (!gave_up_) write(batch);
    locked_out_ = false;
    batch.clear();
  } catch (const StoreFailed& failure) {
    locked_out_ = failure.why == StoreFailed::Why::busy;
    if (may_try_again(failure, finishing)) return;
    give_up(failure);
    locked_out_ = false;
    batch.clear();
  }
}

void Writer::write(std::vector<Record>& batch) {
  if (!store_) open();
  store_->write(batch);
}

void Writer::open() {
  Store store(file_, k_lock_patience);
  if (callbacks_.opened) callbacks_.opened(store);
  store_ = std::move(store);
}

bool Writer::may_try_again(const StoreFailed& failure, bool finishing) {
  using enum StoreFailed::Why;
  if (failure.why == newer || failure.why == damaged) return false;
  if (!finishing) return true;
  const std::lock_guard lock(mutex_);
  return failure.why == busy && steady_clock::now() < *deadline_;
}

void Writer::give_up(const StoreFailed& failure) {
  gave_up_ = true;
  callbacks_.warn(fmt::format(
      "{}: {}",
      store_ ? "the history of this run is incomplete" : "this run is not kept in the history",
      failure.what()));
}

}  // namespace jci::history
