// SPDX-License-Identifier: MIT
// jci-inside: what executors.Docker runs in containers of its own. Linked statically, so that it is all that their image holds.
//
//   jci-inside                       holds the container's network namespace, until it is killed
//   jci-inside reach PORT [PATH]     waits until 127.0.0.1:PORT takes connections or, with a PATH, answers GET with 200 to 399
//   jci-inside own UID GID FOLDER    gives FOLDER and all in it to that user and group
//   jci-inside fill TREE RUN         takes the names in TREE/gone away from TREE/files, makes TREE/next the TREE/manifest, and copies all in TREE/files
//                                    into RUN, which it empties before
//   jci-inside changed TREE RUN      puts links to what has changed in RUN since then into RUN/.jaypore-ci/run
//
// Exits with 0 when done, 1 where that cannot be (the reason is on stderr), 2 for other arguments. `reach` has no deadline: its starter has.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fts.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

// --- fill and changed ---

constexpr const char* k_mark = "/filled";       // of the tree: the time when a run got its files
constexpr const char* k_back = "/.jaypore-ci";  // of the run: what is to be fetched
// A file's ctime is as coarse as the kernel's clock ticks.
constexpr timespec k_tick{.tv_sec = 0, .tv_nsec = 20'000'000};

int complain(const std::string& path) {
  std::fprintf(stderr, "%s: %s\n", path.c_str(), std::strerror(errno));
  return k_failed;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string read_whole(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char piece[64 * 1024];
  for (ssize_t size = 0; (size = ::read(file.get(), piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(size));
  return text;
}

/// Calls `visit` with each entry below `folder` and its path relative to it ("" for itself); directories before and after what is in them. Follows no
/// link. False where it could not see all, or a visit was false.
bool walk(std::string folder, const std::function<bool(const FTSENT&, std::string_view)>& visit,
          std::string_view left_out = {}) {
  char* const folders[] = {folder.data(), nullptr};
  FTS* tree = ::fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, nullptr);
  if (tree == nullptr) return false;
  bool well = true;
  while (FTSENT* entry = ::fts_read(tree)) {
    if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
      errno = entry->fts_errno;
      complain(entry->fts_path);
      well = false;
      continue;
    }
    std::string_view path(entry->fts_path, entry->fts_pathlen);
    path.remove_prefix(folder.size() + (path.size() > folder.size() ? 1 : 0));
    if (!left_out.empty() && path == left_out)
      ::fts_set(tree, entry, FTS_SKIP);
    else
      well = visit(*entry, path) && well;
  }
  ::fts_close(tree);
  return well;
}

/// Removes `path` below `folder`, whatever links are on the way: through none of them.
void remove_below(const std::string& folder, std::string_view path) {
  int at = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (auto slash = path.find('/'); slash != std::string_view::npos && at >= 0;
       slash = path.find('/')) {
    const std::string part(path.substr(0, slash));
    const int next = ::openat(at, part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    ::close(at);
    at = next;
    path.remove_prefix(slash + 1);
  }
  if (at < 0) return;
  const std::string name(path);
  if (::unlinkat(at, name.c_str(), 0) != 0) ::unlinkat(at, name.c_str(), AT_REMOVEDIR);
  ::close(at);
}

/// The names in the file `gone`, each ended by a NUL, deepest last.
void remove_gone(const std::string& tree) {
  const std::string gone = read_whole(tree + "/gone");
  std::vector<std::string_view> names;
  for (std::size_t at = 0, end = 0; (end = gone.find('\0', at)) != std::string::npos; at = end + 1)
    names.emplace_back(gone.data() + at, end - at);
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    remove_below(tree + "/files", *name);
  ::unlink((tree + "/gone").c_str());
}

bool copy_bytes(const std::string& from, int to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (source.get() < 0) return false;
  ssize_t size = 0;
  while ((size = ::sendfile(to, source.get(), nullptr, 1 << 30)) > 0) {
  }
  return size == 0;
}

bool copy_file(const std::string& from, const std::string& to, const struct stat& facts) {
  const Descriptor file(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const timespec times[] = {facts.st_atim, facts.st_mtim};
  return file.get() >= 0 && copy_bytes(from, file.get()) &&
         ::fchown(file.get(), facts.st_uid, facts.st_gid) == 0 &&
         ::fchmod(file.get(), facts.st_mode & 07777) == 0 && ::futimens(file.get(), times) == 0;
}

bool copy_link(const std::string& from, const std::string& to, const struct stat& facts) {
  char target[PATH_MAX];
  const ssize_t size = ::readlink(from.c_str(), target, sizeof target - 1);
  if (size < 0) return false;
  target[size] = '\0';
  return ::symlink(target, to.c_str()) == 0 &&
         ::lchown(to.c_str(), facts.st_uid, facts.st_gid) == 0;
}

bool finish_folder(const std::string& to, const struct stat& facts) {
  const timespec times[] = {facts.st_atim, facts.st_mtim};
  return ::lchown(to.c_str(), facts.st_uid, facts.st_gid) == 0 &&
         ::chmod(to.c_str(), facts.st_mode & 07777) == 0 &&
         ::utimensat(AT_FDCWD, to.c_str(), times, 0) == 0;
}

bool copy_entry(const FTSENT& entry, const std::string& to) {
  switch (entry.fts_info) {
    case FTS_D:
      return ::mkdir(to.c_str(), 0700) == 0 || errno == EEXIST;
    case FTS_DP:
      return finish_folder(to, *entry.fts_statp);
    case FTS_F:
      return copy_file(entry.fts_accpath, to, *entry.fts_statp);
    case FTS_SL:
    case FTS_SLNONE:
      return copy_link(entry.fts_accpath, to, *entry.fts_statp);
    default:
      return true;
  }
}

/// Empties it, where there is something.
void clear(const std::string& folder) {
  walk(folder, [&](const FTSENT& entry, std::string_view path) {
    if (path.empty() || entry.fts_info == FTS_D) return true;
    const bool is_folder = entry.fts_info == FTS_DP;
    return (is_folder ? ::rmdir(entry.fts_accpath) : ::unlink(entry.fts_accpath)) == 0;
  });
}

int fill(const std::string& tree, const std::string& run) {
  remove_gone(tree);
  if (::rename((tree + "/next").c_str(), (tree + "/manifest").c_str()) != 0 && errno != ENOENT)
    return complain(tree + "/manifest");
  clear(run);
  const bool copied = walk(tree + "/files", [&](const FTSENT& entry, std::string_view path) {
    const std::string to = path.empty() ? run : run + '/' + std::string(path);
    if (copy_entry(entry, to)) return true;
    complain(to);
    return false;
  });
  if (!copied) return k_failed;
  // What has been changed at this time or later was not changed by us.
  ::nanosleep(&k_tick, nullptr);
  const std::string mark = tree + k_mark;
  const Descriptor made(::open(mark.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  return made.get() < 0 ? complain(mark) : k_done;
}

bool is_before(const timespec& one, const timespec& other) {
  return one.tv_sec != other.tv_sec ? one.tv_sec < other.tv_sec : one.tv_nsec < other.tv_nsec;
}

/// The folders above `path`, as they are in `run`.
bool make_folders(const std::string& run, const std::string& out, std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = '/' + std::string(path.substr(0, slash));
    struct stat facts{};
    if (::lstat((run + folder).c_str(), &facts) != 0) return false;
    if (::mkdir((out + folder).c_str(), (facts.st_mode & 07777) | S_IRWXU) != 0 && errno != EEXIST)
      return false;
  }
  return true;
}

int changed(const std::string& tree, const std::string& run) {
  struct stat mark{};
  if (::stat((tree + k_mark).c_str(), &mark) != 0) return complain(tree + k_mark);
  const std::string back = run + k_back;
  const std::string out = back + "/run";
  ::mkdir(back.c_str(), 0700);
  clear(back);
  if (::mkdir(out.c_str(), 0700) != 0) return complain(out);
  const auto gather = [&](const FTSENT& entry, std::string_view path) {
    if (path.empty() || entry.fts_info == FTS_DP) return true;
    if (is_before(entry.fts_statp->st_ctim, mark.st_mtim)) return true;
    const std::string to = out + '/' + std::string(path);
    const bool folder = entry.fts_info == FTS_D;
    if (make_folders(run, out, std::string(path) + (folder ? "/" : "")) &&
        (folder || ::link(entry.fts_accpath, to.c_str()) == 0 || errno == ENOENT))
      return true;
    complain(to);
    return false;
  };
  return walk(run, gather, std::string_view(k_back).substr(1)) ? k_done : k_failed;
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
  if (what == "fill" && count == 4) return fill(arguments[2], arguments[3]);
  if (what == "changed" && count == 4) return changed(arguments[2], arguments[3]);
  return k_wrong_arguments;
}
