// SPDX-License-Identifier: MIT
#include "jci/workspace/git_dir_libgit2.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include "jci/util/fd.hpp"
#include "jci/workspace/folder_io.hpp"

namespace jci::workspace {
namespace {

// --- The index ---

std::uint32_t git_mode(Kind kind) {
  switch (kind) {
    case Kind::file:
      return GIT_FILEMODE_BLOB;
    case Kind::executable:
      return GIT_FILEMODE_BLOB_EXECUTABLE;
    case Kind::link:
      return GIT_FILEMODE_LINK;
    case Kind::submodule:
      return GIT_FILEMODE_COMMIT;
  }
  return GIT_FILEMODE_UNREADABLE;
}

git_index_time to_index_time(std::int64_t nanoseconds) {
  return {static_cast<std::int32_t>(nanoseconds / 1'000'000'000),
          static_cast<std::uint32_t>(nanoseconds % 1'000'000'000)};
}

/// What all files of the Workspace have in common.
git_index_entry common_entry(int root) {
  struct stat st;
  if (::fstat(root, &st) != 0)
    throw std::system_error(errno, std::generic_category(), "read `run`");
  git_index_entry item{};
  item.dev = static_cast<std::uint32_t>(st.st_dev);
  item.uid = ::geteuid();
  item.gid = (st.st_mode & S_ISGID) != 0 ? st.st_gid : ::getegid();
  return item;
}

void fill_in(git_index_entry& item, const Entry& entry) {
  item.path = entry.path.c_str();
  item.mode = git_mode(entry.kind);
  std::memcpy(item.id.id, entry.blob.data(), entry.blob.size());
  item.ctime = to_index_time(entry.stat.ctime);
  item.mtime = to_index_time(entry.stat.mtime);
  item.ino = static_cast<std::uint32_t>(entry.stat.inode);
  item.file_size = static_cast<std::uint32_t>(entry.stat.size);
}

// --- The git directory ---

/// All branches and tags, in the format of git's packed-refs; git itself finds out what tags point to.
std::string packed_refs(git_repository* repository) {
  std::string lines;
  const auto refs = git::make<git::ReferenceIterator>(git_reference_iterator_new, repository);
  git_reference* raw = nullptr;
  while (git_reference_next(&raw, refs.get()) == 0) {
    const git::Reference reference(raw);
    const std::string_view name = git_reference_name(raw);
    const git_oid* target = git_reference_target(raw);
    const bool wanted = name.starts_with("refs/heads/") || name.starts_with("refs/tags/") ||
                        name.starts_with("refs/remotes/");
    if (wanted && target != nullptr) lines += fmt::format("{} {}\n", git::to_hex(*target), name);
  }
  return lines;
}

/// The few settings without which `git status` would see other contents than the repository's.
std::string config(git_repository* repository) {
  std::string text = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n";
  for (const char* name : {"autocrlf", "eol"})
    if (const auto value = git::setting(repository, fmt::format("core.{}", name).c_str()))
      text += fmt::format("\t{} = {}\n", name, *value);
  return text;
}

void copy_if_there(const std::string& from, int folder, const std::string& name) {
  std::ifstream stream(from, std::ios::binary);
  if (stream) write_file(folder, name, std::string{std::istreambuf_iterator<char>(stream), {}});
}

Fd new_folder(int parent, const std::string& name) {
  make_folder(parent, name);
  return open_folder(parent, name);
}

}  // namespace

void write_index(const std::string& slot_path, int root, const Entries& entries) {
  const auto path = slot_path + "/index";
  ::unlink(path.c_str());
  const auto index = git::make<git::Index>(git_index_open, path.c_str());
  auto item = common_entry(root);
  for (const auto& entry : entries) {
    fill_in(item, entry);
    git::check(git_index_add(index.get(), &item));
  }
  git::check(git_index_write(index.get()));
}

void write_git_dir(int slot, int root, git_repository* repository, const git_oid& commit) {
  const std::string common = git_repository_commondir(repository);
  remove(root, ".git");
  const Fd git_dir = new_folder(root, ".git");
  const Fd info = new_folder(git_dir.get(), "info");
  const Fd objects = new_folder(git_dir.get(), "objects");
  const Fd objects_info = new_folder(objects.get(), "info");
  make_folder(objects.get(), "pack");
  const Fd refs = new_folder(git_dir.get(), "refs");
  make_folder(refs.get(), "heads");
  make_folder(refs.get(), "tags");
  write_file(git_dir.get(), "HEAD", git::to_hex(commit) + "\n");
  write_file(git_dir.get(), "config", config(repository));
  write_file(git_dir.get(), "packed-refs", packed_refs(repository));
  write_file(objects_info.get(), "alternates", common + "objects\n");
  copy_if_there(common + "shallow", git_dir.get(), "shallow");
  copy_if_there(common + "info/attributes", info.get(), "attributes");
  copy_file(slot, "index", git_dir.get(), "index");
}

}  // namespace jci::workspace
