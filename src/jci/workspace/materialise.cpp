// SPDX-License-Identifier: MIT
#include "jci/workspace/materialise.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "jci/workspace/folder_io.hpp"
#include "jci/workspace/folders.hpp"
#include "jci/workspace/umask.hpp"

namespace jci::workspace {
namespace {

/// An open directory and its path, shared by the tasks below it.
struct Place {
  Fd fd;
  std::string path;
};

/// Files to write in one directory, or a directory to bring in order.
struct Task {
  std::shared_ptr<const Place> place;
  std::vector<Folder::Child> files;  ///< to write in `place`; empty: the task is a directory
  Folder::Child folder{};            ///< in `place`; without a name `place` itself
};

/// Tasks that several threads take and add. The last one added comes first, which keeps few directories open.
class Tasks {
 public:
  void add(std::vector<Task> tasks) {
    if (tasks.empty()) return;
    const std::lock_guard lock(mutex_);
    for (auto& task : tasks) tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  /// Waits for a task; nothing when all are done or one has failed. Each task taken must be followed by `done`.
  std::optional<Task> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !tasks_.empty() || busy_ == 0 || failure_; });
    if (tasks_.empty() || failure_) return std::nullopt;
    auto task = std::move(tasks_.back());
    tasks_.pop_back();
    ++busy_;
    return task;
  }

  void done(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    --busy_;
    if (!failure_) failure_ = std::move(failure);
    if (busy_ == 0 || failure_) changed_.notify_all();
  }

  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> tasks_;
  int busy_ = 0;
  std::exception_ptr failure_;
};

[[noreturn]] void throw_for(const std::system_error& error, const std::string& folder) {
  const auto message = fmt::format("cannot prepare the workspace `{}`: {}", folder, error.what());
  const int code = error.code().value();
  if (code == EACCES || code == EPERM) throw SlotUnusable(message);
  throw TriggerFailed(message);
}

class Materialiser {
 public:
  Materialiser(int root, const std::string& path, Entries& entries)
      : entries_(entries), folders_(folders_of(entries)), mode_(0777 & ~current_umask()) {
    auto place = std::make_shared<Place>(Place{open_folder(root, "."), path});
    std::vector<Task> first;
    first.push_back({.place = std::move(place), .files = {}});
    tasks_.add(std::move(first));
  }

  bool run(const ContentFactory& make_content) {
    const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < count; ++i) helpers.emplace_back([&] { work(make_content); });
    work(make_content);
    helpers.clear();
    tasks_.rethrow_failure();
    return written_;
  }

 private:
  void work(const ContentFactory& make_content) {
    std::unique_ptr<Content> content;  // made by the first file: most runs write none
    while (auto task = tasks_.take()) {
      std::exception_ptr failure;
      try {
        if (!content && !task->files.empty()) content = make_content();
        perform(*task, content.get());
      } catch (...) {
        failure = std::current_exception();
      }
      tasks_.done(std::move(failure));
    }
  }

  void perform(const Task& task, Content* content) {
    try {
      if (task.files.empty())
        order(task);
      else
        for (const auto& file : task.files) write(*task.place, file, *content);
    } catch (const std::system_error& error) {
      throw_for(error, task.place->path);
    }
  }

  // --- One directory ---

  void order(const Task& task) {
    if (task.folder.name.empty()) return order_content(task.place, folders_.front(), false);
    const int parent = task.place->fd.get();
    const bool made = make_folder(parent, task.folder.name);
    auto place = std::make_shared<Place>(
        Place{open_folder(parent, task.folder.name), task.place->path + "/" + task.folder.name});
    if (!made) restore_mode(*place);
    order_content(place, folders_[task.folder.index], made);
  }

  void restore_mode(const Place& place) const {
    struct stat st;
    if (::fstat(place.fd.get(), &st) == 0 && (st.st_mode & 0777) != mode_ &&
        ::fchmod(place.fd.get(), mode_) != 0)
      throw std::system_error(errno, std::generic_category(),
                              "change the mode of `" + place.path + "`");
  }

  void order_content(const std::shared_ptr<const Place>& place, const Folder& folder, bool is_new) {
    std::vector<Task> tasks;
    std::vector<Folder::Child> files = is_new ? files_of(folder) : compare(*place, folder);
    for (const auto& child : folder.children)
      if (child.is_folder) tasks.push_back({.place = place, .files = {}, .folder = child});
    for (std::size_t i = 0; i < files.size(); i += k_files_per_task) {
      const auto part = std::span(files).subspan(i, std::min(k_files_per_task, files.size() - i));
      tasks.push_back({.place = place, .files = {part.begin(), part.end()}});
    }
    tasks_.add(std::move(tasks));
  }

  static std::vector<Folder::Child> files_of(const Folder& folder) {
    std::vector<Folder::Child> files;
    std::ranges::copy_if(folder.children, std::back_inserter(files),
                         [](const auto& child) { return !child.is_folder; });
    return files;
  }

  /// Removes what is wrong in the directory, and gives the files to write. Both lists of names are sorted.
  std::vector<Folder::Child> compare(const Place& place, const Folder& folder) const {
    const bool is_root = &folder == &folders_.front();
    std::vector<Folder::Child> missing;
    auto wanted = folder.children.begin();
    for (const auto& name : names_in(place.fd.get())) {
      for (; wanted != folder.children.end() && wanted->name < name; ++wanted)
        if (!wanted->is_folder) missing.push_back(*wanted);
      const bool known = wanted != folder.children.end() && wanted->name == name;
      if (!known && !(is_root && name == ".git")) remove(place.fd.get(), name);
      if (!known) continue;
      if (!is_right(place, *wanted)) {
        remove(place.fd.get(), name);
        if (!wanted->is_folder) missing.push_back(*wanted);
      }
      ++wanted;
    }
    std::copy_if(wanted, folder.children.end(), std::back_inserter(missing),
                 [](const auto& child) { return !child.is_folder; });
    return missing;
  }

  bool is_right(const Place& place, const Folder::Child& child) const {
    struct stat st;
    if (::fstatat(place.fd.get(), child.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (child.is_folder) return S_ISDIR(st.st_mode);
    return !S_ISDIR(st.st_mode) && FileStat::of(st) == entries_[child.index].stat;
  }

  // --- One file ---

  void write(const Place& place, const Folder::Child& file, Content& content) {
    auto& entry = entries_[file.index];
    const auto bytes = content.bytes_of(entry);
    const int folder = place.fd.get();
    const auto st =
        entry.kind == Kind::link
            ? write_link(folder, file.name, std::string(bytes))
            : write_file(folder, file.name, bytes, entry.kind == Kind::executable ? 0777 : 0666);
    entry.stat = FileStat::of(st);
    written_ = true;
  }

  static constexpr std::size_t k_files_per_task = 128;

  Entries& entries_;
  std::vector<Folder> folders_;
  mode_t mode_;
  Tasks tasks_;
  std::atomic<bool> written_ = false;
};

}  // namespace

bool materialise(int root, const std::string& path, Entries& entries,
                 const ContentFactory& make_content) {
  return Materialiser(root, path, entries).run(make_content);
}

}  // namespace jci::workspace
