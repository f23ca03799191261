// SPDX-License-Identifier: MIT
// jci-inside: what executors.Docker runs in containers of its own. Linked statically, so that it is all that their image holds.
//
//   jci-inside                       holds the container's network namespace, until it is killed
//   jci-inside reach PORT [PATH]     waits until 127.0.0.1:PORT takes connections or, with a PATH, answers GET with 200 to 399
//   jci-inside own UID GID FOLDER    gives FOLDER and all in it to that user and group
//
// Exits with 0 when done, 1 where that cannot be (the reason is on stderr), 2 for other arguments. `reach` has no deadline: its starter has.
#include <arpa/inet.h>
#include <fts.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

namespace {

constexpr int k_done = 0;
constexpr int k_failed = 1;
constexpr int k_wrong_arguments = 2;

int hold() {
  // The first process of a container ignores every signal it has no handler for, but SIGKILL.
  for (;;) ::pause();
}

// --- reach ---

constexpr timespec k_between_tries{.tv_sec = 0, .tv_nsec = 50'000'000};
constexpr timeval k_patience_for_answer{.tv_sec = 5, .tv_usec = 0};

class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &k_patience_for_answer,
                 sizeof k_patience_for_answer);
    open_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(socket_); }

  bool is_open() const { return open_; }

  /// The first digit of the answer's status is what matters: "HTTP/1.1 204 ...".
  bool answers_well(std::string_view path) const {
    const std::string request =
        "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      return false;
    char answer[10];
    std::size_t have = 0;
    while (have < sizeof answer) {
      const ssize_t got = ::recv(socket_, answer + have, sizeof answer - have, 0);
      if (got <= 0) return false;
      have += static_cast<std::size_t>(got);
    }
    return std::memcmp(answer, "HTTP/1.", 7) == 0 && (answer[9] == '2' || answer[9] == '3');
  }

 private:
  int socket_;
  bool open_ = false;
};

int reach(int port, const char* path) {
  for (;;) {
    const Connection connection(port);
    if (connection.is_open() && (path == nullptr || connection.answers_well(path))) return k_done;
    ::nanosleep(&k_between_tries, nullptr);
  }
}

// --- own ---

int own(uid_t user, gid_t group, char* folder) {
  char* const folders[] = {folder, nullptr};
  FTS* tree = ::fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, nullptr);
  if (tree == nullptr) {
    std::fprintf(stderr, "%s: %s\n", folder, std::strerror(errno));
    return k_failed;
  }
  int result = k_done;
  while (const FTSENT* entry = ::fts_read(tree)) {
    if (entry->fts_info == FTS_D || entry->fts_info == FTS_NS) continue;  // again after its files
    if (entry->fts_statp->st_uid == user && entry->fts_statp->st_gid == group) continue;
    if (::lchown(entry->fts_accpath, user, group) == 0 || errno == ENOENT) continue;
    std::fprintf(stderr, "%s: %s\n", entry->fts_path, std::strerror(errno));
    result = k_failed;
  }
  ::fts_close(tree);
  return result;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 1) return hold();
  const std::string_view what = arguments[1];
  if (what == "reach" && (count == 3 || count == 4))
    return reach(std::atoi(arguments[2]), arguments[3]);
  if (what == "own" && count == 5)
    return own(static_cast<uid_t>(std::strtoul(arguments[2], nullptr, 10)),
               static_cast<gid_t>(std::strtoul(arguments[3], nullptr, 10)), arguments[4]);
  return k_wrong_arguments;
}
