// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include "jci/executors/docker/listing.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/tar.hpp"
#include "temporary_directory.hpp"

namespace jci::tar {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// The same letter in two ways, neither of which may become the other; and bytes that are no UTF-8.
constexpr const char* k_composed = "\u00e9";
constexpr const char* k_decomposed = "e\u0301";
constexpr const char* k_latin = "\xe9t\xe9 \n";

struct Pair {
  Pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    one = Fd(ends[0]);
    other = Fd(ends[1]);
  }
  Fd one;
  Fd other;
};

/// A file's mode and content, a link's target, "directory" with its mode: by path.
std::map<std::string, std::string> tree(const fs::path& top) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(top)) {
    struct stat facts{};
    ::lstat(entry.path().c_str(), &facts);
    const std::string name = entry.path().lexically_relative(top);
    const unsigned mode = facts.st_mode & 07777;
    if (entry.is_symlink()) {
      found[name] = "-> " + fs::read_symlink(entry.path()).native();
    } else if (entry.is_directory()) {
      found[name] = fmt::format("directory {:o}", mode);
    } else {
      std::ifstream file(entry.path());
      found[name] =
          fmt::format("{:o} {}", mode, std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }
  return found;
}

void write(const fs::path& path, std::string_view text, mode_t mode = 0644) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

void fill(const fs::path& top) {
  write(top / "plain", "text");
  write(top / "program", "#!/bin/sh\n", 0755);
  write(top / "private", "", 0600);
  write(top / "deep/er/file", std::string(300'000, 'x'));
  fs::create_directories(top / "empty");
  fs::create_symlink("../deep", top / "empty/link");
  fs::create_symlink("/no/such/place", top / "dangling");
  for (const char* name : {k_composed, k_decomposed, k_latin}) {
    write(top / name, name);
    fs::create_symlink(name, top / fmt::format("to {}", name));
  }
  write(top / (std::string(150, 'l') + k_decomposed), "long");
}

Parcel all_in(const fs::path& directory) {
  Parcel parcel{.directory = directory, .names = {}, .prefix = "."};
  for (const auto& [name, facts] : docker::list_directory(directory)) parcel.names.push_back(name);
  return parcel;
}

class Tar : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(from());
    fs::create_directories(to());
  }
  fs::path from() const { return top_.path() / "run"; }
  fs::path to() const { return top_.path() / "to"; }
  fs::path archive() const { return top_.path() / "archive.tar"; }

  void shell(const std::string& command) const {
    const std::string line = fmt::format("cd '{}' && {}", top_.path().native(), command);
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  }
  /// Into `archive`.
  std::expected<void, std::string> pack_to_file() const {
    Pair sockets;
    std::string bytes;
    std::thread reader([&] {
      char piece[4096];
      for (ssize_t size = 0; (size = ::read(sockets.other.get(), piece, sizeof piece)) > 0;)
        bytes.append(piece, static_cast<std::size_t>(size));
    });
    auto packed = pack(all_in(from()), sockets.one.get());
    sockets.one.reset();
    reader.join();
    std::ofstream(archive()) << bytes;
    return packed;
  }
  std::vector<std::string> unpack_file() const {
    Pair sockets;
    std::thread writer([&] {
      std::ifstream file(archive());
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t size =
            ::send(sockets.other.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (size < 0) break;
        sent += static_cast<std::size_t>(size);
      }
      sockets.other.reset();
    });
    auto problems = unpack(sockets.one.get(), to());
    sockets.one.reset();
    writer.join();
    return problems;
  }

  TemporaryDirectory top_;
};

TEST_F(Tar, PacksAllThatADirectoryHas) {
  fill(from());
  ::chmod(from().c_str(), 0750);
  ASSERT_TRUE(pack_to_file().has_value());
  shell("tar -C to --warning=no-unknown-keyword -xpf archive.tar");
  EXPECT_EQ(tree(to()), tree(from()));
  struct stat facts{};
  ::stat(to().c_str(), &facts);
  EXPECT_EQ(facts.st_mode & 07777, 0750U);
}

TEST_F(Tar, PacksSomeOfADirectoryAndTextsBesideIt) {
  write(from() / "a", "a");
  write(from() / "b", "b");
  fs::create_directory(from() / "folder");
  write(from() / "folder/c", "c");
  write(from() / "folder/d", "d");
  Pair sockets;
  const Parcel parcel{.directory = from(),
                      .names = {"b", "gone", "folder", "folder/d"},
                      .prefix = "files",
                      .texts = {{"list", "of them"}, {"nothing", ""}}};
  ASSERT_TRUE(pack(parcel, sockets.one.get()).has_value());
  sockets.one.reset();
  std::string bytes(100'000, ' ');
  bytes.resize(static_cast<std::size_t>(
      ::recv(sockets.other.get(), bytes.data(), bytes.size(), MSG_WAITALL)));
  std::ofstream(archive()) << bytes;
  shell("tar -C to --warning=no-unknown-keyword -xpf archive.tar");
  EXPECT_THAT(tree(to()),
              UnorderedElementsAre(
                  std::pair("files", "directory 755"), std::pair("files/b", "644 b"),
                  std::pair("files/folder", "directory 755"), std::pair("files/folder/d", "644 d"),
                  std::pair("list", "600 of them"), std::pair("nothing", "600 ")));
}

TEST_F(Tar, LeavesOutWhatIsNoFile) {
  write(from() / "a", "a");
  ::mkfifo((from() / "fifo").c_str(), 0600);
  ASSERT_TRUE(pack_to_file().has_value());
  shell("tar -C to --warning=no-unknown-keyword -xpf archive.tar");
  EXPECT_THAT(tree(to()), ElementsAre(std::pair("a", "644 a")));
}

TEST_F(Tar, SaysWhatCannotBePacked) {
  EXPECT_EQ(
      pack({.directory = top_.path() / "none", .names = {""}, .prefix = "."}, 0).error(),
      fmt::format("cannot look at `{}/none`: No such file or directory", top_.path().native()));
}

TEST_F(Tar, SaysWhichFileBecameShorter) {
  write(from() / "log", std::string(5'000'000, 'x'));
  Pair sockets;
  std::expected<void, std::string> packed;
  std::thread packing([&] {
    packed = pack(all_in(from()), sockets.one.get());
    sockets.one.reset();
  });
  // The socket does not take that much: when something comes, the file is being read, and not to its end.
  char piece[4096];
  ASSERT_GT(::read(sockets.other.get(), piece, sizeof piece), 0);
  fs::resize_file(from() / "log", 10);
  std::string rest;
  for (ssize_t size = 0; (size = ::read(sockets.other.get(), piece, sizeof piece)) > 0;)
    rest.append(piece, static_cast<std::size_t>(size));
  packing.join();
  EXPECT_EQ(packed.error(),
            fmt::format("`{}/log` became shorter while it was being read", from().native()));
  EXPECT_LT(rest.size(), 5'000'000U);
}

TEST_F(Tar, PacksNoMoreWhereNobodyReads) {
  write(from() / "log", std::string(5'000'000, 'x'));
  Pair sockets;
  sockets.other.reset();
  EXPECT_TRUE(pack(all_in(from()), sockets.one.get()).has_value());
}

TEST_F(Tar, UnpacksWithoutTheFirstPartOfNames) {
  fill(from());
  for (const char* format : {"posix", "gnu"}) {
    shell(fmt::format("rm -rf to/* && tar -cf archive.tar --format={} run", format));
    EXPECT_THAT(unpack_file(), IsEmpty());
    EXPECT_EQ(tree(to()), tree(from()));
  }
}

TEST_F(Tar, ReplacesFilesAndLeavesOthersAlone) {
  write(from() / "changed", "new", 0755);
  write(to() / "changed", "old");
  write(to() / "other", "stays");
  fs::create_hard_link(to() / "changed", top_.path() / "witness");
  write(from() / "was a link", "file");
  write(top_.path() / "target", "untouched");
  fs::create_symlink("../target", to() / "was a link");
  shell("tar -cf archive.tar run");
  EXPECT_THAT(unpack_file(), IsEmpty());
  EXPECT_EQ(tree(to()),
            (std::map<std::string, std::string>{
                {"changed", "755 new"}, {"other", "644 stays"}, {"was a link", "644 file"}}));
  EXPECT_EQ(tree(top_.path())["target"], "644 untouched");
  EXPECT_EQ(tree(top_.path())["witness"], "644 old");
}

TEST_F(Tar, UnpacksFilesThatHaveTwoNames) {
  write(from() / "a", "a");
  fs::create_hard_link(from() / "a", from() / "b");
  shell("tar -cf archive.tar run");
  EXPECT_THAT(unpack_file(), IsEmpty());
  EXPECT_EQ(tree(to()), (std::map<std::string, std::string>{{"a", "644 a"}, {"b", "644 a"}}));
}

TEST_F(Tar, LetsTheUserIntoEachDirectory) {
  write(from() / "closed/a", "a");
  ::chmod((from() / "closed").c_str(), 0);
  shell("tar -cf archive.tar --mode=0555 run");
  EXPECT_THAT(unpack_file(), IsEmpty());
  EXPECT_EQ(tree(to()), (std::map<std::string, std::string>{{"closed", "directory 755"},
                                                            {"closed/a", "555 a"}}));
  ::chmod((from() / "closed").c_str(), 0700);
}

TEST_F(Tar, KeepsNoSpecialBits) {
  write(from() / "a", "a");
  shell("tar -cf archive.tar --mode=6755 run");
  EXPECT_THAT(unpack_file(), IsEmpty());
  EXPECT_THAT(tree(to()), ElementsAre(std::pair("a", "755 a")));
}

TEST_F(Tar, TakesAnAbsoluteNameForOneBelowTheDirectory) {
  write(from() / "a/b", "b");
  shell("tar -cPf archive.tar --transform 's,^run,,' --transform 's,^$,/,' run");
  EXPECT_THAT(unpack_file(), IsEmpty());
  EXPECT_THAT(tree(to()), ElementsAre(std::pair("a", "directory 755"), std::pair("a/b", "644 b")));
}

TEST_F(Tar, WritesNothingOutsideOfTheDirectory) {
  write(from() / "evil", "evil");
  write(from() / "good", "good");
  // Each an archive of names that lead out; afterwards, one where a link is written through.
  for (const char* prefix : {"run/../../", "/../", "../run/", "run/x/../../../"}) {
    shell(fmt::format("tar -cPf archive.tar --transform 's,^run/evil,{}evil,' run/evil run/good",
                      prefix));
    const auto problems = unpack_file();
    if (std::string_view(prefix) != "../run/") {
      ASSERT_EQ(problems.size(), 1U) << prefix;
      EXPECT_THAT(problems[0], StartsWith(fmt::format("`{}evil`: ", prefix)));
    }
    EXPECT_EQ(tree(to())["good"], "644 good");
    EXPECT_FALSE(fs::exists(top_.path() / "evil"));
    EXPECT_FALSE(fs::exists(top_.path().parent_path() / "evil"));
  }
}

TEST_F(Tar, WritesThroughNoLinkOfTheArchive) {
  fs::create_directories(top_.path() / "outside");
  fs::create_directories(from() / "one");
  fs::create_symlink("../outside", from() / "way");
  write(from() / "one/evil", "evil");
  shell("tar -cPf archive.tar --transform 's,^run/one/evil,run/way/evil,' run/way run/one/evil");
  unpack_file();
  EXPECT_THAT(tree(top_.path() / "outside"), IsEmpty());
}

TEST_F(Tar, LinksToNoFileOutside) {
  write(top_.path() / "secret", "secret");
  write(from() / "a", "a");
  fs::create_hard_link(from() / "a", from() / "b");
  shell("tar -cPf archive.tar --transform 's,^run/a,run/../secret,h;' run/a run/b");
  unpack_file();
  EXPECT_FALSE(fs::exists(to() / "b"));
}

TEST_F(Tar, GoesOnAfterWhatCannotBeWritten) {
  for (int number = 0; number < 7; ++number) {
    write(from() / fmt::format("{}", number), "file");
    write(to() / fmt::format("{}/full", number), "directory");
  }
  write(from() / "last", "last");
  shell("tar -cf archive.tar --sort=name run");
  const auto problems = unpack_file();
  ASSERT_EQ(problems.size(), 6U);
  EXPECT_THAT(problems[0], StartsWith("`run/0`: "));
  EXPECT_EQ(problems[5], "and 2 other files");
  EXPECT_EQ(tree(to())["last"], "644 last");
}

TEST_F(Tar, SaysThatAnArchiveBreaksOff) {
  write(from() / "a", std::string(100'000, 'x'));
  shell("tar -cf whole.tar run && head -c 50000 whole.tar >archive.tar");
  EXPECT_THAT(unpack_file(), ElementsAre(HasSubstr("runcated")));
}

TEST_F(Tar, ReadsTheFirstFile) {
  const auto first = [this](std::size_t most, std::size_t cut) {
    std::ifstream file(archive());
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    return first_file(std::string_view(bytes).substr(0, cut), most).value_or("nothing");
  };
  write(from() / "a", "0123456789");
  shell("tar -C run -cf archive.tar a");
  EXPECT_EQ(first(100, 100'000), "0123456789");
  EXPECT_EQ(first(4, 100'000), "0123");
  EXPECT_EQ(first(4, 100), "nothing");
  write(from() / "a", std::string(1'000'000, 'x'));
  shell("tar -C run -cf archive.tar a");
  EXPECT_EQ(first(4, 100'000), "xxxx");
  shell("ln -sf /etc/passwd run/link && tar -C run -cf archive.tar link");
  EXPECT_EQ(first(4, 100'000), "nothing");
  shell("tar -cf archive.tar run");
  EXPECT_EQ(first(4, 100'000), "nothing");
}

}  // namespace
}  // namespace jci::tar
