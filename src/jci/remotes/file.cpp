// SPDX-License-Identifier: MIT
#include "jci/remotes/file.hpp"

#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/util/fd.hpp"
#include "jci/util/json.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr mode_t k_mode = 0666;  // less the umask

[[noreturn]] void fail(std::string_view where, int error) {
  throw RemoteApiFailed(
      fmt::format("cannot write the report to `{}`: {}", where, std::strerror(error)));
}

void write_all(int fd, std::string_view text, std::string_view where) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(where, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

class StdoutRemote final : public Remote {
 public:
  std::string name() const override { return "stdout"; }

  void publish(const std::string& report, const PipelineView& view) override {
    if (is_final(view.status)) write_all(STDOUT_FILENO, report, "stdout");
  }
};

class FileRemote final : public Remote {
 public:
  explicit FileRemote(fs::path path) : path_(std::move(path)) {}

  std::string name() const override { return "file"; }

  void publish(const std::string& report, const PipelineView& /*view*/) override {
    if (report == published_) return;
    make_folder();
    replace(report);
    published_ = report;
  }

  std::string address() const override {
    return json::serialize(json::object{{"kind", "file"}, {"path", path_.string()}});
  }

 private:
  void make_folder() const {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    if (error) fail(path_.native(), error.value());
  }

  /// Beside the file, so that it takes its place in one step.
  void replace(const std::string& report) const {
    const fs::path draft = fmt::format("{}.{}.new", path_.native(), ::getpid());
    try {
      const Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, k_mode));
      if (!fd) fail(path_.native(), errno);
      write_all(fd.get(), report, path_.native());
      if (::rename(draft.c_str(), path_.c_str()) != 0) fail(path_.native(), errno);
    } catch (const RemoteApiFailed&) {
      ::unlink(draft.c_str());
      throw;
    }
  }

  const fs::path path_;
  std::string published_;
};

}  // namespace

std::shared_ptr<Remote> make_file_remote(const fs::path& path) {
  if (path.empty()) throw BadConfig("`path` of a file remote is empty; `-` is stdout");
  if (path == "-") return std::make_shared<StdoutRemote>();
  return std::make_shared<FileRemote>(fs::absolute(path));
}

std::shared_ptr<Remote> file_remote_at(const json::object& address) {
  return make_file_remote(text_of(address, "path"));
}

}  // namespace jci
