// SPDX-License-Identifier: MIT
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <clocale>
#include <memory>
#include <system_error>
#include <utility>

#include "jci/util/fd.hpp"
#include "jci/util/tar_module.hpp"

namespace jci::tar {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_piece = 64UL * 1024;
constexpr std::size_t k_named_problems = 5;

struct FreeArchive {
  void operator()(archive* handle) const { archive_free(handle); }
};
using ArchivePtr = std::unique_ptr<archive, FreeArchive>;

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using EntryPtr = std::unique_ptr<archive_entry, FreeEntry>;

/// libarchive converts names between the archive's UTF-8 and the locale, by which some become others. In the C locale of this thread it can
/// convert none but ASCII, and takes the rest as the bytes that they are.
class BytesForNames {
 public:
  BytesForNames()
      : locale_(::newlocale(LC_ALL_MASK, "C", nullptr)), before_(::uselocale(locale_)) {}
  BytesForNames(const BytesForNames&) = delete;
  BytesForNames& operator=(const BytesForNames&) = delete;
  ~BytesForNames() {
    ::uselocale(before_);
    ::freelocale(locale_);
  }

 private:
  locale_t locale_;
  locale_t before_;
};

std::string error_of(archive* handle) {
  const char* text = archive_error_string(handle);
  return text == nullptr ? "unknown error" : text;
}

std::string system_text(int error) { return std::system_category().message(error); }

// --- packing ---

/// Why the whole cannot be packed.
struct CannotPack {
  std::string why;
};

class Packer {
 public:
  Packer(const fs::path& top, int to, const std::string& prefix)
      : top_(top), to_(to), prefix_(prefix), out_(archive_write_new()) {
    archive_write_set_format_pax_restricted(out_.get());
    archive_write_set_options(out_.get(), "hdrcharset=BINARY");
    archive_write_set_bytes_per_block(out_.get(), k_piece);
    archive_write_set_bytes_in_last_block(out_.get(), 1);
    check(archive_write_open(out_.get(), this, nullptr, write_piece, nullptr));
  }

  void pack(const Parcel& parcel) {
    for (const std::string& name : parcel.names) add(name);
    for (const auto& [name, text] : parcel.texts) add_text(name, text);
    check(archive_write_close(out_.get()));
  }
  /// Nothing more is to be written: no end that would make a part look like the whole.
  void give_up() { gave_up_ = true; }
  bool nobody_reads() const { return send_error_ == EPIPE || send_error_ == ECONNRESET; }

 private:
  /// `name` is relative to the top; empty: the top itself.
  void add(const fs::path& name) {
    const fs::path path = name.empty() ? top_ : top_ / name;
    struct stat facts{};
    if (::lstat(path.c_str(), &facts) != 0) {
      if (errno == ENOENT && !name.empty()) return;
      fail("look at", path);
    }
    if (S_ISREG(facts.st_mode)) return add_file(path, name);
    if (S_ISLNK(facts.st_mode)) return add_link(path, name, facts);
    if (!S_ISDIR(facts.st_mode)) return;
    write_header(name, facts);
  }

  void add_link(const fs::path& path, const fs::path& name, const struct stat& facts) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    if (error == std::errc::no_such_file_or_directory) return;
    if (error)
      throw CannotPack{
          fmt::format("cannot read the link `{}`: {}", path.native(), error.message())};
    archive_entry_copy_symlink(entry_.get(), target.c_str());
    write_header(name, facts);
  }

