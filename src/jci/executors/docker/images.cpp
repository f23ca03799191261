// SPDX-License-Identifier: MIT
#include "jci/executors/docker/images.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <utility>

#include "jci/executors/docker/credentials.hpp"
#include "jci/executors/docker/explain.hpp"
#include "jci/executors/docker/image.hpp"
#include "jci/util/other_thread.hpp"

namespace jci::docker {
namespace {

using Clock = std::chrono::steady_clock;

// {"username":"nobody","password":"none"}: without credentials engines do not tell a registry that asks for some from one that is down.
constexpr const char* k_nobody = "eyJ1c2VybmFtZSI6Im5vYm9keSIsInBhc3N3b3JkIjoibm9uZSJ9";
constexpr auto k_between_progress = std::chrono::seconds(5);

/// HEALTHCHECK, and not `HEALTHCHECK NONE`.
bool has_healthcheck(const Image& image) {
  const boost::json::object& check = object_of(object_of(image.details, "Config"), "Healthcheck");
  const std::vector<std::string> test = texts_of(check, "Test");
  return !test.empty() && test.front() != "NONE";
}

/// The digest by which its registry knows it, else its own id.
std::string digest_in(const Image& image) {
  if (image.repo_digests.empty()) return image.id;
  const std::string& named = image.repo_digests.front();
  return named.substr(named.find('@') + 1);
}

std::string take(const Image& image, Images::Wanted& wanted) {
  wanted.id = image.id;
  wanted.has_healthcheck = has_healthcheck(image);
  return digest_in(image);
}

std::unexpected<std::string> cannot_look(const std::string& image, const Error& error,
                                         Images::Wanted& wanted) {
  wanted.engine_lost = error.kind == Error::Kind::connection;
  return std::unexpected(explain_inspect(image, error));
}

/// Adds up what the engine tells of an image's layers.
class PullProgress {
 public:
  void take(const boost::json::object& told) {
    const boost::json::object& detail = object_of(told, "progressDetail");
    const std::int64_t total = number_of(detail, "total");
    if (total <= 0 || text_of(told, "status") != "Downloading") return;
    Layer& layer = layers_[text_of(told, "id")];
    layer = {number_of(detail, "current"), total};
  }

  std::string text() const {
    Layer sum;
    for (const auto& [id, layer] : layers_) {
      sum.current += layer.current;
      sum.total += layer.total;
    }
    constexpr std::int64_t megabyte = 1'000'000;
    if (sum.total < megabyte) return {};
    return fmt::format(": {} of {} MB", sum.current / megabyte, sum.total / megabyte);
  }

 private:
  struct Layer {
    std::int64_t current = 0;
    std::int64_t total = 0;
  };
  std::map<std::string, Layer> layers_;
};

}  // namespace

Images::Wanted& Images::want(const std::string& image, Pull pull, const std::string& platform) {
  const auto entry = wanted_.try_emplace(Key(image, platform, pull)).first;
  const Key& key = entry->first;
  auto& attempts = entry->second;
  const Wanted* last = attempts.empty() ? nullptr : attempts.back().get();
  if (last != nullptr && (last->looked == changes_ || (last->known.is_open() && last->result)))
    return *attempts.back();
  if (last == nullptr || last->known.is_open()) {
    attempts.push_back(std::make_unique<Wanted>(executor_));
    attempts.back()->result = std::unexpected("the run was stopped before its image was there");
    tasks_.spawn(find(key, *attempts.back()));
  } else {
    tasks_.spawn(find_made(key, *attempts.back()));
  }
  attempts.back()->looked = changes_;
  return *attempts.back();
}

Images::Wanted* Images::wanted(const std::string& image, Pull pull, const std::string& platform) {
  const auto entry = wanted_.find(Key(image, platform, pull));
  return entry == wanted_.end() ? nullptr : entry->second.back().get();
}

Awaitable<> Images::find(const Key& key, Wanted& wanted) {
  ++wanted.looking;
  auto result = co_await digest_of(key, wanted);
  found(wanted, std::move(result));
}

/// Beside `find`, which may take long to learn from a registry that it has no such image.
Awaitable<> Images::find_made(const Key& key, Wanted& wanted) {
  ++wanted.looking;
  const Answer<Image> image = co_await client_.inspect_image(std::get<0>(key));
  if (image)
    found(wanted, take(*image, wanted));
  else
    found(wanted, wanted.result);
}

void Images::found(Wanted& wanted, std::expected<std::string, std::string> result) {
  --wanted.looking;
  if (wanted.known.is_open()) return;
  wanted.result = std::move(result);
  if (wanted.result || wanted.looking == 0) wanted.known.open();
}

Awaitable<std::expected<std::string, std::string>> Images::digest_of(const Key& key,
                                                                     Wanted& wanted) {
  const auto& [image, platform, when] = key;
  if (when != Pull::always) {
    const Answer<Image> found = co_await client_.inspect_image(image);
    if (found) co_return take(*found, wanted);
    if (!found.error().is_not_found()) co_return cannot_look(image, found.error(), wanted);
    if (when == Pull::never) co_return std::unexpected(explain_missing_image(image));
  }
  const auto pulled = co_await pull(image, platform, wanted);
  if (!pulled) co_return std::unexpected(pulled.error());
  const Answer<Image> found = co_await client_.inspect_image(image);
  if (!found) co_return cannot_look(image, found.error(), wanted);
  co_return take(*found, wanted);
}

Awaitable<std::expected<void, std::string>> Images::pull(const std::string& image,
                                                         const std::string& platform,
                                                         Wanted& wanted) {
  const auto name = parse_image(image);
  if (!name || !name->id.empty()) co_return std::unexpected(explain_missing_image(image));
  const std::string what = fmt::format("pulling image `{}`", image);
  const auto tell = [&](const std::string& more) {
    wanted.progress = what + more;
    for (JobSink* job : wanted.waiting) job->waits(wanted.progress);
  };
  tell("");

  // A credential helper may wait for its keyring.
  const auto ask = [&] { return registry_auth(config_, name->registry); };
  const RegistryAuth auth = co_await on_other_thread(ask);
  const PullRequest request{.image = name->pull_name(),
                            .tag = name->pull_tag(),
                            .auth = auth.header,
                            .platform = platform};
  PullProgress progress;
  Clock::time_point next = Clock::now() + k_between_progress;
  const ProgressSink sink = [&](const boost::json::object& told) {
    progress.take(told);
    if (Clock::now() < next) return;
    next = Clock::now() + k_between_progress;
    tell(progress.text());
  };
  const Answer<void> pulled = co_await client_.pull(request, sink);
  if (pulled) co_return std::expected<void, std::string>();

  wanted.engine_lost = pulled.error().kind == Error::Kind::connection;
  RegistryView registry = RegistryView::not_asked;
  if (pulled.error().kind == Error::Kind::refused && !pulled.error().has_status(200)) {
    PullRequest question = request;
    if (question.auth.empty()) question.auth = k_nobody;
    const Answer<void> asked = co_await client_.inspect_distribution(question);
    const bool denied = !asked && (asked.error().has_status(401) || asked.error().has_status(403));
    registry = denied ? RegistryView::denies : RegistryView::fails;
  }
  co_return std::unexpected(explain_pull(image, *name, auth, pulled.error(), registry));
}

}  // namespace jci::docker
