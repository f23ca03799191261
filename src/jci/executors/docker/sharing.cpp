// SPDX-License-Identifier: MIT
#include "jci/executors/docker/sharing.hpp"

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

constexpr unsigned k_bad_request = 400;
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

Awaitable<Answer<CreatedContainer>> make_probe(const Probing& probing, const fs::path& path) {
  const json::object mount{
      {"Type", "bind"}, {"Source", path.native()}, {"Target", k_target}, {"ReadOnly", true}};
  const json::object body{{"Image", probing.image},
                          {"Labels", to_json(probing.labels)},
                          {"HostConfig", {{"NetworkMode", "none"}, {"Mounts", {mount}}}}};
  co_return co_await probing.client.create_container(body, {}, {});
}

/// The network is being made at this time: so this costs nothing, and the end of the run has one less to remove.
Awaitable<> remove_probe(const Probing& probing, const CreatedContainer& probe) {
  co_await probing.client.remove_container(probe.id, true, true);
}

/// Podman makes a directory that is not there, or says 500 where it may not: so that it is the same one has to be seen.
Awaitable<Answer<bool>> is_same(const Probing& probing, const fs::path& directory) {
  const auto created = co_await make_probe(probing, directory);
  if (!created && created.error().kind == Error::Kind::refused) co_return false;
  if (!created) co_return std::unexpected(created.error());
  const ArchiveSink no_more = [](std::string_view) -> Awaitable<bool> { co_return false; };
  const std::string mark = fmt::format("{}/{}", k_target, k_mark);
  const auto seen = co_await probing.client.get_archive(created->id, mark, no_more);
  co_await remove_probe(probing, *created);
  if (!seen && seen.error().kind != Error::Kind::refused) co_return std::unexpected(seen.error());
  co_return seen.has_value();
}

}  // namespace

// A bind of type "bind" is refused where there is nothing to bind.
Awaitable<Answer<bool>> engine_has(const Probing& probing, const fs::path& path) {
  const auto created = co_await make_probe(probing, path);
  if (created) {
    co_await remove_probe(probing, *created);
    co_return true;
  }
  if (created.error().has_status(k_bad_request)) co_return false;
  co_return std::unexpected(created.error());
}

std::optional<fs::path> EnginePaths::of(const fs::path& path) const {
  return mounts_ ? translate(*mounts_, path) : path;
}

Awaitable<Answer<std::optional<EnginePaths>>> find_engine_paths(const Probing& probing,
                                                                const fs::path& directory) {
  const Probe probe(directory.parent_path(), directory, "probe-" + probing.run_id);
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

}  // namespace jci::docker