  void add_file(const fs::path& path, const fs::path& name) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return;
    struct stat facts{};
    if (!file || ::fstat(file.get(), &facts) != 0) fail("read", path);
    if (!S_ISREG(facts.st_mode)) return;  // has become something else just now
    write_header(name, facts);
    // What it has grown since is not ours to send: its size has been told.
    for (off_t left = facts.st_size; left > 0;) left -= copy_piece(file, path, left);
  }

  void add_text(const std::string& name, const std::string& text) {
    archive_entry_set_filetype(entry_.get(), AE_IFREG);
    archive_entry_set_perm(entry_.get(), S_IRUSR | S_IWUSR);
    archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(text.size()));
    archive_entry_copy_pathname(entry_.get(), name.c_str());
    check(archive_write_header(out_.get(), entry_.get()));
    archive_entry_clear(entry_.get());
    check(archive_write_data(out_.get(), text.data(), text.size()) < 0 ? ARCHIVE_FATAL
                                                                       : ARCHIVE_OK);
  }

  off_t copy_piece(const Fd& file, const fs::path& path, off_t left) {
    const auto wanted = static_cast<std::size_t>(std::min<off_t>(left, k_piece));
    const ssize_t size = ::read(file.get(), piece_.data(), wanted);
    if (size < 0 && errno == EINTR) return 0;
    if (size < 0) fail("read", path);
    if (size == 0)
      throw CannotPack{fmt::format("`{}` became shorter while it was being read", path.native())};
    const auto bytes = static_cast<std::size_t>(size);
    check(archive_write_data(out_.get(), piece_.data(), bytes) < 0 ? ARCHIVE_FATAL : ARCHIVE_OK);
    return size;
  }

  void write_header(const fs::path& name, const struct stat& facts) {
    archive_entry_copy_stat(entry_.get(), &facts);
    const fs::path shown = prefix_ / name;
    archive_entry_copy_pathname(entry_.get(), shown.empty() ? "." : shown.c_str());
    if (!S_ISREG(facts.st_mode)) archive_entry_set_size(entry_.get(), 0);
    check(archive_write_header(out_.get(), entry_.get()));
    archive_entry_clear(entry_.get());
  }

  void check(int result) const {
    if (send_error_ != 0)
      throw CannotPack{fmt::format("cannot hand on the archive: {}", system_text(send_error_))};
    if (result < ARCHIVE_WARN) throw CannotPack{error_of(out_.get())};
  }

  [[noreturn]] static void fail(std::string_view action, const fs::path& path) {
    throw CannotPack{fmt::format("cannot {} `{}`: {}", action, path.native(), system_text(errno))};
  }

  // Never fails: libarchive would leak. `check` tells of errors.
  static la_ssize_t write_piece(archive* /*out*/, void* self, const void* bytes, std::size_t size) {
    auto& packer = *static_cast<Packer*>(self);
    const auto taken = static_cast<la_ssize_t>(size);
    if (packer.gave_up_ || packer.send_error_ != 0) return taken;
    ssize_t sent = -1;
    do sent = ::send(packer.to_, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) return sent;
    packer.send_error_ = errno;
    return taken;
  }

  const fs::path& top_;
  const int to_;
  const fs::path prefix_;
  bool gave_up_ = false;
  int send_error_ = 0;
  std::array<char, k_piece> piece_{};
  EntryPtr entry_{archive_entry_new()};
  ArchivePtr out_;
};

std::expected<void, std::string> pack_parcel(const Parcel& parcel, int to) {
  const BytesForNames bytes;
  const auto packer = std::make_unique<Packer>(parcel.directory, to, parcel.prefix);
  try {
    packer->pack(parcel);
  } catch (const CannotPack& failure) {
    packer->give_up();
    if (!packer->nobody_reads()) return std::unexpected(failure.why);
  }
  return {};
}

// --- unpacking ---

/// A few in full, of the others the number.
class Problems {
 public:
  void add(std::string text) {
    if (texts_.size() < k_named_problems)
      texts_.push_back(std::move(text));
    else
      ++others_;
  }
  std::vector<std::string> take() {
    if (others_ > 0) texts_.push_back(fmt::format("and {} other files", others_));
    return std::move(texts_);
  }

 private:
  std::vector<std::string> texts_;
  std::size_t others_ = 0;
};

class Unpacker {
 public:
  explicit Unpacker(const fs::path& directory)
      // Without links in it: libarchive follows none, those on the way to the directory included.
      : top_(fs::canonical(directory)), in_(archive_read_new()), out_(archive_write_disk_new()) {
    archive_read_support_format_tar(in_.get());
    archive_write_disk_set_options(out_.get(), ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK |
                                                   ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                                                   ARCHIVE_EXTRACT_SECURE_SYMLINKS);
  }

