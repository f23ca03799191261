// SPDX-License-Identifier: MIT
#include "jci/executors/supervisor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "jci/executors/leftovers.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/side_process.hpp"

namespace jci {
namespace {

namespace asio = boost::asio;
using supervise::Ask;
using supervise::Report;
using supervise::Request;

constexpr auto k_silent = asio::as_tuple(asio::use_awaitable);
// How long we wait for the end of a supervisor that has been asked to kill everything.
constexpr auto k_patience = std::chrono::seconds(10);

template <class Plain>
void append(std::string& bytes, const Plain& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string payload(const ProcessSpec& spec, const Following& following) {
  std::string bytes;
  bytes.reserve(spec.variables.text.size() + 1024);
  append(bytes,
         supervise::SpawnHeader{static_cast<std::uint32_t>(spec.arguments.size()),
                                spec.variables.count, following.job, spec.is_awaited ? 1U : 0U});
  bytes.append(spec.directory.native()) += '\0';
  bytes.append(following.path.native()) += '\0';
  for (const std::string& argument : spec.arguments) bytes.append(argument) += '\0';
  return bytes += spec.variables.text;
}

}  // namespace

StartedSupervisor::~StartedSupervisor() {
  socket_.reset();
  if (process_ > 0) leave_to_end(process_);
}

StartedSupervisor Supervisor::launch(const Options& options, pid_t engine) {
  std::vector<std::string> command = options.prefix;
  command.push_back(options.program.native());
  SideProcess beside = start_beside(std::move(command), {std::to_string(engine)}, {});
  return {std::move(beside.socket), beside.process};
}

Awaitable<std::shared_ptr<Supervisor>> Supervisor::connect(StartedSupervisor started,
                                                           std::string pipe_id) {
  const auto executor = co_await asio::this_coro::executor;
  auto supervisor = std::make_shared<Supervisor>(executor, std::move(started), std::move(pipe_id));
  if (!co_await supervisor->ready()) {
    supervisor->close();
    co_await supervisor->ended();
    throw std::runtime_error("`jci-supervise` ended before it was ready");
  }
  supervisor->listen();
  co_return supervisor;
}

Supervisor::Supervisor(const asio::any_io_executor& executor, StartedSupervisor started,
                       std::string pipe_id)
    : socket_(executor, started.take_socket().release()),
      process_(started.take_process()),
      pipe_id_(std::move(pipe_id)) {
  socket_.non_blocking(true);
}

Supervisor::~Supervisor() {
  close();
  if (process_ > 0) leave_to_end(process_);  // only where `ended` was never awaited
}

void Supervisor::spawn(std::uint32_t job, JobListener& listener, const ProcessSpec& spec,
                       Output output) {
  make(Ask::spawn, job, listener, payload(spec, {}), std::move(output));
}

void Supervisor::prepare(std::uint32_t job, JobListener& listener, const ProcessSpec& spec,
                         Output output, const Following& following) {
  make(Ask::prepare, job, listener, payload(spec, following), std::move(output));
}

void Supervisor::make(Ask ask, std::uint32_t job, JobListener& listener, std::string body,
                      Output output) {
  if (!socket_.is_open()) return listener.lost("`jci-supervise`, which runs the jobs, is gone");
  JCI_ASSERT(listeners_.emplace(job, &listener).second);
  std::string bytes;
  bytes.reserve(sizeof(Request) + body.size());
  append(bytes, Request{ask, job, static_cast<std::uint32_t>(body.size())});
  send({.bytes = bytes += body, .output = std::move(output)});
}

void Supervisor::ask(Ask what, std::uint32_t job) {
  std::string bytes;
  append(bytes, Request{what, job, 0});
  send({.bytes = std::move(bytes)});
}

void Supervisor::send(Message message) {
  if (!socket_.is_open()) return;
  if (unsent_.empty() && send_now(message)) return;
  unsent_.push_back(std::move(message));
  if (unsent_.size() == 1) send_when_possible();
}

// False if there is more to send of it. Descriptors go with the first byte.
bool Supervisor::send_now(Message& message) {
  while (message.sent < message.bytes.size()) {
    iovec part{message.bytes.data() + message.sent, message.bytes.size() - message.sent};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    if (message.output.out) {
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      cmsghdr* rights = CMSG_FIRSTHDR(&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(2 * sizeof(int));
      const std::array<int, 2> numbers{message.output.out.get(), message.output.err.get()};
      std::memcpy(CMSG_DATA(rights), numbers.data(), sizeof numbers);
    }
    const ssize_t n = ::sendmsg(socket_.native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    // Too many descriptors on their way (ETOOMANYREFS) passes as the supervisor takes them. Others mean that it is gone: reading tells.
    if (n < 0) return errno != EAGAIN && errno != ETOOMANYREFS;
    message.sent += static_cast<std::size_t>(n);
    message.output = {};
  }
  return true;
}

void Supervisor::send_when_possible() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                     [self = weak_from_this()](const boost::system::error_code& error) {
                       const auto supervisor = self.lock();
                       if (error || !supervisor) return;
                       auto& unsent = supervisor->unsent_;
                       while (!unsent.empty() && supervisor->send_now(unsent.front()))
                         unsent.pop_front();
                       if (!unsent.empty()) supervisor->send_when_possible();
                     });
}

Awaitable<bool> Supervisor::ready() {
  while (received_.size() < sizeof(Report)) {
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, k_silent);
    if (!receive()) co_return false;
  }
  received_.erase(0, sizeof(Report));
  co_return true;
}

void Supervisor::listen() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = weak_from_this()](const boost::system::error_code& error) {
                       const auto supervisor = self.lock();
                       if (error || !supervisor || !supervisor->socket_.is_open()) return;
                       const bool alive = supervisor->receive();
                       const std::string reports = std::exchange(supervisor->received_, {});
                       std::size_t at = 0;
                       for (; reports.size() - at >= sizeof(Report); at += sizeof(Report)) {
                         Report report;
                         std::memcpy(&report, reports.data() + at, sizeof report);
                         supervisor->dispatch(report);
                       }
                       supervisor->received_ = reports.substr(at);
                       if (!alive) return supervisor->lose();
                       if (supervisor->socket_.is_open()) supervisor->listen();
                     });
}

