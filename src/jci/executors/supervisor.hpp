// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jci/core/state.hpp"
#include "jci/executors/shell_environment.hpp"
#include "jci/supervise/protocol.hpp"
#include "jci/util/async.hpp"
#include "jci/util/fd.hpp"

namespace jci {

/// What `execve` takes, and where.
struct ProcessSpec {
  std::vector<std::string>
      arguments;  ///< at least one; a name without slash is searched in the PATH of `variables`
  VariableBlock variables;  ///< all of them
  std::filesystem::path directory;
  bool is_awaited = false;  ///< somebody waits for its start: it is told without delay
};

/// When a job that was prepared starts by itself.
struct Following {
  std::uint32_t job;           ///< exits with 0, was not asked to stop, leaves nothing running
  std::filesystem::path path;  ///< and nothing here
};

/// Learns how one job goes. Called on the engine thread.
class JobListener {
 public:
  virtual ~JobListener() = default;
  virtual void started(pid_t pid) = 0;
  virtual void not_started(supervise::Step step, int error) = 0;
  /// The main process has ended and nothing of the job is left. `handed_on`: the job prepared to follow it has started by itself.
  virtual void ended(int wait_status, Nanoseconds took, bool handed_on) = 0;
  /// The supervisor is gone: nothing more will be heard.
  virtual void lost(std::string_view reason) = 0;
};

/// A `jci-supervise` that has been started; it ends with this.
class StartedSupervisor {
 public:
  /// `process` is a child of this one.
  StartedSupervisor(Fd socket, pid_t process) : socket_(std::move(socket)), process_(process) {}
  StartedSupervisor(StartedSupervisor&& other) noexcept
      : socket_(std::move(other.socket_)), process_(std::exchange(other.process_, -1)) {}
  StartedSupervisor& operator=(StartedSupervisor&&) = delete;
  ~StartedSupervisor();

  pid_t process() const { return process_; }
  Fd take_socket() { return std::move(socket_); }
  /// To be reaped by whoever takes it.
  pid_t take_process() { return std::exchange(process_, -1); }

 private:
  Fd socket_;
  pid_t process_;
};

/// The engine's side of a running `jci-supervise`, which is the parent of all jobs of a run (see supervise/main.cpp). Everything happens on
/// one thread, that of `executor`. Reports reach a job's listener until its last one, or until `forget`.
class Supervisor : public std::enable_shared_from_this<Supervisor> {
 public:
  struct Options {
    std::filesystem::path program;  ///< jci-supervise
    std::vector<std::string> prefix =
        {};  ///< a command that runs the program appended to it, such as bwrap
  };

  /// Starts the program for the engine in process `engine`. Throws std::runtime_error where it cannot be.
  static StartedSupervisor launch(const Options& options, pid_t engine);
  /// Waits until it is ready. Throws std::runtime_error where it ends before. `pipe_id` is the run's: by it leftovers are found should the
  /// supervisor be killed.
  static Awaitable<std::shared_ptr<Supervisor>> connect(StartedSupervisor started,
                                                        std::string pipe_id);

  Supervisor(const boost::asio::any_io_executor& executor, StartedSupervisor started,
             std::string pipe_id);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// The ends of its pipes that a job writes to.
  struct Output {
    Fd out;
    Fd err;
  };

  /// `job` must not be in use.
  void spawn(std::uint32_t job, JobListener& listener, const ProcessSpec& spec, Output output);
  /// Makes a process for `job` before its turn. It starts by itself, without a word from here, or with `go`; `kill` forgets it.
  void prepare(std::uint32_t job, JobListener& listener, const ProcessSpec& spec, Output output,
               const Following& following);
  void go(std::uint32_t job) { ask(supervise::Ask::go, job); }
  void stop(std::uint32_t job) { ask(supervise::Ask::stop, job); }
  void kill(std::uint32_t job) { ask(supervise::Ask::kill, job); }
  void forget(std::uint32_t job) { listeners_.erase(job); }

  /// Has it kill all that is left, and end.
  void close();
  /// Waits for its end, but not for ever: processes that the kernel does not let die keep it, not us.
  Awaitable<> ended();

 private:
  struct Message {
    std::string bytes;
    std::size_t sent = 0;
    Output output = {};
  };

  void make(supervise::Ask ask, std::uint32_t job, JobListener& listener, std::string body,
            Output output);
  void ask(supervise::Ask ask, std::uint32_t job);
  void send(Message message);
  bool send_now(Message& message);
  void send_when_possible();
  Awaitable<bool> ready();
  void listen();
  bool receive();
  void dispatch(const supervise::Report& report);
  void lose();

  boost::asio::posix::stream_descriptor socket_;
  pid_t process_;
  std::string pipe_id_;
  std::unordered_map<std::uint32_t, JobListener*> listeners_;
  std::deque<Message> unsent_;
  std::string received_;
};

}  // namespace jci
