// SPDX-License-Identifier: MIT
// `bench_docker_floor SHAPE SECONDS...`: the least that jobs in containers can cost without tricks: the calls of the Engine API that a run needs, and no
// more, everything that is ready started at once, in a network of its own. Containers run `sleep SECONDS` in busybox:local, one for each number;
// SHAPE is `independent`, `chain`, or `stages`, of two halves. The engine is DOCKER_HOST's. What executors.Docker adds, or saves, is measured
// against this.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jci/executors/docker/client.hpp"
#include "jci/util/task_group.hpp"

namespace {

namespace json = boost::json;
using jci::Awaitable;
using namespace jci::docker;

template <class T>
T must(Answer<T> answer) {
  if (!answer) throw std::runtime_error(answer.error().text);
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
}

class Floor {
 public:
  explicit Floor(boost::asio::io_context& context)
      : context_(context), client_(context.get_executor(), endpoint()) {}

  Awaitable<> run(std::string_view shape, std::span<char*> jobs) {
    must(co_await client_.connect());
    const json::object config{{"Name", network_}};
    const std::string network = must(co_await client_.create_network(config));
    if (shape == "chain") {
      for (const char* job : jobs) co_await run_job(job);
    } else if (shape == "stages") {
      co_await run_all(jobs.first(jobs.size() / 2));
      co_await run_all(jobs.subspan(jobs.size() / 2));
    } else {
      co_await run_all(jobs);
    }
    co_await remove_all();
    // An engine may still think that somebody is in it, and then keeps it.
    if (const auto removed = co_await client_.remove_network(network); !removed)
      fmt::print(stderr, "bench_docker_floor: {}\n", removed.error().text);
  }

 private:
  static jci::http::Endpoint endpoint() {
    const std::string_view host = std::getenv("DOCKER_HOST");
    return {.socket = host.substr(host.find("//") + 2), .host = {}, .tls = {}};
  }

  Awaitable<> run_all(std::span<char*> jobs) {
    jci::TaskGroup tasks(context_.get_executor());
    for (const char* job : jobs) tasks.spawn(run_job(job));
    co_await tasks.join();
  }

  Awaitable<> run_job(std::string seconds) {
    const json::object body{{"Image", "busybox:local"},
                            {"Cmd", {"/bin/sh", "-c", "sleep " + seconds}},
                            {"HostConfig", {{"NetworkMode", network_}}}};
    const std::string id = must(co_await client_.create_container(body, {}, {})).id;
    containers_.push_back(id);
    auto output = must(co_await client_.attach(id, false));
    must(co_await client_.start_container(id));
    const OutputSink ignore = [](jci::Stream, std::string_view) {};
    must(co_await output.read(ignore));
    auto waiting = must(co_await client_.wait_container(id, WaitFor::not_running));
    must(co_await waiting.ended());
  }

  Awaitable<> remove_all() {
    jci::TaskGroup tasks(context_.get_executor());
    for (const std::string& id : containers_) tasks.spawn(remove(id));
    co_await tasks.join();
  }

  Awaitable<> remove(std::string id) { must(co_await client_.remove_container(id, true, true)); }

  boost::asio::io_context& context_;
  Client client_;
  std::string network_ = fmt::format("jci-bench-{}", ::getpid());
  std::vector<std::string> containers_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || std::getenv("DOCKER_HOST") == nullptr) {
    fmt::print(
        stderr,
        "usage: bench_docker_floor independent|chain|stages SECONDS...   (and DOCKER_HOST)\n");
    return 2;
  }
  boost::asio::io_context context(1);
  Floor floor(context);
  int code = 0;
  boost::asio::co_spawn(context, floor.run(argv[1], std::span(argv + 2, argv + argc)),
                        [&](const std::exception_ptr& failure) {
                          if (!failure) return;
                          code = 1;
                          try {
                            std::rethrow_exception(failure);
                          } catch (const std::exception& error) {
                            fmt::print(stderr, "bench_docker_floor: {}\n", error.what());
                          }
                        });
  context.run();
  return code;
}
