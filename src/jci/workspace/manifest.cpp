// SPDX-License-Identifier: MIT
#include "jci/workspace/manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "jci/util/fd.hpp"
#include "jci/workspace/folder_io.hpp"

namespace jci::workspace {
namespace {

constexpr std::string_view k_magic = "jaypore workspace manifest 1\n";
constexpr const char* k_name = "manifest";
constexpr const char* k_new_name = "manifest.new";

/// Tells a torn or damaged file; no defence against forgery. Eight bytes at a time: the file has megabytes.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = bytes.size();
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;
    sum ^= sum >> 29;
  }
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

class Writer {
 public:
  template <typename T>
  void add(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void add(const std::string& text) {
    add(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_{k_magic};
};

/// Reads what Writer wrote. The checksum has been compared before, so only our own bug runs over the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    T value;
    std::memcpy(&value, take_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::string take_text() { return std::string(take_bytes(take<std::uint32_t>())); }

 private:
  std::string_view take_bytes(std::size_t size) {
    const auto bytes = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return bytes;
  }
  std::string_view bytes_;
};

void add(Writer& writer, const Entry& entry) {
  writer.add(entry.path);
  writer.add(entry.blob);
  writer.add(entry.kind);
  writer.add(entry.stat);
}

Entry take_entry(Reader& reader) {
  Entry entry;
  entry.path = reader.take_text();
  entry.blob = reader.take<BlobId>();
  entry.kind = reader.take<Kind>();
  entry.stat = reader.take<FileStat>();
  return entry;
}

std::optional<std::string> read_whole(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::read(fd, bytes.data() + have, size - have);
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

/// The manifest's body, if the file is whole and of this version.
std::optional<std::string_view> body_of(std::string_view bytes) {
  std::uint64_t sum = 0;
  if (bytes.size() < k_magic.size() + sizeof sum || !bytes.starts_with(k_magic))
    return std::nullopt;
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof sum, sizeof sum);
  bytes.remove_suffix(sizeof sum);
  if (checksum(bytes) != sum) return std::nullopt;
  return bytes.substr(k_magic.size());
}

}  // namespace

std::optional<Manifest> read_manifest(int slot_fd) {
  const Fd fd(::openat(slot_fd, k_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat st;
  if (!fd || ::fstat(fd.get(), &st) != 0) return std::nullopt;
  const auto bytes = read_whole(fd.get(), static_cast<std::size_t>(st.st_size));
  const auto body = bytes ? body_of(*bytes) : std::nullopt;
  if (!body) return std::nullopt;

  Reader reader(*body);
  Manifest manifest{.tree = reader.take_text(),
                    .filters = reader.take<std::uint64_t>(),
                    .umask = reader.take<mode_t>(),
                    .entries = {}};
  manifest.entries.resize(reader.take<std::uint64_t>());
  const auto written = FileStat::of(st).mtime;
  for (auto& entry : manifest.entries) {
    entry = take_entry(reader);
    if (entry.stat.ctime >= written) entry.stat = {};
  }
  return manifest;
}

void write_manifest(int slot_fd, const Manifest& manifest) {
  Writer writer;
  writer.bytes().reserve(128 * (manifest.entries.size() + 1));
  writer.add(manifest.tree);
  writer.add(manifest.filters);
  writer.add(manifest.umask);
  writer.add(std::uint64_t{manifest.entries.size()});
  for (const auto& entry : manifest.entries) add(writer, entry);
  writer.add(checksum(writer.bytes()));
  write_file(slot_fd, k_new_name, writer.bytes());
  rename_file(slot_fd, k_new_name, k_name);
}

}  // namespace jci::workspace
