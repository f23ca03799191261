// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/executors/docker/calls.hpp"
#include "jci/executors/docker/endpoint.hpp"
#include "jci/executors/docker/error.hpp"
#include "jci/executors/docker/frames.hpp"
#include "jci/executors/docker/streams.hpp"
#include "jci/util/async.hpp"
#include "jci/util/http.hpp"

namespace jci::docker {

/// "name" or "name=value"; what is asked for has all of them. An empty list selects nothing: nobody else's things are ever listed.
using Labels = std::vector<std::string>;
/// Those that something has, with their values.
using LabelValues = std::vector<std::pair<std::string, std::string>>;

struct PullRequest {
  std::string image = {};  ///< without tag
  std::string tag = {};    ///< tag or digest
  std::string auth = {};   ///< X-Registry-Auth; may be empty
  std::string platform = {};
};

struct ImportRequest {
  std::string repository = {};
  std::string tag = {};
  std::vector<std::string> changes = {};  ///< of a Dockerfile: `CMD ["/holder"]`, `LABEL a=b`
};

struct Image {
  std::string id = {};  ///< sha256:...
  std::vector<std::string>
      repo_digests;             ///< name@sha256:...; none for images that came from no registry
  boost::json::object details;  ///< all that the engine said
};

struct CreatedContainer {
  std::string id = {};
  std::vector<std::string> warnings = {};
};

struct ContainerSummary {
  std::string id = {};
  std::string name = {};
  std::string state = {};  ///< created, running, paused, restarting, removing, exited, dead
  std::chrono::sys_seconds created;
  LabelValues labels;
};

struct NamedThing {     ///< a network or a volume
  std::string id = {};  ///< of a volume: its name
  std::string name = {};
  LabelValues labels;
};

enum class WaitFor { not_running, next_exit, removed };

struct LogRequest {
  bool follow = false;
  bool timestamps = false;
  bool terminal = false;   ///< the container has one: its output is one stream, stdout
  std::string since = {};  ///< seconds since 1970, with fraction if need be; empty: from the start
  std::string tail = {};   ///< last lines; empty: all
};

struct ExecRequest {
  std::vector<std::string> command = {};
  std::vector<std::string> env = {};
  std::string user = {};
  std::string working_dir = {};
};

/// Takes an archive piece by piece; false: no more of it is wanted.
using ArchiveSink = std::function<Awaitable<bool>(std::string_view)>;

/// The same place, as the HTTP client wants it. Not for an SshAddress: see ssh_tunnel.hpp.
http::Endpoint to_http(const Endpoint& endpoint);

/// The Engine API of Docker and of what speaks it (https://docs.docker.com/engine/api/v1.41/), one method a call, on the engine thread.
///
/// Any number of calls at once. A call that fails says so by its value; it throws only for want of memory. It may be cancelled (see util/http.hpp), its
/// connection is then closed; but calls that make or start something go on without their caller, because the engine does what it was asked in any
/// case: `settle` waits for them. Names, ids and paths are given as they are, encoded here. Arguments must live until the call has returned.
class Client {
 public:
  struct Patience {
    std::chrono::milliseconds call = std::chrono::seconds(60);  ///< what only asks
    std::chrono::milliseconds work =
        std::chrono::minutes(10);  ///< create, start, stop, remove; a busy engine takes its time
    std::chrono::milliseconds upload = std::chrono::hours(1);  ///< of an archive
    std::chrono::milliseconds silence =
        std::chrono::minutes(5);  ///< between two signs of life of a pull or an import
  };

  Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint);
  Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint,
         const Patience& patience);

  /// Agrees on the version of the API, from 1.41 to 1.43, and returns it. Before any other call; may be repeated.
  Awaitable<Answer<std::string>> connect();
  /// As `connect` found out.
  bool is_podman() const { return calls_.with_podman(); }
  Awaitable<Answer<boost::json::object>> info();
  /// Returns when no call goes on whose caller was cancelled, `patience` from now at the latest: from then on a list has all that was made.
  Awaitable<> settle(std::chrono::milliseconds patience);

  Awaitable<Answer<Image>> inspect_image(const std::string& image);
  /// Refused with status 200 where it broke half-way.
  Awaitable<Answer<void>> pull(const PullRequest& request, const ProgressSink& sink);
  /// Asks the registry, through the engine, for the image that `request` names, which tells what a failed pull does not: 401 or 403 where it
  /// denies it.
  Awaitable<Answer<void>> inspect_distribution(const PullRequest& request);
  /// Makes an image of one layer from `tar` and returns its id.
  Awaitable<Answer<std::string>> import_image(const ImportRequest& request, std::string_view tar);
  /// Loads what `docker save` wrote.
  Awaitable<Answer<void>> load_images(const http::BodySource& tar);
  Awaitable<Answer<void>> remove_image(const std::string& image, bool force);

  /// `config` is the body of the API's "create a container"; an empty `name` leaves the choice to the engine.
  Awaitable<Answer<CreatedContainer>> create_container(const boost::json::object& config,
                                                       const std::string& name,
                                                       const std::string& platform);
  /// One that runs already counts as started.
  Awaitable<Answer<void>> start_container(const std::string& id);
  Awaitable<Answer<Waiting>> wait_container(const std::string& id, WaitFor what);
  Awaitable<Answer<boost::json::object>> inspect_container(const std::string& id);
  Awaitable<Answer<OutputStream>> logs(const std::string& id, const LogRequest& request);
  /// The output from now on, not what was before; also of a container that has not been started yet.
  Awaitable<Answer<OutputStream>> attach(const std::string& id, bool terminal);
  /// Returns when it has ended: by its stop signal, or after `grace` by SIGKILL. One that does not run counts as stopped.
  Awaitable<Answer<void>> stop_container(const std::string& id, std::chrono::seconds grace);
  /// `signal`: "SIGTERM". 409 where it does not run.
  Awaitable<Answer<void>> kill_container(const std::string& id, const std::string& signal);
  /// With its anonymous volumes where `volumes`; with `force` also while it runs.
  Awaitable<Answer<void>> remove_container(const std::string& id, bool force, bool volumes);
  /// Running or not.
  Awaitable<Answer<std::vector<ContainerSummary>>> list_containers(const Labels& labels);

  /// Unpacks `tar` into the directory `path` of the container.
  Awaitable<Answer<void>> put_archive(const std::string& id, const std::string& path,
                                      const http::BodySource& tar);
  /// Hands a tar of `path` to `sink`. Where `path` is a link, that link.
  Awaitable<Answer<void>> get_archive(const std::string& id, const std::string& path,
                                      const ArchiveSink& sink);

  /// Runs a command in a running container; returns its exit code. Ended by cancelling, the command itself lives on: the API cannot end it.
  Awaitable<Answer<int>> exec(const std::string& id, const ExecRequest& request,
                              const OutputSink& sink);

  /// `config` is the body of "create a network"; returns the id.
  Awaitable<Answer<std::string>> create_network(const boost::json::object& config);
  Awaitable<Answer<boost::json::object>> inspect_network(const std::string& id);
  Awaitable<Answer<void>> connect_network(const std::string& id, const std::string& container,
                                          const std::vector<std::string>& aliases);
  Awaitable<Answer<void>> disconnect_network(const std::string& id, const std::string& container,
                                             bool force);
  Awaitable<Answer<void>> remove_network(const std::string& id);
  Awaitable<Answer<std::vector<NamedThing>>> list_networks(const Labels& labels);

  /// `config` is the body of "create a volume"; returns the name.
  Awaitable<Answer<std::string>> create_volume(const boost::json::object& config);
  Awaitable<Answer<void>> remove_volume(const std::string& name, bool force);
  Awaitable<Answer<std::vector<NamedThing>>> list_volumes(const Labels& labels);

  /// Whether the container's event `what` ("start", "oom") has happened, or does before `until` by the engine's clock; where that is still to come,
  /// the engine is listened to so long. One that was started again since remembers nothing, and each keeps only so many events: "no" means little.
  Awaitable<Answer<bool>> happened(const std::string& id, std::string_view what,
                                   std::chrono::sys_seconds until);

  /// Events of things with `labels`, of which there must be one, called as in `what` ("die", "oom"; empty: all); `since` as in LogRequest, to hear of
  /// what happened before.
  Awaitable<Answer<EventStream>> events(const Labels& labels, const std::string& since,
                                        const std::vector<std::string>& what = {});
  /// Containers that leave a network; `since` as above.
  Awaitable<Answer<EventStream>> departures(const std::string& network_id,
                                            const std::string& since);

 private:
  Awaitable<Answer<EventStream>> open_events(boost::json::object which, std::string since);
  Awaitable<Answer<std::string>> create_exec(const std::string& id, const ExecRequest& request);
  Awaitable<Answer<OutputStream>> start_exec(const std::string& exec_id);

  Calls calls_;
  Patience patience_;
};

}  // namespace jci::docker
