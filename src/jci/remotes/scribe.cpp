// SPDX-License-Identifier: MIT
#include "jci/remotes/scribe.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "jci/core/errors.hpp"
#include "jci/scribe/protocol.hpp"
#include "jci/util/exec_words.hpp"
#include "jci/util/module.hpp"

namespace jci::remotes {
namespace {

// To write a few objects and a ref takes milliseconds; but another run may hold the ref's lock, and disks can be slow.
constexpr int k_patience = 60'000;  // ms

SideProcess start(const std::filesystem::path& repository, const std::string& sha) {
  try {
    return start_beside({(package_directory() / "jci-scribe").native()}, {repository.native(), sha},
                        environment_with({}));
  } catch (const std::runtime_error& error) {
    throw RemoteApiFailed(error.what());
  }
}

[[noreturn]] void fail(const char* why) {
  throw ScribeGone(std::string("cannot store the report in git: `jci-scribe`, which does it, ") +
                   why);
}

bool is_passing(int error) { return error == EINTR || error == EAGAIN; }

}  // namespace

Scribe::Scribe(const std::filesystem::path& repository, const std::string& sha)
    : beside_(start(repository, sha)) {}

Scribe::~Scribe() {
  interrupt();  // closing alone would not tell it where a fork of this process holds a copy
  leave_to_end(beside_.process);
}

void Scribe::store(const std::string& report, Status status) {
  const scribe::Request request{static_cast<std::int32_t>(status),
                                static_cast<std::uint32_t>(report.size())};
  send({reinterpret_cast<const char*>(&request), sizeof request});
  send(report);
  scribe::Answer answer;
  receive(reinterpret_cast<char*>(&answer), sizeof answer);
  std::string problem(answer.problem_bytes, '\0');
  receive(problem.data(), problem.size());
  if (!problem.empty()) throw RemoteApiFailed(problem);
}

void Scribe::interrupt() { ::shutdown(beside_.socket.get(), SHUT_RDWR); }

void Scribe::send(std::string_view bytes) {
  while (!bytes.empty()) {
    await(POLLOUT);
    const ssize_t n =
        ::send(beside_.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && !is_passing(errno)) fail("has ended");
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Scribe::receive(char* bytes, std::size_t size) {
  while (size > 0) {
    await(POLLIN);
    const ssize_t n = ::recv(beside_.socket.get(), bytes, size, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && !is_passing(errno))) fail("has ended");
    if (n < 0) continue;
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
}

void Scribe::await(short what) {
  pollfd ready{beside_.socket.get(), what, 0};
  if (::poll(&ready, 1, k_patience) == 0) fail("gives no sign of life");
}

}  // namespace jci::remotes
