// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jci/executors/docker/frames.hpp"
#include "jci/util/async.hpp"
#include "jci/util/http.hpp"

namespace jci::docker {

/// The engine answered: no. `status` is HTTP's; 200 where a call that had begun well failed later (a pull that broke half-way).
struct ApiError {
  unsigned status;
  std::string message;  ///< the engine's own words
};

/// The engine speaks no version of the API that we speak.
struct EngineTooOld {
  std::string version;  ///< the newest it has
};

using Error = std::variant<ApiError, EngineTooOld, http::Failure>;
template <class T>
using Answer = std::expected<T, Error>;

/// For people, in one line.
std::string to_text(const Error& error);
/// Whether the engine answered with this HTTP status.
bool has_status(const Error& error, unsigned status);

/// Each given label, all of them: "name" or "name=value". An empty list is refused (status 400): no call of ours lists everybody's things.
using Labels = std::vector<std::string>;

struct PullRequest {
  std::string image;  ///< without tag
  std::string tag;    ///< tag or digest
  std::string auth;   ///< X-Registry-Auth; may be empty
  std::string platform;
};

struct ImportRequest {
  std::string repository;
  std::string tag;
  std::vector<std::string> changes;  ///< of a Dockerfile: `CMD ["/holder"]`, `LABEL a=b`
};

struct Image {
  std::string id;  ///< sha256:...
  std::vector<std::string>
      repo_digests;             ///< name@sha256:...; none for images that came from no registry
  boost::json::object details;  ///< all that the engine said
};

struct CreatedContainer {
  std::string id;
  std::vector<std::string> warnings;
};

struct ContainerSummary {
  std::string id;
  std::string name;
  std::string state;  ///< created, running, paused, restarting, removing, exited, dead
  std::chrono::sys_seconds created;
  std::vector<std::pair<std::string, std::string>> labels;
};

struct NamedThing {  ///< a network or a volume
  std::string id;    ///< of a volume: its name
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
};

enum class WaitFor { not_running, next_exit, removed };

struct Ending {
  int exit_code = 0;
  std::string
      error;  ///< of the engine, such as why the container could not be waited for; mostly empty
};

struct LogRequest {
  bool follow = false;
  bool timestamps = false;
  bool terminal = false;  ///< the container has one: its output is one stream, stdout
  std::string since;      ///< seconds since 1970, with fraction if need be; empty: from the start
  std::string tail;       ///< last lines; empty: all
};

struct ExecRequest {
  std::vector<std::string> command;
  std::vector<std::string> env;
  std::string user;
  std::string working_dir;
};

/// Output of a container as it comes.
class OutputStream {
 public:
  OutputStream(std::unique_ptr<http::Exchange> exchange, bool terminal);
  /// Hands all output to `sink`, until there is no more: the container has ended, or for `logs` without follow the log has.
  Awaitable<Answer<void>> read(const OutputSink& sink);

 private:
  std::unique_ptr<http::Exchange> exchange_;
  bool terminal_;
  FrameDecoder frames_;
};

/// A container being waited for. The engine watches it from the moment this object is there.
class Waiting {
 public:
  explicit Waiting(std::unique_ptr<http::Exchange> exchange);
  Awaitable<Answer<Ending>> ended();

 private:
  std::unique_ptr<http::Exchange> exchange_;
};

/// What happens in the engine. It tells all from the moment this object is there.
class EventStream {
 public:
  explicit EventStream(std::unique_ptr<http::Exchange> exchange);
  ~EventStream();
  EventStream(EventStream&&) noexcept;
  EventStream& operator=(EventStream&&) noexcept;
  /// The next one; nothing where the engine ended the stream in good order.
  Awaitable<Answer<std::optional<boost::json::object>>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The Engine API of Docker and of what speaks it (https://docs.docker.com/engine/api/v1.41/), one method a call, on the engine thread.
///
/// Any number of calls at once. A call that fails says so by its value; it throws only for want of memory. It may be cancelled (see util/http.hpp), its
/// connection is then closed. Names, ids and paths are given as they are, encoded here. Arguments must live until the call has returned.
class Client {
 public:
  struct Patience {
    std::chrono::milliseconds call = std::chrono::seconds(60);  ///< what only asks
    std::chrono::milliseconds work = std::chrono::minutes(
        10);  ///< create, start, stop, remove, archives; a busy engine takes its time
    std::chrono::milliseconds silence =
        std::chrono::minutes(5);  ///< between two signs of life of a pull or an import
  };

  Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint);
  Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint,
         const Patience& patience);

  /// Agrees on the version of the API, from 1.41 to 1.43, and returns it. Before any other call; may be repeated.
  Awaitable<Answer<std::string>> connect();
  Awaitable<Answer<boost::json::object>> info();

  Awaitable<Answer<Image>> inspect_image(const std::string& image);
  /// `progress` gets the engine's objects as they come (`status`, `id`, `progressDetail`).
  Awaitable<Answer<void>> pull(const PullRequest& request,
                               const std::function<void(const boost::json::object&)>& progress);
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
  /// Hands a tar of `path` to `sink`.
  Awaitable<Answer<void>> get_archive(const std::string& id, const std::string& path,
                                      const std::function<void(std::string_view)>& sink);

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

  /// Events of things with `labels`; `since` as in LogRequest, to hear of what happened before.
  Awaitable<Answer<EventStream>> events(const Labels& labels, const std::string& since);

 private:
  struct Call;
  Awaitable<Answer<std::unique_ptr<http::Exchange>>> open(const Call& call);
  Awaitable<Answer<std::string>> text(const Call& call);
  Awaitable<Answer<boost::json::object>> object(const Call& call);
  Awaitable<Answer<void>> done(const Call& call);
  Awaitable<Answer<std::vector<NamedThing>>> things(const Call& call, std::string_view list);
  Awaitable<Answer<void>> progress(const Call& call,
                                   const std::function<void(const boost::json::object&)>& take);

  std::shared_ptr<http::Pool> pool_;
  Patience patience_;
  std::string version_;
};

}  // namespace jci::docker
