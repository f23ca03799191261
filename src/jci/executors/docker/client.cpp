// SPDX-License-Identifier: MIT
#include "jci/executors/docker/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/url.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/latch.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;
using ExchangePtr = std::unique_ptr<http::Exchange>;

// The API as we use it, 1.x: from the one of Debian 12's engine to the last that changes nothing for us.
constexpr int k_oldest_minor = 41;
constexpr int k_newest_minor = 43;

http::Deadline within(std::chrono::milliseconds time) { return http::Clock::now() + time; }

template <class T>
std::unexpected<Error> passed_on(Answer<T>& failed) {
  return std::unexpected(std::move(failed).error());
}

template <class T>
std::unexpected<Error> passed_on(http::Result<T>& failed) {
  return to_error(std::move(failed).error());
}

Url container(const std::string& id) { return Url("/containers").then(id); }
Url image_path(const std::string& image) { return Url("/images").then(image, "/:@"); }
Url network(const std::string& id) { return Url("/networks").then(id); }
Url volume(const std::string& name) { return Url("/volumes").then(name); }

json::array to_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

std::string filters(const Labels& labels) {
  return json::serialize(json::object{{"label", to_array(labels)}});
}

std::string_view condition(WaitFor what) {
  switch (what) {
    case WaitFor::not_running:
      return "not-running";
    case WaitFor::next_exit:
      return "next-exit";
    case WaitFor::removed:
      return "removed";
  }
  return {};
}

/// The minor number of "1.41"; -1 where it is no version 1.
int minor_version(std::string_view version) {
  int minor = -1;
  if (!version.starts_with("1.")) return -1;
  version.remove_prefix(2);
  std::from_chars(version.data(), version.data() + version.size(), minor);
  return minor;
}

LabelValues labels_of(const json::object& object) {
  LabelValues labels;
  for (const auto& [name, value] : object_of(object, "Labels"))
    labels.emplace_back(name, value.is_string() ? std::string_view(value.get_string()) : "");
  return labels;
}

ContainerSummary to_summary(const json::object& entry) {
  const auto names = texts_of(entry, "Names");
  std::string name = names.empty() ? "" : names.front();
  if (name.starts_with('/')) name.erase(0, 1);
  return {.id = text_of(entry, "Id"),
          .name = std::move(name),
          .state = text_of(entry, "State"),
          .created = std::chrono::sys_seconds(std::chrono::seconds(number_of(entry, "Created"))),
          .labels = labels_of(entry)};
}

NamedThing to_thing(const json::object& entry) {
  std::string id = text_of(entry, "Id");
  std::string name = text_of(entry, "Name");
  if (id.empty()) id = name;
  return {std::move(id), std::move(name), labels_of(entry)};
}

template <class T>
std::vector<T> to_list(const json::array& entries, T (*convert)(const json::object&)) {
  std::vector<T> list;
  for (const json::value& entry : entries)
    if (entry.is_object()) list.push_back(convert(entry.get_object()));
  return list;
}

/// An error that ended a stream of progress, known by its structure: its words differ from engine to engine.
std::optional<std::string> late_failure(const json::object& progress) {
  if (!progress.contains("error") && !progress.contains("errorDetail")) return std::nullopt;
  std::string message = text_of(object_of(progress, "errorDetail"), "message");
  return message.empty() ? text_of(progress, "error") : message;
}

std::unexpected<Error> too_old(std::string_view version) {
  return std::unexpected(Error{
      .kind = Error::Kind::too_old,
      .text = fmt::format("it speaks version {} of the Engine API, and at least 1.{} is needed",
                          version, k_oldest_minor)});
}

const std::vector<http::Header> k_upgrade = {{"Connection", "Upgrade"}, {"Upgrade", "tcp"}};

}  // namespace

http::Endpoint to_http(const Endpoint& endpoint) {
  http::Endpoint place;
  if (const auto* unix_socket = std::get_if<UnixSocket>(&endpoint.address)) {
    place.socket = unix_socket->path;
    return place;
  }
  JCI_ASSERT(std::holds_alternative<TcpAddress>(endpoint.address));
  const auto& tcp = std::get<TcpAddress>(endpoint.address);
  place.host = tcp.host;
  place.port = tcp.port;
  if (tcp.tls) place.tls = http::Tls{tcp.tls->ca, tcp.tls->cert, tcp.tls->key, tcp.tls->verify};
  return place;
}

