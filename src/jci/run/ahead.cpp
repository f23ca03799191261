// SPDX-License-Identifier: MIT
#include "jci/run/ahead.hpp"

#include <fcntl.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "jci/executors/shell.hpp"
#include "jci/executors/supervisor.hpp"
#include "jci/run/past.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/side_process.hpp"

namespace jci::run {
namespace {

std::string likely_executor(const Options& options) {
  if (!options.executor.empty()) return options.executor;
  return executor_before(state_path(), options.commit.root, options.config);
}

/// Ends what nobody has taken when the process ends.
class Unclaimed {
 public:
  Unclaimed() {
    const Options& options = Options::of_process();
    if (options.supervisor_socket < 0) return;
    ::fcntl(options.supervisor_socket, F_SETFD, FD_CLOEXEC);  // a program in C++ has inherited it
    supervisor_ = std::make_shared<StartedSupervisor>(Fd(options.supervisor_socket),
                                                      options.supervisor_process);
  }
  ~Unclaimed() {
    if (!supervisor_) return;
    supervisor_.reset();
    reap_left();
  }
  Unclaimed(const Unclaimed&) = delete;
  Unclaimed& operator=(const Unclaimed&) = delete;

  std::shared_ptr<StartedSupervisor> take() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(supervisor_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<StartedSupervisor> supervisor_;
};

Unclaimed& unclaimed() {
  static Unclaimed it;
  return it;
}

}  // namespace

void start_ahead(Options& options, pid_t engine) {
  if (options.plan_only || likely_executor(options) != "shell") return;
  auto supervisor = start_shell_ahead(options.workspace, engine);
  if (!supervisor) return;
  options.supervisor_socket = supervisor->take_socket().release();
  options.supervisor_process = supervisor->take_process();
}

void expect_supervisor() { unclaimed(); }

std::shared_ptr<StartedSupervisor> take_supervisor() { return unclaimed().take(); }

}  // namespace jci::run
