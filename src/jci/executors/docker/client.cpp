// SPDX-License-Identifier: MIT
#include "jci/executors/docker/client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <utility>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/url.hpp"
#include "jci/util/assert.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;

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

Client::Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint)
    : Client(executor, endpoint, Patience()) {}

Client::Client(const boost::asio::any_io_executor& executor, const http::Endpoint& endpoint,
               const Patience& patience)
    : calls_(executor, endpoint), patience_(patience) {}

// --- the engine ---

Awaitable<Answer<std::string>> Client::connect() { return calls_.agree_on_version(patience_.call); }

Awaitable<> Client::settle(std::chrono::milliseconds patience) { return calls_.settle(patience); }

Awaitable<Answer<json::object>> Client::info() {
  const Call call{"GET", Url("/info"), patience_.call};
  co_return co_await calls_.object(call);
}

// --- images ---

Awaitable<Answer<Image>> Client::inspect_image(const std::string& image) {
  const Call call{"GET", image_path(image).raw("/json"), patience_.call};
  auto details = co_await calls_.object(call);
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
  co_return co_await calls_.progress(call, patience_.silence, sink);
}

Awaitable<Answer<void>> Client::inspect_distribution(const PullRequest& request) {
  const std::string separator = request.tag.contains(':') ? "@" : ":";  // a digest has a colon
  const Url url(fmt::format("/distribution/{}{}{}/json", http::percent_encode(request.image, "/:"),
                            separator, http::percent_encode(request.tag, ":")));
  Call call{"GET", url, patience_.call};
  if (!request.auth.empty()) call.headers.push_back({"X-Registry-Auth", request.auth});
  co_return co_await calls_.done(call);
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
  auto imported = co_await calls_.progress(call, patience_.silence, keep);
  if (!imported) co_return passed_on(imported);
  co_return id;
}

Awaitable<Answer<void>> Client::load_images(const http::BodySource& tar) {
  Call call{"POST", Url("/images/load").flag("quiet"), patience_.work};
  call.tar_source = tar;
  const ProgressSink ignore = [](const json::object&) {};
  co_return co_await calls_.progress(call, patience_.silence, ignore);
}

Awaitable<Answer<void>> Client::remove_image(const std::string& image, bool force) {
  const Call call{"DELETE", image_path(image).flag("force", force), patience_.work};
  co_return co_await calls_.done(call);
}

// --- containers ---

Awaitable<Answer<CreatedContainer>> Client::create_container(const json::object& config,
                                                             const std::string& name,
                                                             const std::string& platform) {
  Url url("/containers/create");
  url.with("name", name).with("platform", platform);
  Call call{"POST", url, patience_.work, config};
  call.in_any_case = true;
  auto created = co_await calls_.object(call);
  if (!created) co_return passed_on(created);
  co_return CreatedContainer{text_of(*created, "Id"), texts_of(*created, "Warnings")};
}

Awaitable<Answer<void>> Client::start_container(const std::string& id) {
  Call call{"POST", container(id).raw("/start"), patience_.work};
  call.in_any_case = true;
  co_return co_await calls_.done(call);
}

Awaitable<Answer<Waiting>> Client::wait_container(const std::string& id, WaitFor what) {
  const Call call{"POST", container(id).raw("/wait").with("condition", condition(what)),
                  patience_.call};
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return Waiting(std::move(*exchange));
}

Awaitable<Answer<json::object>> Client::inspect_container(const std::string& id) {
  const Call call{"GET", container(id).raw("/json"), patience_.call};
  co_return co_await calls_.object(call);
}

Awaitable<Answer<OutputStream>> Client::logs(const std::string& id, const LogRequest& request) {
  Url url = container(id).raw("/logs").flag("stdout").flag("stderr");
  url.flag("follow", request.follow).flag("timestamps", request.timestamps);
  url.with("since", request.since).with("tail", request.tail);
  const Call call{"GET", url, patience_.call};
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return OutputStream(std::move(*exchange), request.terminal);
}

Awaitable<Answer<OutputStream>> Client::attach(const std::string& id, bool terminal) {
  Call call{"POST", container(id).raw("/attach").flag("stream").flag("stdout").flag("stderr"),
            patience_.call};
  call.headers = k_upgrade;
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return OutputStream(std::move(*exchange), terminal);
}