/// One request, and how long to wait.
struct Client::Call {
  std::string method;
  Url url;
  std::chrono::milliseconds patience;
  std::optional<json::object> body = {};
  std::vector<http::Header> headers = {};
  std::string_view tar = {};
  http::BodySource tar_source = {};
  bool in_any_case = false;  ///< goes on where its caller is cancelled

  http::Request request(const std::string& version) const {
    http::Request request{.method = method,
                          .target = version + url.text(),
                          .headers = headers,
                          .body = body ? json::serialize(*body) : std::string(tar),
                          .source = tar_source};
    request.headers.push_back({"User-Agent", "jaypore-ci"});
    const bool is_tar = tar_source || !tar.empty();
    if (body || is_tar)
      request.headers.push_back(
          {"Content-Type", is_tar ? "application/x-tar" : "application/json"});
    return request;
  }
};

Client::Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint)
    : Client(executor, endpoint, Patience()) {}

/// How many calls that must not be broken off there are, and who waits until there is none.
struct Client::Underway {
  std::size_t calls = 0;
  std::optional<Latch> none = {};
};

Client::Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint,
               const Patience& patience)
    : executor_(executor),
      pool_(http::make_pool(executor, endpoint)),
      underway_(std::make_shared<Underway>()),
      patience_(patience) {}

// --- the ways to make a call ---

namespace {

// An answer that is no error, its body still to come.
Awaitable<Answer<ExchangePtr>> open_over(http::Pool& pool, const http::Request& request,
                                         http::Deadline deadline) {
  auto exchange = co_await pool.request(request, deadline);
  if (!exchange) co_return passed_on(exchange);
  const unsigned status = (*exchange)->head().status;
  if (status < 400) co_return std::move(*exchange);
  auto body = co_await read_all(**exchange, deadline);
  if (!body) co_return passed_on(body);
  co_return refused(status, message_in(*body));
}

Awaitable<Answer<std::string>> text_over(http::Pool& pool, const http::Request& request,
                                         http::Deadline deadline) {
  auto exchange = co_await open_over(pool, request, deadline);
  if (!exchange) co_return passed_on(exchange);
  co_return co_await read_all(**exchange, deadline);
}

}  // namespace

Awaitable<Answer<ExchangePtr>> Client::open(const Call& call) {
  const http::Request request = call.request(version_);
  co_return co_await open_over(*pool_, request, within(call.patience));
}

Awaitable<Answer<std::string>> Client::text(const Call& call) {
  if (call.in_any_case) co_return co_await text_in_any_case(call);
  const http::Request request = call.request(version_);
  co_return co_await text_over(*pool_, request, within(call.patience));
}

// A coroutine of its own, which its caller's cancellation does not reach.
Awaitable<Answer<std::string>> Client::text_in_any_case(const Call& call) {
  struct Pending {
    explicit Pending(const boost::asio::any_io_executor& executor) : done(executor) {}
    Latch done;
    Answer<std::string> answer = {};
  };
  const auto pending = std::make_shared<Pending>(executor_);
  constexpr auto carry_out = [](std::shared_ptr<http::Pool> pool, http::Request request,
                                http::Deadline deadline, std::shared_ptr<Pending> result,
                                std::shared_ptr<Underway> underway) -> Awaitable<> {
    ++underway->calls;
    result->answer = co_await text_over(*pool, request, deadline);
    result->done.open();
    if (--underway->calls == 0 && underway->none) underway->none->open();
  };
  auto call_made =
      carry_out(pool_, call.request(version_), within(call.patience), pending, underway_);
  boost::asio::co_spawn(executor_, std::move(call_made), boost::asio::detached);
  co_await pending->done.wait();
  if (!pending->done.is_open())
    co_return to_error({.kind = http::FailureKind::cancelled, .text = "cancelled"});
  co_return std::move(pending->answer);
}

Awaitable<> Client::settle(std::chrono::milliseconds patience) {
  if (underway_->calls == 0) co_return;
  Latch& none = underway_->none.emplace(executor_);
  boost::asio::steady_timer deadline(executor_, patience);
  deadline.async_wait([underway = underway_](const boost::system::error_code& cancelled) {
    if (!cancelled && underway->none) underway->none->open();
  });
  co_await none.wait();
  underway_->none.reset();
}

Awaitable<Answer<void>> Client::done(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  co_return Answer<void>();
}

Awaitable<Answer<json::object>> Client::object(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  auto value = parse_answer(*body);
  if (!value) co_return passed_on(value);
  if (!value->is_object()) co_return protocol_error("the engine's answer is no JSON object");
  co_return std::move(value->get_object());
}