// False when the other end is gone.
bool Supervisor::receive() {
  std::array<char, 16 * 1024> bytes;
  while (true) {
    const ssize_t n = ::recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    received_.append(bytes.data(), static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) < bytes.size()) return true;
  }
}

void Supervisor::dispatch(const Report& report) {
  const auto entry = listeners_.find(report.job);
  if (entry == listeners_.end()) return;
  JobListener& listener = *entry->second;
  switch (report.tell) {
    case supervise::Tell::ready:
      return;
    case supervise::Tell::started:
      return listener.started(report.value);
    case supervise::Tell::not_started:
      listeners_.erase(entry);
      return listener.not_started(report.step, report.value);
    case supervise::Tell::ended:
      listeners_.erase(entry);
      return listener.ended(report.value, Nanoseconds(report.took_ns), report.handed_on != 0);
  }
}

void Supervisor::lose() {
  socket_.close();
  unsent_.clear();
  // The main processes die with it, what they started does not.
  kill_leftovers(pipe_id_);
  for (const auto& [job, listener] : std::exchange(listeners_, {}))
    listener->lost("`jci-supervise`, which ran the job, was killed");
}

void Supervisor::close() {
  // Closing alone would not tell it where a fork of this process holds a copy.
  if (socket_.is_open()) ::shutdown(socket_.native_handle(), SHUT_RDWR);
  socket_.close();
}

Awaitable<> Supervisor::ended() {
  using namespace asio::experimental::awaitable_operators;
  const auto self = shared_from_this();
  const pid_t process = std::exchange(process_, -1);
  if (process <= 0) co_return;
  const auto executor = co_await asio::this_coro::executor;
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (watched >= 0) {
    asio::posix::stream_descriptor end(executor, watched);
    asio::steady_timer patience(executor, k_patience);
    co_await (end.async_wait(asio::posix::stream_descriptor::wait_read, k_silent) ||
              patience.async_wait(k_silent));
  }
  leave_to_end(process);
}

}  // namespace jci
