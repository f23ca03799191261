// SPDX-License-Identifier: MIT
#include "jci/remotes/forge.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <utility>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/remotes/block.hpp"
#include "jci/remotes/chat_text.hpp"
#include "jci/remotes/headline.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/repos/remote_url.hpp"
#include "jci/util/json.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

constexpr std::size_t k_title_columns = 200;

std::string too_long(const PipelineView& view, std::size_t limit) {
  return fmt::format(
      "**{}**: {}.\n\nThe report itself does not fit here: this text has {} characters at most.\n",
      to_string(view.status), describe(view), limit);
}

/// Published texts are compared whole, but for what is told anew by each.
bool says_the_same(const CommitStatus& one, const CommitStatus& other) {
  return one.status == other.status && one.description == other.description &&
         one.page == other.page && one.report == other.report;
}

class ForgeRemote final : public Remote {
 public:
  ForgeRemote(std::unique_ptr<Forge> forge, ForgeSettings settings)
      : forge_(std::move(forge)), settings_(std::move(settings)), pull_(settings_.pull) {}

  std::string name() const override { return forge_->kind(); }
  std::shared_ptr<Reporter> preferred_reporter() const override { return make_markdown_reporter(); }

  void publish(const std::string& report, const PipelineView& view) override {
    std::exception_ptr failure;
    try {
      publish_report(report, view);
    } catch (const RemoteApiFailed& error) {
      if (error.may_pass) throw;
      failure = std::current_exception();  // the statuses may still work
    }
    try {
      for (const CommitStatus& status : statuses(report, view)) set_status(status);
    } catch (const RemoteApiFailed&) {
      if (!failure) throw;
    }
    if (failure) std::rethrow_exception(failure);
  }

  void close() override {
    if (const std::string remark = forge_->remark(); !remark.empty()) throw RemoteApiFailed(remark);
  }

  std::string address() const override {
    return json::serialize(json::object{
        {"kind", forge_->kind()},
        {"root", settings_.root},
        {"owner", settings_.owner},
        {"repo", settings_.repo},
        {"branch", settings_.branch},
        {"sha", settings_.sha},
        {"title", settings_.title},
        {"context", settings_.context},
        {"comment", settings_.comment},
        {"job_statuses", settings_.job_statuses},
        {"checks", settings_.checks},
        {"ca_file", settings_.ca_file},
        {"timeout_ms", settings_.timeout.count()},
        {"pull", pull_},
    });
  }

  void interrupt() override { forge_->interrupt(); }

 private:
  // ---- the report

  void publish_report(const std::string& report, const PipelineView& view) {
    if (report == published_ || !has_pull()) return;
    const std::string block = fitting(block_of(report), view, {});
    auto pull = current_pull(settings_.comment ? std::string() : block);
    if (!pull) return;
    page_ = pull->page;
    if (settings_.comment)
      write_comment(block);
    else
      write_body(*pull, block, view);
    published_ = report;
  }

  std::string block_of(const std::string& report) const {
    return make_block(settings_.context, report);
  }

  bool has_pull() {
    if (settings_.branch.empty()) return false;
    if (base_.empty()) base_ = forge_->default_branch();
    return !base_.empty() && base_ != settings_.branch;
  }

  /// The pull request as it is now. One that is opened gets `body`.
  std::optional<Pull> current_pull(const std::string& body) {
    if (pull_ != 0) return forge_->read_pull(pull_);
    auto pull = forge_->find_pull(base_);
    if (!pull) pull = forge_->open_pull(base_, title(), body);
    if (pull) pull_ = pull->number;
    return pull;
  }

  std::string title() const {
    const std::string_view given = settings_.title;
    const std::string line = sanitize_line(given.substr(0, given.find('\n')));
    return elide(line.empty() ? sanitize_line(settings_.branch) : line, k_title_columns);
  }

  void write_body(const Pull& pull, const std::string& block, const PipelineView& view) {
    const std::string body =
        with_block(pull.body, settings_.context, fitting(block, view, pull.body));
    if (body != pull.body) forge_->write_body(pull.number, body);
  }

