// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jci/run/options.hpp"
#include "jci/util/fd.hpp"

/// How `jci run` tells the config's process what was asked for, and what is prepared: by descriptors that are inherited. The environment variable
/// `k_options_variable` has their numbers, "OPTIONS:LOCK:SOCKET:PID" (the last two are a supervisor's, or -1), or "wait:SOCKET:PID:ADOPTS" where they
/// are to come from a process that still prepares; whether this process adopted orphans before (PR_SET_CHILD_SUBREAPER) comes last.
namespace jci::run {

/// Goes there, and tells programs of this process where that is.
void enter_workspace(const std::filesystem::path& workspace);

/// For the program that this process becomes next, which inherits the descriptors in `options`.
void hand_over(const Options& options);

/// Turns this process into an interpreter that is to call `hear_interrupts`. Until then it does not hear Ctrl-C, for which it would have no better answer
/// than a traceback through its own modules. Throws std::system_error.
[[noreturn]] void become_interpreter(const std::vector<std::string>& command);
void hear_interrupts();

/// What a run needs is prepared in a process of its own, while the config's starts.
class Preparation {
 public:
  /// Turns this process into what `program` gives, which is to call `await_preparation`. Only a child of it returns from here, which dies if that one does.
  /// If it ends otherwise than by `finish`, its exit code becomes that of the other. Throws std::system_error.
  static Preparation beside(const std::function<std::vector<std::string>()>& program);

  /// The process that waits for what is prepared.
  static pid_t config_process() { return ::getppid(); }

  /// The descriptors in `options` go to the other process, too.
  [[noreturn]] void finish(const Options& options);

 private:
  explicit Preparation(Fd config_process) : config_process_(std::move(config_process)) {}

  Fd config_process_;
};

/// For what `Preparation::beside` started, before it asks for `Options::of_process`; does nothing in other processes. Returns an exit code where
/// the preparation failed, which has said why. `interrupted` is called when a signal has come, and may throw. Enters the Workspace; turns this process
/// into `Options::program` where there is one.
std::optional<int> await_preparation(const std::function<void()>& interrupted);

}  // namespace jci::run
