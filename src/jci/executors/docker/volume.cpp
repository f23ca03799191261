// SPDX-License-Identifier: MIT
#include "jci/executors/docker/volume.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <exception>
#include <stdexcept>
#include <utility>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/inside_image.hpp"
#include "jci/executors/docker/options.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/results/results.hpp"
#include "jci/util/hash.hpp"
#include "jci/util/new_file.hpp"
#include "jci/util/other_thread.hpp"
#include "jci/util/text.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace json = boost::json;

// Where our containers have the copy, and what is in it; where they put what jobs have changed.
constexpr std::string_view k_copy = "/jaypore_ci/copy";
constexpr std::string_view k_manifest = "/jaypore_ci/copy/manifest";
constexpr std::string_view k_changed = "/jaypore_ci/run/.jaypore-ci/run";
// Up to this, two more containers cost more than to send all, and to fetch all.
constexpr std::size_t k_few_files = 500;
constexpr std::uint64_t k_few_bytes = 256UL * 1024;
constexpr std::size_t k_largest_manifest = 512UL * 1024 * 1024;
json::object mount_of(const std::string& volume, std::string_view target) {
  return {{"Type", "volume"},
          {"Source", volume},
          {"Target", target},
          {"VolumeOptions", {{"NoCopy", true}}}};
}

json::object container_body(const std::string& image, const json::array& mounts,
                            const LabelMap& labels) {
  return {{"Image", image},
          {"Labels", to_json(labels)},
          {"HostConfig", {{"NetworkMode", "none"}, {"Mounts", mounts}}}};
}

/// Of a copy that stays: found again by its Workspace, which is one user's. Where nobody would sweep it up it is the run's.
json::object copy_body(const std::string& run_id, const LabelMap& labels,
                       const fs::path& workspace) {
  const auto owner = labels.find(std::string(k_owner_label));
  if (owner == labels.end())
    return {{"Name", fmt::format("jayporeci__copy__{}", run_id)}, {"Labels", to_json(labels)}};
  const std::uint64_t whose = stable_hash(owner->second + '\0' + workspace.native());
  return {{"Name", fmt::format("jayporeci__copy__{:016x}", whose)},
          {"Labels", {{k_owner_label, owner->second}, {k_workspace_label, workspace.native()}}}};
}

/// What the copy lacks: in its directory `files`, then what is to be taken away there, and the listing that is true afterwards.
tar::Parcel parcel_of(const fs::path& directory, const Listing& now, Difference difference) {
  std::string gone;
  for (const std::string& path : difference.gone) gone.append(path) += '\0';
  return {.directory = directory,
          .names = std::move(difference.changed),
          .prefix = "files",
          .texts = {{"gone", std::move(gone)}, {"next", to_text(now)}}};
}

}  // namespace

WorkspaceVolume::WorkspaceVolume(Connection& engine, const asio::any_io_executor& executor)
    : engine_(engine), client_(engine.client()), executor_(executor), filled_(executor) {}

Awaitable<Answer<void>> WorkspaceVolume::create(const std::string& run_id, const LabelMap& labels,
                                                const std::string& image,
                                                const fs::path& workspace) {
  labels_ = labels;
  image_ = image;
  const Answer<void> looked = co_await look_at(workspace);
  if (!looked) co_return looked;
  const json::object volume{{"Name", fmt::format("jayporeci__run__{}", run_id)},
                            {"Labels", to_json(labels)}};
  const Answer<std::string> made = co_await client_.create_volume(volume);
  if (!made) co_return std::unexpected(made.error());
  name_ = *made;
  mounts_ = {mount_of(name_, k_run_directory)};
  if (!is_small_) {
    const json::object lasting = copy_body(run_id, labels, workspace);
    const Answer<std::string> copy = co_await client_.create_volume(lasting);  // or there already
    if (!copy) co_return std::unexpected(copy.error());
    mounts_.push_back(mount_of(*copy, k_copy));
  }
  const json::object body = container_body(image, mounts_, labels);
  const std::string container_name = fmt::format("jayporeci__files__{}", run_id);
  const auto created = co_await client_.create_container(body, container_name, {});
  if (!created && !created.error().is_conflict()) co_return std::unexpected(created.error());
  // One that is there already is ours: it was made, and the answer was lost.
  files_.emplace(client_, executor_, created ? created->id : container_name);
  co_return Answer<void>();
}

// What was sent or fetched half is sent or fetched again from its beginning.

// --- to the engine ---

Awaitable<> WorkspaceVolume::fill(fs::path directory) {
  try {
    auto copying = engine_.insist([&] { return copy_from(directory); });
    const Answer<void> copied = co_await std::move(copying);
    if (!copied) problem_ = copied.error().text;
  } catch (const std::exception& error) {
    problem_ = error.what();
  }
  filled_.open();
}