  void write_comment(const std::string& block) {
    if (comment_ == 0) comment_ = forge_->find_comment(pull_, block_begin(settings_.context));
    if (comment_ != 0 && forge_->edit_comment(pull_, comment_, block)) return;
    comment_ = forge_->add_comment(pull_, block);
  }

  /// `block`, or a shorter one where that would make `body` too long.
  std::string fitting(const std::string& block, const PipelineView& view,
                      const std::string& body) const {
    const std::size_t limit = forge_->longest_body();
    const auto fits = [&](const std::string& ours) {
      return characters(with_block(body, settings_.context, ours)) <= limit;
    };
    if (fits(block)) return block;
    const std::size_t taken = characters(with_block(body, settings_.context, block_of({})));
    if (taken + MarkdownOptions::k_least_characters <= limit && !view.stages.empty()) {
      const std::string shorter =
          block_of(make_markdown_reporter({.max_characters = limit - taken})->render(view));
      if (fits(shorter)) return shorter;
    }
    return block_of(too_long(view, limit));
  }

  // ---- the statuses

  std::vector<CommitStatus> statuses(const std::string& report, const PipelineView& view) const {
    std::vector<CommitStatus> all{{.context = settings_.context,
                                   .status = view.status,
                                   .description = describe(view),
                                   .page = page_,
                                   .report = settings_.checks ? report : std::string(),
                                   .started_at = view.started_at}};
    if (view.started_at && is_final(view.status))
      all.front().ended_at = ended_at(*view.started_at, view.elapsed);
    if (!settings_.job_statuses) return all;
    for (const StageView& stage : view.stages)
      for (const JobView& job : stage.jobs) all.push_back(status_of(job));
    return all;
  }

  CommitStatus status_of(const JobView& job) const {
    CommitStatus status{.context = fmt::format("{} / {}", settings_.context, job.name),
                        .status = job.status,
                        .description = describe(job),
                        .page = page_,
                        .started_at = job.started_at};
    if (job.started_at && job.elapsed && is_final(job.status))
      status.ended_at = ended_at(*job.started_at, *job.elapsed);
    return status;
  }

  static WallTime ended_at(WallTime started_at, Nanoseconds took) {
    return started_at + std::chrono::duration_cast<WallTime::duration>(took);
  }

  void set_status(CommitStatus status) {
    status.description = elide(sanitize_line(status.description), forge_->longest_description());
    const auto known = statuses_.find(status.context);
    if (known != statuses_.end() && says_the_same(known->second, status)) return;
    forge_->set_status(status);
    statuses_.insert_or_assign(status.context, std::move(status));
  }

  const std::unique_ptr<Forge> forge_;
  const ForgeSettings settings_;
  std::string base_;  // the default branch, once it is known
  std::int64_t pull_ = 0;
  std::int64_t comment_ = 0;
  std::string page_;
  std::string published_;  // the report that is there
  std::map<std::string, CommitStatus> statuses_;
};

// ---- settings

void expect_url(const std::string& root) {
  const auto url = parse_remote_url(root + "/x");
  const bool plain = std::ranges::none_of(
      root, [](char sign) { return sign <= ' ' || sign > '~' || sign == '?' || sign == '#'; });
  if (url && plain && !url->host.empty() && (url->scheme == "https" || url->scheme == "http"))
    return;
  throw BadConfig(fmt::format("`{}` is no address of a server; write `https://HOST[:PORT][/PATH]`",
                              sanitize_line(rest::server_of(root))));
}

void expect_token(const std::string& token) {
  if (token.empty()) throw BadConfig("`token` is empty");
  if (std::ranges::any_of(token, [](char sign) { return sign <= ' ' || sign > '~'; }))
    throw BadConfig("`token` has a space or another character that no token has");
}

std::string without_slash(std::string root) {
  while (root.ends_with('/')) root.pop_back();
  return root;
}

/// Where the pages of a remote's server are; the port of ssh says nothing of that.
std::string server_of(const RemoteUrl& url) {
  const bool web = url.scheme == "http" || url.scheme == "https";
  return fmt::format("{}://{}{}", web ? url.scheme : "https", url.host,
                     web && url.port ? fmt::format(":{}", *url.port) : "");
}

