// SPDX-License-Identifier: MIT
// `jci-supervise FD PID`: starts the jobs of one run for the engine in process PID, which speaks to it through the socket FD.
//
// A process of its own, as the engine lives in somebody's Python, which may be killed, have threads and other children. It outlives the
// engine just long enough to kill all that the jobs left: nothing of a run is left when this has ended.

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "jci/supervise/jobs.hpp"
#include "jci/supervise/program.hpp"
#include "jci/supervise/protocol.hpp"
#include "jci/util/fd.hpp"

namespace jci::supervise {
namespace {

/// The engine's end of the conversation.
class Engine {
 public:
  Engine(int socket, pid_t process)
      : socket_(socket), life_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))) {}

  int socket() const { return socket_.get(); }
  /// Readable when its process has ended, which the socket does not tell while a fork of the process has it open. -1 on an old kernel.
  int life() const { return life_.get(); }

  /// Reads what has come and obeys it. False when the engine is gone, or talks nonsense.
  bool listen(Jobs& jobs) { return receive() && obey(jobs); }

  /// False when the engine is gone.
  bool tell(const std::vector<Report>& reports) {
    const char* at = reinterpret_cast<const char*>(reports.data());
    std::size_t left = reports.size() * sizeof(Report);
    while (left > 0) {
      const ssize_t n = ::send(socket_.get(), at, left, MSG_NOSIGNAL);
      if (n < 0 && errno != EINTR) return false;
      if (n < 0) continue;
      at += n;
      left -= static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  bool receive() {
    static char bytes[64 * 1024];
    alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))];
    iovec part{bytes, sizeof bytes};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    keep_descriptors(message);
    received_.append(bytes, static_cast<std::size_t>(n));
    return n > 0 && (message.msg_flags & MSG_CTRUNC) == 0;
  }

  void keep_descriptors(msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      std::vector<int> numbers((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      std::memcpy(numbers.data(), CMSG_DATA(c), numbers.size() * sizeof(int));
      for (const int number : numbers) descriptors_.emplace_back(number);
    }
  }

  bool obey(Jobs& jobs) {
    std::size_t at = 0;
    Request request;
    bool sane = true;
    while (sane && received_.size() - at >= sizeof request) {
      std::memcpy(&request, received_.data() + at, sizeof request);
      if (request.payload_bytes > k_max_payload_bytes) return false;
      if (received_.size() - at - sizeof request < request.payload_bytes) break;
      sane = obey(jobs, request, received_.substr(at + sizeof request, request.payload_bytes));
      at += sizeof request + request.payload_bytes;
    }
    received_.erase(0, at);
    return sane;
  }

  bool obey(Jobs& jobs, const Request& request, std::string payload) {
    switch (request.ask) {
      case Ask::spawn:
      case Ask::prepare:
        return spawn(jobs, request, std::move(payload));
      case Ask::go:
        jobs.go(request.job);
        return true;
      case Ask::stop:
        jobs.stop(request.job);
        return true;
      case Ask::kill:
        jobs.kill(request.job);
        return true;
    }
    return false;
  }

  bool spawn(Jobs& jobs, const Request& request, std::string payload) {
    Program program;
    if (descriptors_.size() < 2 || !parse(std::move(payload), program)) return false;
    program.out = take_descriptor();
    program.err = take_descriptor();
    if (request.ask == Ask::prepare)
      jobs.prepare(request.job, std::move(program));
    else
      jobs.start(request.job, std::move(program));
    return true;
  }

  Fd take_descriptor() {
    Fd first = std::move(descriptors_.front());
    descriptors_.pop_front();
    return first;
  }

  Fd socket_;
  Fd life_;
  std::string received_;
  std::deque<Fd> descriptors_;  // come with the first byte of the request they belong to
};

int to_number(const char* text) {
  int number = -1;
  std::from_chars(text, text + std::strlen(text), number);
  return number;
}

/// Nobody stops us but the engine (or SIGKILL): signals stay blocked, and only SIGCHLD is read.
Fd signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  struct sigaction on_end_only{};
  on_end_only.sa_flags = SA_NOCLDSTOP;  // not where a job that waits for its turn has stopped
  ::sigaction(SIGCHLD, &on_end_only, nullptr);
  sigset_t child;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  return Fd(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// What we inherited stays open here (a lock on the Workspace is held until all jobs are gone) but does not reach the jobs.
void keep_descriptors_to_ourselves() {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir("/proc/self/fd"), &::closedir);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr) {
    const int number = to_number(entry->d_name);
    if (number > STDERR_FILENO) ::fcntl(number, F_SETFD, FD_CLOEXEC);
  }
}

void supervise(Engine& engine, const Fd& child_ended, Jobs& jobs) {
  bool alive = engine.tell({Report{.tell = Tell::ready}});
  while (alive) {
    pollfd waits[] = {
        {engine.socket(), POLLIN, 0}, {child_ended.get(), POLLIN, 0}, {engine.life(), POLLIN, 0}};
    ::poll(waits, 3, jobs.tells_within());
    if (waits[2].revents != 0) return;
    signalfd_siginfo ignored;
    if (::read(child_ended.get(), &ignored, sizeof ignored) > 0) jobs.reap();
    if (waits[0].revents != 0) alive = engine.listen(jobs);
    if (jobs.tells_within() != 0) continue;
    alive = engine.tell(jobs.take_reports()) && alive;
    jobs.let_go();
  }
}

}  // namespace
}  // namespace jci::supervise

int main(int argc, char** argv) {
  using namespace jci::supervise;
  const int socket = argc == 3 ? to_number(argv[1]) : -1;
  if (socket < 0) {
    std::fputs("jci-supervise: a part of Jaypore CI that runs its jobs; not to be called by hand\n",
               stderr);
    return 2;
  }
  const jci::Fd child_ended = signals();
  keep_descriptors_to_ourselves();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Engine engine(socket, to_number(argv[2]));
  Jobs jobs;
  supervise(engine, child_ended, jobs);
  jobs.end();
}