Awaitable<Answer<void>> WorkspaceVolume::look_at(const fs::path& workspace) {
  try {
    auto list = [&] { return list_directory(workspace); };
    listing_ = co_await on_other_thread(std::move(list));
  } catch (const fs::filesystem_error& error) {
    co_return refused(0, error.what());
  }
  is_small_ = listing_.size() <= k_few_files && bytes_of(listing_) <= k_few_bytes;
  co_return Answer<void>();
}

Awaitable<Answer<void>> WorkspaceVolume::copy_from(fs::path directory) {
  if (is_small_) co_return co_await send_all(directory);
  const Answer<Listing> known = co_await known_there();
  if (!known) co_return std::unexpected(known.error());
  Difference lacks = difference(listing_, *known);
  if (!lacks.empty()) {
    auto sending =
        files_->put(parcel_of(directory, listing_, std::move(lacks)), std::string(k_copy));
    const Answer<void> sent = co_await std::move(sending);
    if (!sent) co_return sent;
  }
  std::string fill = "fill";
  co_return co_await inside(std::move(fill));
}

Awaitable<Answer<void>> WorkspaceVolume::send_all(const fs::path& directory) {
  tar::Parcel all{.directory = directory, .names = {}, .prefix = "."};
  for (const auto& [name, facts] : listing_) all.names.push_back(name);
  co_return co_await files_->put(std::move(all), std::string(k_run_directory));
}

/// What the copy holds; nothing where there is none, or it is not whole.
Awaitable<Answer<Listing>> WorkspaceVolume::known_there() {
  const auto text = co_await files_->beginning_of(std::string(k_manifest), k_largest_manifest);
  if (!text) co_return std::unexpected(text.error());
  co_return read_listing(*text).value_or(Listing());
}

/// Has our program do `what` with the copy and the volume, on the engine's machine.
Awaitable<Answer<void>> WorkspaceVolume::inside(std::string what) {
  json::object body = container_body(image_, mounts_, labels_);
  body["Cmd"] = json::array{k_inside_program, what, k_copy, k_run_directory};
  const auto created = co_await client_.create_container(body, {}, {});
  if (!created) co_return std::unexpected(created.error());
  const std::string id = created->id;
  const auto started = co_await client_.start_container(id);
  if (!started) co_return started;
  auto waiting = co_await client_.wait_container(id, WaitFor::not_running);
  if (!waiting) co_return std::unexpected(waiting.error());
  const Answer<Ending> ended = co_await waiting->ended();
  if (!ended) co_return std::unexpected(ended.error());
  if (ended->exit_code == 0) co_return Answer<void>();
  std::string words;
  const OutputSink listen = [&](Stream, std::string_view bytes) { words += bytes; };
  const LogRequest request{.tail = "1"};
  if (auto log = co_await client_.logs(id, request)) co_await log->read(listen);
  co_return refused(0, fmt::format("exit code {} of `jci-inside {}`: {}", ended->exit_code, what,
                                   sanitize_line(words)));
}

// --- from the engine ---

Awaitable<std::string> WorkspaceVolume::beginning_of(const std::string& file,
                                                     std::size_t max_bytes) {
  const std::string path = fmt::format("{}/{}", k_run_directory, file);
  auto getting = engine_.insist([&] { return files_->beginning_of(path, max_bytes); });
  co_return (co_await std::move(getting)).value_or("");
}

Awaitable<> WorkspaceVolume::bring(std::string pattern, fs::path directory) {
  const auto [above, name] = results::literal_part(pattern);
  fs::create_directories(directory / above);
  if (!name.empty()) {
    const std::string bytes =
        co_await beginning_of((above / name).native(), results::k_largest_file);
    if (bytes.empty()) co_return;
    auto writing = on_other_thread([&] { write_new_file(directory / above / name, bytes); });
    co_return co_await std::move(writing);
  }
  const std::string path = (fs::path(k_run_directory) / above).lexically_normal().native();
  auto unpacking = engine_.insist([&] { return files_->take(path, directory / above); });
  const auto problems = co_await std::move(unpacking);
  if (!problems && !problems.error().is_not_found())
    throw std::runtime_error(problems.error().text);
  if (problems && !problems->empty()) throw std::runtime_error(problems->front());
}

/// What jobs have changed, in one place.
Awaitable<Answer<void>> WorkspaceVolume::gather() {
  if (is_small_) co_return refused(0, "there is nothing to compare it with");
  auto gathering = engine_.insist([this] { return inside("changed"); });
  co_return co_await std::move(gathering);
}

Awaitable<std::vector<std::string>> WorkspaceVolume::bring_back(fs::path directory) {
  if (!filled_.is_open() || problem_) co_return std::vector<std::string>();
  const Answer<void> gathered = co_await gather();
  const std::string from(gathered ? k_changed : k_run_directory);  // where that cannot be told: all
  auto unpacking = engine_.insist([&] { return files_->take(from, directory); });
  const auto told = co_await std::move(unpacking);
  auto problems = told ? *told : std::vector{told.error().text};
  for (std::string& problem : problems)
    problem = fmt::format("cannot bring back from the engine what jobs wrote: {}", problem);
  co_return std::move(problems);
}

}  // namespace jci::docker