/// The owner, without what of it is the path of the server: "group/sub" of https://host/gitlab/group/sub/name.
std::string_view owner_below(const std::string& root, std::string_view owner) {
  const auto url = parse_remote_url(root);
  if (!url || !owner.starts_with(url->path + "/")) return owner;
  return owner.substr(url->path.size() + 1);
}

void set_place(ForgeSettings& settings, const ForgeNames& names, const RemoteUrl& url) {
  settings.repo = url.name;
  if (names.nested_owners) {
    settings.owner = owner_below(settings.root, url.owner);
    if (settings.root.empty()) settings.root = server_of(url);
    return;
  }
  const auto slash = url.owner.rfind('/');
  const bool has_path = slash != std::string::npos;
  settings.owner = url.owner.substr(has_path ? slash + 1 : 0);
  if (!settings.root.empty()) return;
  settings.root = server_of(url) + (has_path ? "/" + url.owner.substr(0, slash) : "");
}

RemoteUrl url_of(const ForgeNames& names, const Repo& repo) {
  auto url = parse_remote_url(repo.remote());
  if (url && !url->host.empty() && !url->owner.empty()) return *std::move(url);
  throw BadConfig(
      fmt::format("to publish to {0}, the repository needs a remote there: its `origin` is `{1}`, "
                  "which has no server, owner and name",
                  names.service, sanitize_line(repo.remote())));
}

}  // namespace

std::shared_ptr<Remote> make_forge_remote(std::unique_ptr<Forge> forge, ForgeSettings settings) {
  return std::make_shared<ForgeRemote>(std::move(forge), std::move(settings));
}

void expect_usable(const ForgeSettings& settings) {
  expect_url(settings.root);
  expect_token(settings.token);
  if (settings.owner.empty() || settings.repo.empty())
    throw BadConfig("`owner` and `repo` must name a repository");
  if (settings.sha.empty()) throw BadConfig("`sha` must name a commit");
  if (trim(settings.context).empty()) throw BadConfig("`context` must not be empty");
  if (settings.timeout.count() < 1) throw BadConfig("`timeout` must be more than 0 seconds");
}

ForgeSettings forge_settings_from_env(const ForgeNames& names, const Variables& variables,
                                      const Repo& repo) {
  VariableReader reader(variables);
  ForgeSettings settings{
      .root = without_slash(reader.optional(names.root, names.default_root)),
      .owner = {},
      .repo = {},
      .branch = repo.branch(),
      .sha = repo.sha(),
      .token = reader.needed(names.token),
      .title = repo.commit_message(),
      .ca_file = reader.optional("JAYPORE_CA_FILE"),
  };
  reader.expect_all(fmt::format("to publish to {}", names.service));
  set_place(settings, names, url_of(names, repo));
  return settings;
}

ForgeSettings forge_settings_at(const ForgeNames& names, const json::object& address,
                                const Variables& variables) {
  VariableReader reader(variables);
  ForgeSettings settings{
      .root = text_of(address, "root"),
      .owner = text_of(address, "owner"),
      .repo = text_of(address, "repo"),
      .branch = text_of(address, "branch"),
      .sha = text_of(address, "sha"),
      .token = reader.needed(names.token),
      .title = text_of(address, "title"),
      .context = text_of(address, "context"),
      .comment = flag_of(address, "comment"),
      .job_statuses = flag_of(address, "job_statuses"),
      .checks = flag_of(address, "checks"),
      .ca_file = text_of(address, "ca_file"),
      .timeout = std::chrono::milliseconds(number_of(address, "timeout_ms")),
      .pull = number_of(address, "pull"),
  };
  reader.expect_all(fmt::format("to publish to {}", names.service));
  return settings;
}

ApiSettings api_settings_of(const ForgeNames& names, const ForgeSettings& settings,
                            std::string rights) {
  return {
      .service = names.service,
      .root = without_slash(settings.root),
      .secrets = {settings.token},
      .token_is = fmt::format("`{}`", names.token),
      .rights = std::move(rights),
      .limits = {.ca_file = settings.ca_file, .timeout = settings.timeout},
  };
}

}  // namespace jci