Awaitable<Answer<json::array>> Client::array(const Call& call) {
  auto body = co_await text(call);
  if (!body) co_return passed_on(body);
  auto value = parse_answer(*body);
  if (!value) co_return passed_on(value);
  if (!value->is_array()) co_return protocol_error("the engine's answer is no JSON array");
  co_return std::move(value->get_array());
}

// To the end of the stream even after an error: its connection can then be used again.
Awaitable<Answer<void>> Client::progress(const Call& call, const ProgressSink& sink) {
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  JsonStream stream;
  std::optional<std::string> failure;
  while (true) {
    auto piece = co_await (*exchange)->read(within(patience_.silence));
    if (!piece) co_return passed_on(piece);
    if (piece->empty()) break;
    if (const auto taken = stream.take(*piece); !taken)
      co_return protocol_error(fmt::format("the engine's progress is not JSON: {}", taken.error()));
    while (auto object = stream.next()) {
      failure = late_failure(*object);
      if (!failure) sink(*object);
    }
  }
  if (failure) co_return refused(200, std::move(*failure));
  if (!stream.at_end()) co_return protocol_error("the engine's progress ends in the middle");
  co_return Answer<void>();
}

// --- the engine ---

Awaitable<Answer<std::string>> Client::connect() {
  http::Request request;
  request.target = "/_ping";
  const http::Deadline deadline = within(patience_.call);
  auto exchange = co_await pool_->request(request, deadline);
  if (!exchange) co_return passed_on(exchange);
  auto body = co_await read_all(**exchange, deadline);
  if (!body) co_return passed_on(body);
  const http::Head& head = (*exchange)->head();
  if (head.status != 200) co_return refused(head.status, message_in(*body));
  const std::string_view offered = head.header("Api-Version");
  if (offered.empty())
    co_return protocol_error("what answers is no Docker engine: it names no version of its API");
  const int minor = minor_version(offered);
  if (minor < k_oldest_minor) co_return too_old(offered);
  const std::string version = fmt::format("1.{}", std::min(minor, k_newest_minor));
  version_ = "/v" + version;
  is_podman_ = !head.header("Libpod-Api-Version").empty();
  co_return version;
}

Awaitable<Answer<json::object>> Client::info() {
  const Call call{"GET", Url("/info"), patience_.call};
  co_return co_await object(call);
}

// --- images ---

Awaitable<Answer<Image>> Client::inspect_image(const std::string& image) {
  const Call call{"GET", image_path(image).raw("/json"), patience_.call};
  auto details = co_await object(call);
  if (!details) co_return passed_on(details);
  std::string id = text_of(*details, "Id");
  auto digests = texts_of(*details, "RepoDigests");
  co_return Image{std::move(id), std::move(digests), std::move(*details)};
}

Awaitable<Answer<void>> Client::pull(const PullRequest& request, const ProgressSink& sink) {
  Url url("/images/create");
  url.with("fromImage", request.image).with("tag", request.tag);
  url.with("platform", request.platform);
  Call call{"POST", url, patience_.silence};
  if (!request.auth.empty()) call.headers.push_back({"X-Registry-Auth", request.auth});
  co_return co_await progress(call, sink);
}

Awaitable<Answer<void>> Client::inspect_distribution(const PullRequest& request) {
  const std::string separator = request.tag.contains(':') ? "@" : ":";  // a digest has a colon
  const Url url(fmt::format("/distribution/{}{}{}/json", http::percent_encode(request.image, "/:"),
                            separator, http::percent_encode(request.tag, ":")));
  Call call{"GET", url, patience_.call};
  if (!request.auth.empty()) call.headers.push_back({"X-Registry-Auth", request.auth});
  co_return co_await done(call);
}

Awaitable<Answer<std::string>> Client::import_image(const ImportRequest& request,
                                                    std::string_view tar) {
  Url url("/images/create");
  url.with("fromSrc", "-").with("repo", request.repository).with("tag", request.tag);
  for (const std::string& change : request.changes) url.with("changes", change);
  Call call{"POST", url, patience_.silence};
  call.tar = tar;
  std::string id;  // the status that the engine tells last
  const ProgressSink keep = [&id](const json::object& told) { id = text_of(told, "status"); };
  auto imported = co_await progress(call, keep);
  if (!imported) co_return passed_on(imported);
  co_return id;
}

Awaitable<Answer<void>> Client::load_images(const http::BodySource& tar) {
  Call call{"POST", Url("/images/load").flag("quiet"), patience_.work};
  call.tar_source = tar;
  const ProgressSink ignore = [](const json::object&) {};
  co_return co_await progress(call, ignore);
}

