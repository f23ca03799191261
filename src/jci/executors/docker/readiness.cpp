// SPDX-License-Identifier: MIT
#include "jci/executors/docker/readiness.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "jci/executors/docker/answers.hpp"
#include "jci/executors/docker/inside_image.hpp"
#include "jci/executors/docker/labels.hpp"
#include "jci/executors/docker/sweep.hpp"
#include "jci/util/json.hpp"

namespace jci::docker {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

// The API has no way to wait for a command to succeed, so it is asked again; and so is an engine that is away.
constexpr auto k_between_tries = std::chrono::milliseconds(200);

Awaitable<Answer<void>> wait_for(Client& client, const RunningService& service,
                                 const ReadyCommand& command) {
  const ExecRequest request{.command = command.argv};
  const OutputSink ignore = [](Stream, std::string_view) {};
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (;;) {
    const Answer<int> code = co_await client.exec(service.id, request, ignore);
    if (!code) co_return std::unexpected(code.error());
    if (*code == 0) co_return Answer<void>();
    pause.expires_after(k_between_tries);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

json::object reach_body(const RunningService& service, const std::vector<std::string>& arguments) {
  json::array command{k_inside_program, "reach"};
  for (const std::string& argument : arguments) command.emplace_back(argument);
  return {{"Image", service.inside_image},
          {"Cmd", std::move(command)},
          {"Labels", to_json(service.labels)},
          {"HostConfig",
           {{"NetworkMode", "container:" + service.id},
            {"LogConfig", {{"Type", "none"}}},
            {"CapDrop", {"ALL"}},
            {"ReadonlyRootfs", true}}}};
}

/// From inside the service's network namespace, by a program of ours: its image need not have one for this.
Awaitable<Answer<void>> reach(Client& client, const RunningService& service,
                              const std::vector<std::string>& arguments) {
  const json::object body = reach_body(service, arguments);
  const auto created = co_await client.create_container(body, {}, {});
  if (!created) co_return std::unexpected(created.error());
  const std::string id = created->id;
  const auto started = co_await client.start_container(id);
  if (!started) co_return std::unexpected(started.error());
  auto waiting = co_await client.wait_container(id, WaitFor::not_running);
  if (!waiting) co_return std::unexpected(waiting.error());
  const Answer<Ending> ended = co_await waiting->ended();
  if (!ended) co_return std::unexpected(ended.error());
  if (ended->exit_code != 0)
    co_return protocol_error(
        fmt::format("looking at its ports ended with exit code {}", ended->exit_code));
  co_return Answer<void>();
}

Awaitable<Answer<void>> wait_for(Client& client, const RunningService& service,
                                 const ReadyPort& ready) {
  const std::vector<std::string> arguments{std::to_string(ready.port)};
  co_return co_await reach(client, service, arguments);
}

Awaitable<Answer<void>> wait_for(Client& client, const RunningService& service,
                                 const ReadyHttp& ready) {
  const std::vector<std::string> arguments{std::to_string(ready.port), ready.path};
  co_return co_await reach(client, service, arguments);
}

std::string health_of(const json::object& container) {
  return text_of(object_of(object_of(container, "State"), "Health"), "Status");
}

Awaitable<Answer<void>> wait_as_asked(Client& client, const RunningService& service,
                                      const Ready& ready) {
  if (std::holds_alternative<std::monostate>(ready))
    co_return co_await wait_until_healthy(client, service);
  co_return co_await wait_until_ready(client, service, ready);
}

Awaitable<std::optional<std::string>> wait_through_absences(Client& client,
                                                            const RunningService& service,
                                                            const Ready& ready) {
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (;;) {
    const Answer<void> is_ready = co_await wait_as_asked(client, service, ready);
    if (is_ready) co_return "";
    const auto container = co_await client.inspect_container(service.id);
    if (container && !flag_of(object_of(*container, "State"), "Running")) co_return std::nullopt;
    if (container && is_ready.error().kind == Error::Kind::refused)
      co_return fmt::format("cannot find out whether it is ready: {}", is_ready.error().text);
    pause.expires_after(k_between_tries);
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace

Awaitable<Answer<void>> wait_until_ready(Client& client, const RunningService& service,
                                         const Ready& ready) {
  if (const auto* command = std::get_if<ReadyCommand>(&ready))
    co_return co_await wait_for(client, service, *command);
  if (const auto* port = std::get_if<ReadyPort>(&ready))
    co_return co_await wait_for(client, service, *port);
  if (const auto* http = std::get_if<ReadyHttp>(&ready))
    co_return co_await wait_for(client, service, *http);
  co_return Answer<void>();
}

Awaitable<Answer<void>> wait_until_healthy(Client& client, const RunningService& service) {
  const Labels of_run{
      fmt::format("{}={}", k_run_label, service.labels.at(std::string(k_run_label)))};
  auto events = co_await client.events(of_run, {});
  if (!events) co_return std::unexpected(events.error());
  // It may have become so before we listened.
  const auto now = co_await client.inspect_container(service.id);
  if (!now) co_return std::unexpected(now.error());
  if (health_of(*now) == "healthy") co_return Answer<void>();
  for (;;) {
    const auto event = co_await events->next();
    if (!event) co_return std::unexpected(event.error());
    if (!*event) co_return protocol_error("the engine has stopped to tell what happens");
    if (text_of(object_of(**event, "Actor"), "ID") == service.id &&
        text_of(**event, "Action") == "health_status: healthy")
      co_return Answer<void>();
  }
}

Awaitable<std::optional<std::string>> wait_in_time(Client& client, const RunningService& service,
                                                   const Options& options) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer deadline(co_await asio::this_coro::executor, options.ready_timeout);
  auto first = wait_through_absences(client, service, options.ready) ||
               deadline.async_wait(asio::use_awaitable);
  auto done = co_await std::move(first);
  if (done.index() == 0) co_return std::get<0>(std::move(done));
  co_return fmt::format("was not ready within {:g} s; see its log, or give it more `ready_timeout`",
                        std::chrono::duration<double>(options.ready_timeout).count());
}

}  // namespace jci::docker
