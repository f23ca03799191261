// SPDX-License-Identifier: MIT
#include "jci/executors/docker/ownership.hpp"

#include <boost/json/object.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "jci/executors/docker/inside_image.hpp"
#include "jci/executors/docker/labels.hpp"

namespace jci::docker {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

bool is_foreign(const fs::path& path, uid_t user) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) != 0 || status.st_uid != user;
}

json::object own_body(const std::string& image, const Surroundings& surroundings) {
  const json::object workspace{
      {"Type", "bind"}, {"Source", surroundings.workspace.source}, {"Target", k_run_directory}};
  return {{"Image", image},
          {"Cmd",
           {k_inside_program, "own", std::to_string(::geteuid()), std::to_string(::getegid()),
            k_run_directory}},
          {"Labels", to_json(surroundings.labels)},
          {"HostConfig",
           {{"NetworkMode", "none"}, {"LogConfig", {{"Type", "none"}}}, {"Mounts", {workspace}}}}};
}

}  // namespace

bool has_foreign_files(const fs::path& directory) {
  const uid_t user = ::geteuid();
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    if (is_foreign(entry->path(), user)) return true;
  return static_cast<bool>(error);
}

Awaitable<> own_workspace(Client& client, const fs::path& workspace,
                          const std::string& inside_image, const Surroundings& surroundings) {
  if (::geteuid() == 0 || !has_foreign_files(workspace)) co_return;
  const json::object body = own_body(inside_image, surroundings);
  const auto created = co_await client.create_container(body, {}, {});
  if (!created) co_return;
  const std::string id = created->id;
  if (!co_await client.start_container(id)) co_return;
  if (auto waiting = co_await client.wait_container(id, WaitFor::not_running))
    co_await waiting->ended();
}

}  // namespace jci::docker