Awaitable<Answer<void>> Client::remove_image(const std::string& image, bool force) {
  const Call call{"DELETE", image_path(image).flag("force", force), patience_.work};
  co_return co_await done(call);
}

// --- containers ---

Awaitable<Answer<CreatedContainer>> Client::create_container(const json::object& config,
                                                             const std::string& name,
                                                             const std::string& platform) {
  Url url("/containers/create");
  url.with("name", name).with("platform", platform);
  Call call{"POST", url, patience_.work, config};
  call.in_any_case = true;
  auto created = co_await object(call);
  if (!created) co_return passed_on(created);
  co_return CreatedContainer{text_of(*created, "Id"), texts_of(*created, "Warnings")};
}

Awaitable<Answer<void>> Client::start_container(const std::string& id) {
  Call call{"POST", container(id).raw("/start"), patience_.work};
  call.in_any_case = true;
  co_return co_await done(call);
}

Awaitable<Answer<Waiting>> Client::wait_container(const std::string& id, WaitFor what) {
  const Call call{"POST", container(id).raw("/wait").with("condition", condition(what)),
                  patience_.call};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return Waiting(std::move(*exchange));
}

Awaitable<Answer<json::object>> Client::inspect_container(const std::string& id) {
  const Call call{"GET", container(id).raw("/json"), patience_.call};
  co_return co_await object(call);
}

Awaitable<Answer<OutputStream>> Client::logs(const std::string& id, const LogRequest& request) {
  Url url = container(id).raw("/logs").flag("stdout").flag("stderr");
  url.flag("follow", request.follow).flag("timestamps", request.timestamps);
  url.with("since", request.since).with("tail", request.tail);
  const Call call{"GET", url, patience_.call};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return OutputStream(std::move(*exchange), request.terminal);
}

Awaitable<Answer<OutputStream>> Client::attach(const std::string& id, bool terminal) {
  Call call{"POST", container(id).raw("/attach").flag("stream").flag("stdout").flag("stderr"),
            patience_.call};
  call.headers = k_upgrade;
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return OutputStream(std::move(*exchange), terminal);
}

Awaitable<Answer<void>> Client::stop_container(const std::string& id, std::chrono::seconds grace) {
  const std::string seconds = std::to_string(grace.count());
  const Call call{"POST", container(id).raw("/stop").with("t", seconds), patience_.work + grace};
  co_return co_await done(call);
}

Awaitable<Answer<void>> Client::kill_container(const std::string& id, const std::string& signal) {
  const Call call{"POST", container(id).raw("/kill").with("signal", signal), patience_.call};
  co_return co_await done(call);
}

Awaitable<Answer<void>> Client::remove_container(const std::string& id, bool force, bool volumes) {
  const Call call{"DELETE", container(id).flag("force", force).flag("v", volumes), patience_.work};
  co_return co_await done(call);
}

Awaitable<Answer<std::vector<ContainerSummary>>> Client::list_containers(const Labels& labels) {
  if (labels.empty()) co_return std::vector<ContainerSummary>();
  const Call call{"GET", Url("/containers/json").flag("all").with("filters", filters(labels)),
                  patience_.call};
  auto list = co_await array(call);
  if (!list) co_return passed_on(list);
  co_return to_list(*list, to_summary);
}

// --- files ---

Awaitable<Answer<void>> Client::put_archive(const std::string& id, const std::string& path,
                                            const http::BodySource& tar) {
  Call call{"PUT", container(id).raw("/archive").with("path", path), patience_.upload};
  call.tar_source = tar;
  co_return co_await done(call);
}

Awaitable<Answer<void>> Client::get_archive(const std::string& id, const std::string& path,
                                            const ArchiveSink& sink) {
  const Call call{"GET", container(id).raw("/archive").with("path", path), patience_.work};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  while (true) {
    auto piece = co_await (*exchange)->read(within(patience_.silence));
    if (!piece) co_return passed_on(piece);
    if (piece->empty()) co_return Answer<void>();
    const std::string_view bytes(piece->data(), piece->size());
    const bool more = co_await sink(bytes);
    if (!more) co_return Answer<void>();
  }
}

// --- a command in a running container ---

Awaitable<Answer<std::string>> Client::create_exec(const std::string& id,
                                                   const ExecRequest& request) {
  const json::object config{
      {"AttachStdout", true},         {"AttachStderr", true}, {"Cmd", to_array(request.command)},
      {"Env", to_array(request.env)}, {"User", request.user}, {"WorkingDir", request.working_dir}};
  const Call call{"POST", container(id).raw("/exec"), patience_.call, config};
  auto created = co_await object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Id");
}

