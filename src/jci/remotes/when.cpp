// SPDX-License-Identifier: MIT
#include "jci/remotes/when.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "jci/core/errors.hpp"

namespace jci {
namespace {

bool passes(const Filter& filter, const std::string& text) { return !filter || filter(text); }

bool has_changed(const PipelineView& view) {
  if (!is_final(view.status)) return false;
  return is_bad(view.status) != is_bad(view.before.value_or(Status::passed));
}

class When final : public Remote {
 public:
  When(std::shared_ptr<Remote> remote, Occasion occasion, std::shared_ptr<Reporter> reporter)
      : remote_(std::move(remote)),
        occasion_(std::move(occasion)),
        reporter_(std::move(reporter)) {}

  std::string name() const override { return remote_->name(); }
  std::shared_ptr<Reporter> preferred_reporter() const override {
    return remote_->preferred_reporter();
  }
  std::shared_ptr<Reporter> own_reporter() const override {
    return reporter_ ? reporter_ : remote_->own_reporter();
  }
  bool wants(const PipelineView& view) override { return is_it(view) && remote_->wants(view); }
  void open() override { remote_->open(); }
  void close() override { remote_->close(); }
  void publish(const std::string& report, const PipelineView& view) override {
    remote_->publish(report, view);
  }
  std::string address() const override { return remote_->address(); }
  void interrupt() override { remote_->interrupt(); }

 private:
  bool is_it(const PipelineView& view) {
    return passes(occasion_.branch, view.branch) && is_by(view) &&
           (!occasion_.only_change || has_changed(view)) && stands_so(view) && changes_one();
  }

  bool is_by(const PipelineView& view) const {
    if (!occasion_.author) return true;
    const auto& [name, mail] = std::tie(view.author_name, view.author_email);
    return occasion_.author(name) || occasion_.author(mail) ||
           occasion_.author(fmt::format("{} <{}>", name, mail));
  }

  bool stands_so(const PipelineView& view) const {
    if (!occasion_.stage && !occasion_.job)
      return !occasion_.status || occasion_.status(view.status);
    return std::ranges::any_of(view.stages, [this](const StageView& stage) {
      return passes(occasion_.stage, stage.name) &&
             std::ranges::any_of(stage.jobs, [this](const JobView& job) {
               return passes(occasion_.job, job.name) && stands_so(job);
             });
    });
  }

  bool stands_so(const JobView& job) const {
    if (occasion_.status) return occasion_.status(job.status);
    return is_final(job.status) && job.status != Status::skipped;
  }

  bool changes_one() {
    if (!occasion_.changed) return true;
    if (!files_) files_ = occasion_.files_changed();
    return std::ranges::any_of(*files_, occasion_.changed);
  }

  const std::shared_ptr<Remote> remote_;
  const Occasion occasion_;
  const std::shared_ptr<Reporter> reporter_;
  std::optional<std::vector<std::string>> files_;
};

bool means(Status wanted, Status status) {
  return wanted == status || (wanted == Status::failed && status == Status::timeout);
}

}  // namespace

Filter one_of(std::vector<std::string> patterns, bool ignore_case) {
  const int flags = ignore_case ? FNM_CASEFOLD : 0;
  return [patterns = std::move(patterns), flags](const std::string& text) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
      return ::fnmatch(pattern.c_str(), text.c_str(), flags) == 0;
    });
  };
}

Status wanted_status(const std::string& name) {
  std::string upper = name;
  for (char& sign : upper)
    if (sign >= 'a' && sign <= 'z') sign = static_cast<char>(sign - 'a' + 'A');
  if (const auto known = status_named(upper)) return *known;
  throw BadConfig(fmt::format(
      "`status` of `When` takes passed, failed, timeout, cancelled, skipped, running or pending, "
      "not `{}`",
      name));
}

std::function<bool(Status)> one_of_statuses(std::vector<Status> wanted) {
  return [wanted = std::move(wanted)](Status status) {
    return std::ranges::any_of(wanted, [&](Status each) { return means(each, status); });
  };
}

std::function<std::vector<std::string>()> files_changed_since(std::shared_ptr<const Repo> repo,
                                                              const std::string& revision) {
  return [repo = std::move(repo), revision] {
    try {
      return repo->files_changed(revision.empty() ? repo->sha() + "~1" : revision);
    } catch (const BadConfig& error) {
      throw RemoteApiFailed(fmt::format("cannot tell which files changed: {}", error.what()));
    }
  };
}

std::shared_ptr<Remote> make_when_remote(std::shared_ptr<Remote> remote, Occasion occasion,
                                         std::shared_ptr<Reporter> reporter) {
  return std::make_shared<When>(std::move(remote), std::move(occasion), std::move(reporter));
}

}  // namespace jci
