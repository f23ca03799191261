// SPDX-License-Identifier: MIT
#include "jci/remotes/file.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/reporters/html.hpp"
#include "jci/reporters/json.hpp"
#include "jci/reporters/junit.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/util/json.hpp"
#include "jci/util/new_file.hpp"

namespace jci {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      throw RemoteApiFailed(
          fmt::format("cannot write the report to stdout: {}", std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

class StdoutRemote final : public Remote {
 public:
  std::string name() const override { return "stdout"; }

  void publish(const std::string& report, const PipelineView& view) override {
    if (is_final(view.status)) write_all(STDOUT_FILENO, report);
  }
};

class FileRemote final : public Remote {
 public:
  explicit FileRemote(fs::path path) : path_(std::move(path)) {}

  std::string name() const override { return "file"; }

  std::shared_ptr<Reporter> preferred_reporter() const override {
    const fs::path kind = path_.extension();
    if (kind == ".md") return make_markdown_reporter();
    if (kind == ".html") return make_html_reporter();
    if (kind == ".json") return make_json_reporter();
    if (kind == ".xml") return make_junit_reporter();
    return nullptr;
  }

  void publish(const std::string& report, const PipelineView& /*view*/) override {
    if (report == published_) return;
    try {
      make_folder();
      write_new_file(path_, report);
    } catch (const TriggerFailed& error) {
      throw RemoteApiFailed(error.what());
    }
    published_ = report;
  }

  std::string address() const override {
    return json::serialize(json::object{{"kind", "file"}, {"path", path_.string()}});
  }

 private:
  void make_folder() const {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    if (error)
      throw TriggerFailed(fmt::format("cannot write `{}`: {}", path_.string(), error.message()));
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
