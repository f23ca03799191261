// SPDX-License-Identifier: MIT
#include "jci/remotes/exchange.hpp"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "jci/remotes/exchange_module.hpp"
#include "jci/remotes/git_program.hpp"
#include "jci/util/module.hpp"

namespace jci {
namespace {

using remotes::Joined;
using remotes::PushAnswer;
using remotes::Rejected;
using remotes::Route;

constexpr int k_tries = 10;
constexpr std::chrono::milliseconds k_longest_pause{1'000};

constinit const Module<remotes::ExchangeModule> git{"libjci_git.so", "jci_remotes_exchange"};

/// Fetches and joins; gives the commits whose reports are newer now.
std::vector<std::string> receive(const ExchangeSettings& settings, const Route& route,
                                 Exchanged& exchanged) {
  git_fetch_reports(route, settings.silence);
  Joined joined = git->join_fetched(settings.repository, route.remote);
  exchanged.received += joined.changed.size();
  exchanged.merged += joined.merged;
  exchanged.refused = std::move(joined.refused);
  return joined.changed;
}

/// The more often somebody was faster, the longer; never the same for two who wait for each other.
void pause_before_try(int number) {
  std::random_device random;
  const auto longest = std::min(k_longest_pause, std::chrono::milliseconds(25) * (1 << number));
  std::uniform_int_distribution<std::int64_t> pause(0, longest.count());
  std::this_thread::sleep_for(std::chrono::milliseconds(pause(random)));
}

bool is_worth_a_try(const std::vector<Rejected>& rejected,
                    const std::vector<std::string>& changed) {
  return std::ranges::any_of(rejected, [&](const Rejected& one) {
    return one.raced || std::ranges::binary_search(changed, one.report.sha);
  });
}

void give_up(PushAnswer&& answer, Exchanged& exchanged) {
  for (Rejected& rejected : answer.rejected)
    exchanged.refused.push_back(std::move(rejected.report));
  exchanged.said = std::move(answer.said);
}

}  // namespace

Exchanged fetch_reports(const ExchangeSettings& settings) {
  const Route route = git->find_route(settings.repository, settings.remote);
  Exchanged exchanged{.remote = route.remote};
  receive(settings, route, exchanged);
  return exchanged;
}

Exchanged push_reports(const ExchangeSettings& settings) {
  const Route route = git->find_route(settings.repository, settings.remote);
  Exchanged exchanged{.remote = route.remote};
  for (int tried = 1;; ++tried) {
    PushAnswer answer = git_push_reports(route, settings.silence);
    exchanged.sent += answer.sent;
    if (answer.rejected.empty()) return exchanged;
    auto changed = receive(settings, route, exchanged);
    std::ranges::sort(changed);
    if (tried == k_tries || !is_worth_a_try(answer.rejected, changed)) {
      give_up(std::move(answer), exchanged);
      return exchanged;
    }
    pause_before_try(tried);
  }
}

}  // namespace jci
