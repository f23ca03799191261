// SPDX-License-Identifier: MIT
// `jci-scribe FD REPOSITORY SHA`: stores the reports of one run in git, for the process that speaks to it through the socket FD.
//
// A process of its own, as libgit2 brings a dozen libraries with it: a quarter of what the run's own process, somebody's Python, would
// then take, and several milliseconds for which nothing else can be loaded there. And what it has begun to write it writes to its end, even if
// the run is killed meanwhile.

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "jci/core/status.hpp"
#include "jci/remotes/git_module.hpp"
#include "jci/scribe/protocol.hpp"
#include "jci/util/module.hpp"

namespace jci::scribe {
namespace {

constinit const Module<remotes::GitModule> git{"libjci_git.so", "jci_remotes_git"};

/// False at the end of what comes.
bool receive(int socket, void* bytes, std::size_t size) {
  ssize_t n = 0;
  do {
    n = ::recv(socket, bytes, size, MSG_WAITALL);
  } while (n < 0 && errno == EINTR);
  return n >= 0 && static_cast<std::size_t>(n) == size;
}

/// Where nobody listens any more, nobody misses it.
void answer(int socket, const std::string& problem) {
  const Answer header{static_cast<std::uint32_t>(problem.size())};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += problem;
  ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string store(const char* repository, const char* sha, const std::string& report,
                  Status status) {
  try {
    git->store_report(repository, sha, report, status);
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

void serve(int socket, const char* repository, const char* sha) {
  Request request;
  while (receive(socket, &request, sizeof request)) {
    std::string report(request.report_bytes, '\0');
    if (!receive(socket, report.data(), report.size())) return;  // of half a report there is no use
    answer(socket, store(repository, sha, report, static_cast<Status>(request.status)));
  }
}

}  // namespace
}  // namespace jci::scribe

int main(int argc, char** argv) {
  using namespace jci::scribe;
  const int socket = argc == 4 ? std::atoi(argv[1]) : 0;
  if (socket <= STDERR_FILENO) {
    std::fputs("jci-scribe: a part of Jaypore CI that stores reports; not to be called by hand\n",
               stderr);
    return 2;
  }
  try {
    git->start();  // before there is something to store, so that nobody waits for it
  } catch (const std::exception& error) {
    Request request;
    if (receive(socket, &request, sizeof request)) answer(socket, error.what());
    return 1;
  }
  serve(socket, argv[2], argv[3]);
  ::_exit(0);  // somebody waits, and there is nothing to tidy up
}
