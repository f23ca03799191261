// SPDX-License-Identifier: MIT
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <future>
#include <memory>

#include "jci/cli/doctor_checks.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/executor.hpp"
#include "jci/core/pipeline.hpp"
#include "jci/run/defaults.hpp"
#include "jci/run/pipe_id.hpp"
#include "jci/util/temporary_directory.hpp"

namespace jci::cli {
namespace {

namespace asio = boost::asio;

// A run without jobs: connects, makes and removes what every run has.
Awaitable<> try_out(Executor& executor, const RunContext& context) {
  std::exception_ptr failure;
  try {
    co_await executor.open(context);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  co_await executor.close();
  co_await executor.tidy();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Finding look_at_engine(const std::string& chosen) {
  if (!chosen.empty() && chosen != "docker")
    return {Finding::Level::fine,
            "engine",
            fmt::format("none is needed: the config's jobs run in `{}`", chosen),
            {}};
  const auto executor = run::executor_by_name("docker");
  const Pipeline nothing;
  const TemporaryDirectory workspace("doctor");
  RunContext context;
  context.pipeline = &nothing;
  context.info.pipe_id = run::new_pipe_id();
  context.workspace = workspace.path();
  asio::io_context loop;
  auto done = asio::co_spawn(loop, try_out(*executor, context), asio::use_future);
  loop.run_for(std::chrono::seconds(60));
  if (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return {Finding::Level::wrong, "engine", "it does nothing for a minute", "restart it"};
  try {
    done.get();
  } catch (const std::exception& error) {
    return {Finding::Level::wrong, "engine", error.what(), {}};
  }
  return {Finding::Level::fine, "engine", "Docker answers, and does what a run needs", {}};
}

}  // namespace jci::cli