  std::vector<std::string> unpack(int from) {
    if (archive_read_open_fd(in_.get(), from, k_piece) != ARCHIVE_OK) return {error_of(in_.get())};
    for (;;) {
      archive_entry* entry = nullptr;
      const int read = archive_read_next_header(in_.get(), &entry);
      if (read == ARCHIVE_EOF) break;
      if (read < ARCHIVE_WARN) {
        problems_.add(fmt::format("the archive breaks off: {}", error_of(in_.get())));
        break;
      }
      if (!take(*entry)) break;
    }
    if (archive_write_close(out_.get()) < ARCHIVE_WARN) problems_.add(error_of(out_.get()));
    return problems_.take();
  }

 private:
  /// False where there is no going on.
  bool take(archive_entry& entry) {
    const char* told = archive_entry_pathname(&entry);
    const std::string name = told == nullptr ? "" : told;
    const std::optional<std::string> place = place_of(name);
    if (!place) return leave_out(name, "its name leads elsewhere, or is too long");
    if (place->empty()) return true;  // the directory itself
    archive_entry_copy_pathname(&entry, place->c_str());
    if (const char* other = archive_entry_hardlink(&entry)) {
      const std::optional<std::string> target = place_of(other);
      if (!target || target->empty()) return leave_out(name, "it is a link to elsewhere");
      archive_entry_copy_hardlink(&entry, target->c_str());
    } else if (!is_plain(archive_entry_filetype(&entry))) {
      return leave_out(name, "it is neither file, directory nor link");
    }
    // One that nobody may enter could not be removed either.
    if (archive_entry_filetype(&entry) == AE_IFDIR)
      archive_entry_set_perm(&entry, archive_entry_perm(&entry) | S_IRWXU);
    const int written = archive_read_extract2(in_.get(), &entry, out_.get());
    if (written != ARCHIVE_OK) leave_out(name, error_of(in_.get()));
    return written != ARCHIVE_FATAL;
  }

  static bool is_plain(unsigned type) {
    return type == AE_IFREG || type == AE_IFDIR || type == AE_IFLNK;
  }

  bool leave_out(const std::string& name, std::string_view why) {
    problems_.add(fmt::format("`{}`: {}", name, why));
    return true;
  }

  /// Where "run/a/b" goes, and "/a/b", as Podman calls what is in a volume. Empty: it is the directory itself; nothing: not to us. Of what comes between, such as "..", libarchive takes care.
  std::optional<std::string> place_of(std::string_view name) const {
    const auto slash = name.find('/');
    const std::string_view rest = slash == std::string_view::npos ? "" : name.substr(slash + 1);
    if (rest.empty()) return name.empty() ? std::nullopt : std::optional<std::string>("");
    std::string place = fmt::format("{}/{}", top_.native(), rest);
    // For longer ones libarchive would change the working directory, which all threads share.
    if (place.size() >= PATH_MAX) return std::nullopt;
    return place;
  }

  const fs::path top_;
  Problems problems_;
  ArchivePtr in_;
  ArchivePtr out_;
};

std::vector<std::string> unpack_into(int from, const fs::path& directory) {
  const BytesForNames bytes;
  // libarchive asks for the umask by setting it. Where this is allowed, other threads do not notice.
  ::unshare(CLONE_FS);
  try {
    return Unpacker(directory).unpack(from);
  } catch (const fs::filesystem_error& error) {
    return {error.what()};
  }
}

// --- one file ---

std::optional<std::string> first_file_of(std::string_view tar, std::size_t max_bytes) {
  const BytesForNames bytes;
  const ArchivePtr in(archive_read_new());
  archive_read_support_format_tar(in.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_memory(in.get(), tar.data(), tar.size()) != ARCHIVE_OK ||
      archive_read_next_header(in.get(), &entry) < ARCHIVE_WARN)
    return std::nullopt;
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
    return std::nullopt;
  std::string text(max_bytes, '\0');
  const la_ssize_t size = archive_read_data(in.get(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace
}  // namespace jci::tar

extern "C" const jci::tar::TarModule jci_util_tar = {
    .pack = jci::tar::pack_parcel,
    .unpack = jci::tar::unpack_into,
    .first_file = jci::tar::first_file_of,
};
