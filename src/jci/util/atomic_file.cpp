// SPDX-License-Identifier: MIT
#include "jci/util/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "jci/util/fd.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file) {
  throw std::system_error(errno, std::generic_category(), "cannot write `" + file.string() + "`");
}

/// A new file beside another one, removed unless it has taken its place.
class Beside {
 public:
  Beside(const fs::path& file, unsigned mode) : file_(file) {
    // A name may be taken: by another thread, or by a process of the same number that died.
    for (int i = 0; !fd_ && i < 1000; ++i) {
      name_ = fmt::format("{}.{}-{}.new", file.native(), ::getpid(), i);
      fd_.reset(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
      if (!fd_ && errno != EEXIST) fail(file_);
    }
    if (!fd_) fail(file_);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() {
    if (fd_) ::unlink(name_.c_str());
  }

  void fill(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(file_);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd_.get()) != 0) fail(file_);
  }

  void take_its_place() {
    if (::rename(name_.c_str(), file_.c_str()) != 0) fail(file_);
    fd_.reset();
  }

 private:
  const fs::path& file_;
  std::string name_;
  Fd fd_;
};

/// So that the new name survives a power cut as well.
void sync_directory(const fs::path& file) {
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
}

}  // namespace

void write_atomically(const fs::path& file, std::string_view bytes, unsigned mode) {
  Beside beside(file, mode);
  beside.fill(bytes);
  beside.take_its_place();
  sync_directory(file);
}

}  // namespace jci
