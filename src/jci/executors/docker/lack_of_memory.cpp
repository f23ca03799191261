// SPDX-License-Identifier: MIT
#include "jci/executors/docker/lack_of_memory.hpp"

#include <chrono>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/timestamp.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {
namespace {

constexpr int k_killed = 137;  // by SIGKILL

// From the end of a container to the engine's word that it lacked memory.
constexpr auto k_news = std::chrono::milliseconds(200);

/// The engine hears of it by another way than of the end: perhaps a little later; and, as it listens only from a moment after the start, perhaps not
/// at all.
Awaitable<bool> is_told_now(Client& client, const boost::json::object& container) {
  const auto finished = read_timestamp(text_of(object_of(container, "State"), "FinishedAt"));
  if (!finished) co_return false;
  const auto until = std::chrono::ceil<std::chrono::seconds>(*finished + k_news);
  const auto happened = co_await client.happened(text_of(container, "Id"), "oom", until);
  co_return happened.value_or(false);
}

}  // namespace

Awaitable<std::string_view> explain_lack_of_memory(Client& client,
                                                   const boost::json::object& container,
                                                   bool may_be_killed_by_us) {
  const boost::json::object& state = object_of(container, "State");
  const bool is_known = flag_of(state, "OOMKilled");
  if (number_of(state, "ExitCode") != k_killed)
    co_return is_known ? "jci: one of its processes was killed by the kernel: out of memory; see "
                         "`mem_limit`\n"
                       : "";
  const bool is_limited = number_of(object_of(container, "HostConfig"), "Memory") > 0;
  if (!is_known && (!is_limited || may_be_killed_by_us)) co_return "";
  if (is_known || co_await is_told_now(client, container))
    co_return "jci: killed by the kernel: out of memory; see `mem_limit`\n";
  co_return "jci: killed, perhaps by the kernel for lack of memory, of which the engine knows "
      "nothing; see `mem_limit`\n";
}

}  // namespace jci::docker
