// SPDX-License-Identifier: MIT
#include "engine_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace jci::docker {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

http::Endpoint endpoint(const std::string& socket) {
  http::Endpoint endpoint;
  endpoint.socket = socket;
  return endpoint;
}

std::string unique_label() {
  static int number = 0;
  return fmt::format("jci-test={}-{}", ::getpid(), ++number);
}

}  // namespace

void go_on_until(boost::asio::io_context& context, const std::function<bool()>& reached) {
  context.restart();
  const auto busy = boost::asio::make_work_guard(context);
  while (!reached())
    if (context.run_one_for(std::chrono::minutes(1)) == 0)
      throw std::runtime_error("nothing has happened for a minute");
}

OnEngine::OnEngine()
    : client_(context_.get_executor(), endpoint(socket())), label_(unique_label()) {}

OnEngine::~OnEngine() {
  if (socket().empty()) return;
  const Labels ours{label_};
  if (const auto containers = run(client_.list_containers(ours)))
    for (const auto& container : *containers)
      run(client_.remove_container(container.id, true, true));
  if (const auto networks = run(client_.list_networks(ours)))
    for (const auto& network : *networks) run(client_.remove_network(network.id));
  if (const auto volumes = run(client_.list_volumes(ours)))
    for (const auto& volume : *volumes) run(client_.remove_volume(volume.id, true));
}

void OnEngine::SetUp() {
  if (socket().empty()) GTEST_SKIP() << "DOCKER_HOST names no unix socket";
  must(client_.connect());
}

std::string OnEngine::socket() {
  const std::string host = variable("DOCKER_HOST");
  constexpr std::string_view scheme = "unix://";
  return host.starts_with(scheme) ? host.substr(scheme.size()) : "";
}

std::string OnEngine::create(std::initializer_list<std::string_view> command,
                             boost::json::object more) {
  const auto equals = label_.find('=');
  more["Image"] = "busybox:local";
  more["Cmd"] = boost::json::array(command.begin(), command.end());
  more["Labels"] = boost::json::object{{label_.substr(0, equals), label_.substr(equals + 1)}};
  if (!more.contains("HostConfig"))
    more["HostConfig"] = boost::json::object{{"NetworkMode", "none"}};
  return must(client_.create_container(more, "", "")).id;
}

std::string OnEngine::start(std::initializer_list<std::string_view> command,
                            boost::json::object more) {
  const std::string id = create(command, std::move(more));
  must(client_.start_container(id));
  return id;
}

Ending OnEngine::run_to_end(const std::string& id) {
  Waiting waiting = must(client_.wait_container(id, WaitFor::next_exit));
  must(client_.start_container(id));
  return must(waiting.ended());
}

void OnPrivateEngine::SetUp() {
  OnEngine::SetUp();
  if (!IsSkipped() && variable("ENGINE_DIR").empty())
    GTEST_SKIP() << "the engine is not ours to stop and start";
}

void OnPrivateEngine::engine(std::string_view what) {
  const std::string command = fmt::format("'{}' {}", JCI_ENGINE_SCRIPT, what);
  if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot " + command);
}

}  // namespace jci::docker