Awaitable<Answer<OutputStream>> Client::start_exec(const std::string& exec_id) {
  const json::object config{{"Detach", false}, {"Tty", false}};
  const Call call{"POST", Url("/exec").then(exec_id).raw("/start"), patience_.work, config,
                  k_upgrade};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return OutputStream(std::move(*exchange), false);
}

Awaitable<Answer<int>> Client::exec(const std::string& id, const ExecRequest& request,
                                    const OutputSink& sink) {
  auto created = co_await create_exec(id, request);
  if (!created) co_return passed_on(created);
  auto output = co_await start_exec(*created);
  if (!output) co_return passed_on(output);
  auto ended = co_await output->read(sink);
  if (!ended) co_return passed_on(ended);
  const Call inspect{"GET", Url("/exec").then(*created).raw("/json"), patience_.call};
  auto state = co_await object(inspect);
  if (!state) co_return passed_on(state);
  co_return static_cast<int>(number_of(*state, "ExitCode"));
}

// --- networks ---

Awaitable<Answer<std::string>> Client::create_network(const json::object& config) {
  Call call{"POST", Url("/networks/create"), patience_.work, config};
  call.in_any_case = true;
  auto created = co_await object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Id");
}

Awaitable<Answer<json::object>> Client::inspect_network(const std::string& id) {
  const Call call{"GET", network(id), patience_.call};
  co_return co_await object(call);
}

Awaitable<Answer<void>> Client::connect_network(const std::string& id,
                                                const std::string& container_id,
                                                const std::vector<std::string>& aliases) {
  const json::object config{{"Container", container_id},
                            {"EndpointConfig", json::object{{"Aliases", to_array(aliases)}}}};
  const Call call{"POST", network(id).raw("/connect"), patience_.work, config};
  co_return co_await done(call);
}

Awaitable<Answer<void>> Client::disconnect_network(const std::string& id,
                                                   const std::string& container_id, bool force) {
  const json::object config{{"Container", container_id}, {"Force", force}};
  const Call call{"POST", network(id).raw("/disconnect"), patience_.work, config};
  co_return co_await done(call);
}

Awaitable<Answer<void>> Client::remove_network(const std::string& id) {
  const Call call{"DELETE", network(id), patience_.work};
  co_return co_await done(call);
}

Awaitable<Answer<std::vector<NamedThing>>> Client::list_networks(const Labels& labels) {
  if (labels.empty()) co_return std::vector<NamedThing>();
  const Call call{"GET", Url("/networks").with("filters", filters(labels)), patience_.call};
  auto list = co_await array(call);
  if (!list) co_return passed_on(list);
  co_return to_list(*list, to_thing);
}

// --- volumes ---

Awaitable<Answer<std::string>> Client::create_volume(const json::object& config) {
  Call call{"POST", Url("/volumes/create"), patience_.work, config};
  call.in_any_case = true;
  auto created = co_await object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Name");
}

Awaitable<Answer<void>> Client::remove_volume(const std::string& name, bool force) {
  const Call call{"DELETE", volume(name).flag("force", force), patience_.work};
  co_return co_await done(call);
}

Awaitable<Answer<std::vector<NamedThing>>> Client::list_volumes(const Labels& labels) {
  if (labels.empty()) co_return std::vector<NamedThing>();
  const Call call{"GET", Url("/volumes").with("filters", filters(labels)), patience_.call};
  auto answer = co_await object(call);
  if (!answer) co_return passed_on(answer);
  co_return to_list(array_of(*answer, "Volumes"), to_thing);
}

// --- events ---

Awaitable<Answer<bool>> Client::remembers_start(const std::string& id,
                                                std::chrono::sys_seconds until) {
  const json::object which{{"type", json::array{"container"}}, {"container", json::array{id}}};
  Url url("/events");
  url.with("filters", json::serialize(which)).with("since", "0");
  url.with("until", std::to_string(until.time_since_epoch().count()));
  const Call call{"GET", url, patience_.call};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  EventStream events(std::move(*exchange));
  while (true) {
    const auto event = co_await events.next();
    if (!event) co_return std::unexpected(event.error());
    if (!*event) co_return false;
    if (text_of(**event, "Action") == "start") co_return true;
  }
}

Awaitable<Answer<EventStream>> Client::events(const Labels& labels, const std::string& since) {
  JCI_ASSERT(!labels.empty());
  const Call call{"GET", Url("/events").with("filters", filters(labels)).with("since", since),
                  patience_.call};
  auto exchange = co_await open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return EventStream(std::move(*exchange));
}

}  // namespace jci::docker