Awaitable<Answer<void>> Client::stop_container(const std::string& id, std::chrono::seconds grace) {
  const std::string seconds = std::to_string(grace.count());
  const Call call{"POST", container(id).raw("/stop").with("t", seconds), patience_.work + grace};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<void>> Client::kill_container(const std::string& id, const std::string& signal) {
  const Call call{"POST", container(id).raw("/kill").with("signal", signal), patience_.call};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<void>> Client::remove_container(const std::string& id, bool force, bool volumes) {
  const Call call{"DELETE", container(id).flag("force", force).flag("v", volumes), patience_.work};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<std::vector<ContainerSummary>>> Client::list_containers(const Labels& labels) {
  if (labels.empty()) co_return std::vector<ContainerSummary>();
  const Call call{"GET", Url("/containers/json").flag("all").with("filters", filters(labels)),
                  patience_.call};
  auto list = co_await calls_.array(call);
  if (!list) co_return passed_on(list);
  co_return to_list(*list, to_summary);
}

// --- files ---

Awaitable<Answer<void>> Client::put_archive(const std::string& id, const std::string& path,
                                            const http::BodySource& tar) {
  Call call{"PUT", container(id).raw("/archive").with("path", path), patience_.upload};
  call.tar_source = tar;
  co_return co_await calls_.done(call);
}

Awaitable<Answer<void>> Client::get_archive(const std::string& id, const std::string& path,
                                            const ArchiveSink& sink) {
  const Call call{"GET", container(id).raw("/archive").with("path", path), patience_.work};
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  while (true) {
    auto piece = co_await (*exchange)->read(http::Clock::now() + patience_.silence);
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
  auto created = co_await calls_.object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Id");
}

Awaitable<Answer<OutputStream>> Client::start_exec(const std::string& exec_id) {
  const json::object config{{"Detach", false}, {"Tty", false}};
  const Call call{"POST", Url("/exec").then(exec_id).raw("/start"), patience_.work, config,
                  k_upgrade};
  auto exchange = co_await calls_.open(call);
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
  auto state = co_await calls_.object(inspect);
  if (!state) co_return passed_on(state);
  co_return static_cast<int>(number_of(*state, "ExitCode"));
}

// --- networks ---

Awaitable<Answer<std::string>> Client::create_network(const json::object& config) {
  Call call{"POST", Url("/networks/create"), patience_.work, config};
  call.in_any_case = true;
  auto created = co_await calls_.object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Id");
}

Awaitable<Answer<json::object>> Client::inspect_network(const std::string& id) {
  const Call call{"GET", network(id), patience_.call};
  co_return co_await calls_.object(call);
}

Awaitable<Answer<void>> Client::connect_network(const std::string& id,
                                                const std::string& container_id,
                                                const std::vector<std::string>& aliases) {
  const json::object config{{"Container", container_id},
                            {"EndpointConfig", json::object{{"Aliases", to_array(aliases)}}}};
  const Call call{"POST", network(id).raw("/connect"), patience_.work, config};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<void>> Client::disconnect_network(const std::string& id,
                                                   const std::string& container_id, bool force) {
  const json::object config{{"Container", container_id}, {"Force", force}};
  const Call call{"POST", network(id).raw("/disconnect"), patience_.work, config};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<void>> Client::remove_network(const std::string& id) {
  const Call call{"DELETE", network(id), patience_.work};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<std::vector<NamedThing>>> Client::list_networks(const Labels& labels) {
  if (labels.empty()) co_return std::vector<NamedThing>();
  const Call call{"GET", Url("/networks").with("filters", filters(labels)), patience_.call};
  auto list = co_await calls_.array(call);
  if (!list) co_return passed_on(list);
  co_return to_list(*list, to_thing);
}

// --- volumes ---

Awaitable<Answer<std::string>> Client::create_volume(const json::object& config) {
  Call call{"POST", Url("/volumes/create"), patience_.work, config};
  call.in_any_case = true;
  auto created = co_await calls_.object(call);
  if (!created) co_return passed_on(created);
  co_return text_of(*created, "Name");
}

Awaitable<Answer<void>> Client::remove_volume(const std::string& name, bool force) {
  const Call call{"DELETE", volume(name).flag("force", force), patience_.work};
  co_return co_await calls_.done(call);
}

Awaitable<Answer<std::vector<NamedThing>>> Client::list_volumes(const Labels& labels) {
  if (labels.empty()) co_return std::vector<NamedThing>();
  const Call call{"GET", Url("/volumes").with("filters", filters(labels)), patience_.call};
  auto answer = co_await calls_.object(call);
  if (!answer) co_return passed_on(answer);
  co_return to_list(array_of(*answer, "Volumes"), to_thing);
}

// --- events ---

Awaitable<Answer<bool>> Client::happened(const std::string& id, std::string_view what,
                                         std::chrono::sys_seconds until) {
  const json::object which{{"type", json::array{"container"}},
                           {"container", json::array{id}},
                           {"event", json::array{what}}};
  Url url("/events");
  url.with("filters", json::serialize(which)).with("since", "0");
  url.with("until", std::to_string(until.time_since_epoch().count()));
  const Call call{"GET", url, patience_.call};
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  EventStream events(std::move(*exchange));
  const auto event = co_await events.next();
  if (!event) co_return std::unexpected(event.error());
  co_return event->has_value();
}

Awaitable<Answer<EventStream>> Client::events(const Labels& labels, const std::string& since,
                                              const std::vector<std::string>& what) {
  JCI_ASSERT(!labels.empty());
  json::object which{{"label", to_array(labels)}};
  if (!what.empty()) which["event"] = to_array(what);
  return open_events(std::move(which), since);
}

Awaitable<Answer<EventStream>> Client::departures(const std::string& network_id,
                                                  const std::string& since) {
  return open_events({{"type", json::array{"network"}},
                      {"network", json::array{network_id}},
                      {"event", json::array{"disconnect"}}},
                     since);
}

Awaitable<Answer<EventStream>> Client::open_events(json::object which, std::string since) {
  const Call call{"GET",
                  Url("/events").with("filters", json::serialize(which)).with("since", since),
                  patience_.call};
  auto exchange = co_await calls_.open(call);
  if (!exchange) co_return passed_on(exchange);
  co_return EventStream(std::move(*exchange));
}

}  // namespace jci::docker
