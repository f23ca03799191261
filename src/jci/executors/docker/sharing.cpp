// SPDX-License-Identifier: MIT
#include "jci/executors/docker/sharing.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "jci/executors/docker/answers.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t k_id_digits = 64;
constexpr const char* k_target = "/probe";
constexpr const char* k_mark = "mark";

/// A directory with a file that no other machine has, removed at the end.
class Probe {
 public:
  Probe(const fs::path& beside, const fs::path& else_in, const std::string& name) {
    std::error_code error;
    path_ = beside / name;
    if (!fs::create_directory(path_, error)) {
      path_ = else_in / name;
      fs::create_directory(path_, error);
    }
    std::ofstream(path_ / k_mark);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string own_mountinfo() {
  std::ifstream file("/proc/self/mountinfo");
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::vector<std::string> container_ids_in(std::string_view mountinfo) {
  // Engines mount hostname, hosts and resolv.conf into each container from `.../containers/<id>/`.
  constexpr std::string_view before = "/containers/";
  std::vector<std::string> ids;
  for (std::size_t at = 0; (at = mountinfo.find(before, at)) != std::string_view::npos;) {
    at += before.size();
    const std::string_view id = mountinfo.substr(at, k_id_digits);
    if (id.size() == k_id_digits && is_hexadecimal(id) && std::ranges::find(ids, id) == ids.end())
      ids.emplace_back(id);
  }
  return ids;
}

std::optional<fs::path> translate(const json::array& mounts, const fs::path& path) {
  std::optional<fs::path> best;
  std::size_t deepest = 0;
  for (const json::value& each : mounts) {
    if (!each.is_object()) continue;
    const std::string inside = text_of(each.as_object(), "Destination");
    const fs::path rest = path.lexically_relative(inside);
    if (inside.size() <= deepest || rest.empty() || *rest.begin() == "..") continue;
    deepest = inside.size();
    const fs::path source = text_of(each.as_object(), "Source");
    best = rest == "." ? source : source / rest;
  }
  return best;
}

namespace {

json::object probe_body(const Probing& probing, const std::vector<fs::path>& paths) {
  json::array mounts;
  for (const fs::path& path : paths)
    mounts.push_back({{"Type", "bind"},
                      {"Source", path.native()},
                      {"Target", fmt::format("{}/{}", k_target, mounts.size())},
                      {"ReadOnly", true}});
  return {{"Image", probing.image},
          {"Labels", to_json(probing.labels)},
          {"HostConfig", {{"NetworkMode", "none"}, {"Mounts", std::move(mounts)}}}};
}

/// The id of a container that has these paths; empty where there is nothing at one of them, for then the engine makes none.
Awaitable<Answer<std::string>> make_probe(const Probing& probing,
                                          const std::vector<fs::path>& paths) {
  const auto created = co_await probing.client.create_container(probe_body(probing, paths), {}, {});
  if (created) co_return created->id;
  if (created.error().kind == Error::Kind::refused) co_return std::string();
  co_return std::unexpected(created.error());
}

/// Whether the engine has nothing against a container with these paths but its restart policy, which no engine knows. Nothing where it
/// makes one all the same.
Awaitable<Answer<std::optional<bool>>> minds_only_policy(const Probing& probing,
                                                         const std::vector<fs::path>& paths) {
  const std::string policy = fmt::format("asked-by-{}", probing.run_id);  // in none of the paths
  json::object body = probe_body(probing, paths);
  body["HostConfig"].as_object()["RestartPolicy"] = {{"Name", policy}};
  const auto created = co_await probing.client.create_container(body, {}, {});
  if (created) {
    co_await probing.client.remove_container(created->id, true, true);
    co_return std::nullopt;
  }
  if (created.error().kind != Error::Kind::refused) co_return std::unexpected(created.error());
  co_return created.error().text.contains(policy);
}

/// Docker looks for the paths of a container before it reads how to restart it. So what it refuses first tells whether it has them, with
/// nothing made, and nothing to remove, which takes long. Nothing is known of an engine that does not first of all miss a path that is nowhere.
Awaitable<Answer<std::optional<bool>>> ask_by_refusal(const Probing& probing,
                                                      const std::vector<fs::path>& paths) {
  using namespace boost::asio::experimental::awaitable_operators;
  const std::vector<fs::path> nowhere{fmt::format("/nowhere-{}", probing.run_id)};
  auto both = minds_only_policy(probing, paths) && minds_only_policy(probing, nowhere);
  auto [has, has_nowhere] = co_await std::move(both);
  if (!has) co_return passed_on(has);
  if (!has_nowhere) co_return passed_on(has_nowhere);
  const bool misses_paths_first = *has_nowhere == false;
  co_return misses_paths_first ? *has : std::nullopt;
}

/// Podman makes a directory that is not there, or says 500 where it may not: so that it is the same one has to be seen.
Awaitable<Answer<bool>> is_seen(const Probing& probing, const fs::path& directory) {
  const std::vector<fs::path> paths{directory};
  const Answer<std::string> container = co_await make_probe(probing, paths);
  if (!container) co_return std::unexpected(container.error());
  if (container->empty()) co_return false;
  const ArchiveSink no_more = [](std::string_view) -> Awaitable<bool> { co_return false; };
  const std::string mark = fmt::format("{}/0/{}", k_target, k_mark);
  const auto seen = co_await probing.client.get_archive(*container, mark, no_more);
  if (!seen && seen.error().kind != Error::Kind::refused) co_return std::unexpected(seen.error());
  co_return seen.has_value();
}

Awaitable<Answer<bool>> is_same(const Probing& probing, const fs::path& directory) {
  if (probing.client.is_podman()) co_return co_await is_seen(probing, directory);
  const std::vector<fs::path> mark{directory / k_mark};
  co_return co_await engine_has(probing, mark);
}

Awaitable<Answer<std::optional<EnginePaths>>> find_paths(const Probing& probing, const Probe& probe,
                                                         const fs::path& directory) {
  const Answer<bool> same = co_await is_same(probing, probe.path());
  if (!same) co_return std::unexpected(same.error());
  if (*same) co_return EnginePaths();

  const std::string mountinfo = own_mountinfo();
  for (const std::string& id : container_ids_in(mountinfo)) {
    const auto self = co_await probing.client.inspect_container(id);
    if (!self) continue;  // of another engine
    const EnginePaths paths(array_of(*self, "Mounts"));
    const auto translated = paths.of(probe.path());
    if (!translated) continue;
    const Answer<bool> found = co_await is_same(probing, *translated);
    if (!found) co_return std::unexpected(found.error());
    if (*found && paths.of(directory)) co_return paths;
  }
  co_return std::nullopt;
}

}  // namespace

Awaitable<Answer<bool>> engine_has(const Probing& probing, const std::vector<fs::path>& paths) {
  if (!probing.client.is_podman()) {
    auto told = co_await ask_by_refusal(probing, paths);
    if (!told) co_return passed_on(told);
    if (*told) co_return **told;
  }
  const Answer<std::string> container = co_await make_probe(probing, paths);
  if (!container) co_return std::unexpected(container.error());
  co_return !container->empty();
}

std::optional<fs::path> EnginePaths::of(const fs::path& path) const {
  return mounts_ ? translate(*mounts_, path) : path;
}

Awaitable<Answer<std::optional<Shared>>> find_shared(const Probing& probing,
                                                     const fs::path& directory,
                                                     const std::set<fs::path>& others) {
  const Probe probe(directory.parent_path(), directory, "probe-" + probing.run_id);
  // Most engines have all of it, and under our names: asked for at once.
  if (!probing.client.is_podman()) {
    std::vector<fs::path> all{probe.path() / k_mark};
    std::ranges::copy(others, std::back_inserter(all));
    const Answer<bool> has_all = co_await engine_has(probing, all);
    if (!has_all) co_return std::unexpected(has_all.error());
    if (*has_all) {
      Shared shared;
      for (const fs::path& path : others) shared.others[path] = path;
      co_return shared;
    }
  }
  const auto paths = co_await find_paths(probing, probe, directory);
  if (!paths) co_return std::unexpected(paths.error());
  if (!*paths) co_return std::nullopt;
  Shared shared{**paths, {}};
  for (const fs::path& path : others) {
    const auto there = shared.paths.of(path);
    if (!there) continue;
    const std::vector<fs::path> one{*there};
    const Answer<bool> has = co_await engine_has(probing, one);
    if (!has) co_return std::unexpected(has.error());
    if (*has) shared.others[path] = *there;
  }
  co_return shared;
}

}  // namespace jci::docker
