// SPDX-License-Identifier: MIT
#include "jci/executors/docker/ahead.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <utility>

#include "jci/executors/docker/convert.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/util/json.hpp"
#include "jci/util/latch.hpp"

namespace jci::docker {
namespace {

/// Whether its image is still what the job calls so: a job before it may have built another.
Awaitable<bool> is_of(Client& client, const std::string& image, const JobContainer& container) {
  const auto named = co_await client.inspect_image(image);
  co_return named && named->id == container.image_id;
}

}  // namespace

struct Ahead::Made {
  Made(std::string mode, const boost::asio::any_io_executor& executor)
      : network(std::move(mode)), done(executor) {}

  std::string network;
  Latch done;             // open when the rest is there
  std::string name = {};  // of the container, once there may be one
  std::optional<JobContainer> container = {};
};

void Ahead::make(RunScope& scope, const Job& job, const std::string& network) {
  const auto [entry, is_new] = made_.try_emplace(job.id, nullptr);
  if (!is_new || shares_volumes(options_of(job))) return;
  entry->second = std::make_shared<Made>(network, executor_);
  tasks_.spawn(make_now(scope, job, entry->second));
}

Awaitable<> Ahead::make_now(RunScope& scope, const Job& job, std::shared_ptr<Made> made) {
  const Options options = options_of(job);
  Images::Wanted* image = scope.images.wanted(job.image(), options.pull, options.platform);
  if (image != nullptr) co_await image->known.wait();
  const bool has_image = image != nullptr && image->result;
  // A volume that is still empty would be filled from the image.
  const bool has_files = scope.volume == nullptr || scope.volume->filled().is_open();
  if (has_image && has_files) {
    made->name = container_name(scope.context.info.pipe_id, job);
    auto container = co_await make_container(scope, job, options, made->network);
    if (container) {
      co_await inspect(scope.client, *container);
      made->container = std::move(*container);
    }
  }
  made->done.open();
}

std::string Ahead::network_of(const Job& job) const {
  const auto entry = made_.find(job.id);
  return entry == made_.end() || !entry->second ? "" : entry->second->network;
}

Awaitable<std::optional<JobContainer>> Ahead::take(RunScope& scope, const Job& job,
                                                   const std::string& network) {
  using namespace boost::asio::experimental::awaitable_operators;
  const auto entry = made_.try_emplace(job.id, nullptr).first;  // nor is one to be made from now on
  const std::shared_ptr<Made> made = std::exchange(entry->second, nullptr);
  if (!made) co_return std::nullopt;
  co_await made->done.wait();
  if (made->name.empty()) co_return std::nullopt;
  if (made->container && made->network == network) {
    auto both = is_of(scope.client, job.image(), *made->container) &&
                attach(scope.client, *made->container);
    const auto [is_current, attached] = co_await std::move(both);
    if (is_current && attached) co_return std::move(made->container);
  }
  // By its name, as it may be there although nobody has heard so.
  co_await scope.client.remove_container(made->name, true, true);
  co_return std::nullopt;
}

}  // namespace jci::docker
