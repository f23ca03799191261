// SPDX-License-Identifier: MIT
#include "jci/remotes/email.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>

#include "jci/core/errors.hpp"
#include "jci/remotes/email_message.hpp"
#include "jci/remotes/email_module.hpp"
#include "jci/reporters/mail_html.hpp"
#include "jci/reporters/text.hpp"
#include "jci/util/json.hpp"
#include "jci/util/module.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

namespace json = boost::json;

using Clock = std::chrono::steady_clock;

constinit const Module<remotes::EmailModule> curl{"libjci_curl.so", "jci_remotes_email"};

/// 128 bits that no other run has.
std::string unique() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// Clients show the HTML where there is one. So it stands beside the text report only, whose words it says, and hides nobody's own report.
std::string html_beside(const std::string& report, const PipelineView& view) {
  return make_text_reporter()->render(view) == report ? report::mail_html(view) : "";
}

class EmailRemote final : public Remote {
 public:
  /// `thread`: the id of the run's first mail where another process sent that; else empty.
  EmailRemote(EmailSettings settings, std::string title, std::string thread)
      : settings_(std::move(settings)), title_(std::move(title)), begun_(std::move(thread)) {}

  std::string name() const override { return "email"; }

  void open() override {
    thread_ = begun_;
    last_report_.clear();
    last_sent_ = Clock::now();
  }

  void publish(const std::string& report, const PipelineView& view) override {
    const Status status = view.status;
    if (!is_wanted(report, status)) return;
    const EmailMessage mail{
        .from = settings_.from,
        .to = settings_.to,
        .cc = settings_.cc,
        .subject = email_subject(status, title_),
        .text = report,
        .html = html_beside(report, view),
        .id = unique() + settings_.from.substr(settings_.from.find('@')),
        .thread = thread_,
        .date = std::chrono::system_clock::now(),
    };
    curl->send(settings_, mail);
    if (thread_.empty()) thread_ = mail.id;
    last_report_ = report;
    last_status_ = status;
    last_sent_ = Clock::now();
  }

  std::string address() const override {
    return json::serialize(json::object{
        {"kind", "email"},
        {"host", settings_.host},
        {"port", settings_.port},
        {"addr", settings_.addr},
        {"login", !settings_.password.empty()},
        {"to", json::value_from(settings_.to)},
        {"cc", json::value_from(settings_.cc)},
        {"from", settings_.from},
        {"ca_file", settings_.ca_file},
        {"only_on_failure", settings_.only_on_failure},
        {"publish_interval_ms", settings_.publish_interval.count()},
        {"timeout_ms", settings_.timeout.count()},
        {"title", title_},
        {"thread", thread_},
    });
  }

 private:
  bool is_wanted(const std::string& report, Status status) const {
    if (settings_.only_on_failure && !is_bad(status)) return false;
    if (report == last_report_ && status == last_status_) return false;
    return is_final(status) || Clock::now() - last_sent_ >= settings_.publish_interval;
  }

  EmailSettings settings_;
  std::string title_;
  std::string begun_;
  std::string thread_ = begun_;  // the id of this run's first mail; empty until that is sent
  std::string last_report_;
  Status last_status_ = Status::pending;
  Clock::time_point last_sent_ = Clock::now();
};

void expect_usable(const EmailSettings& settings) {
  expect_address(settings.from, "email_from");
  if (settings.to.empty())
    throw BadConfig("`email_to` names nobody; write `user@host`, several with commas");
  for (const auto& address : settings.to) expect_address(address, "email_to");
  for (const auto& address : settings.cc) expect_address(address, "email_cc");
  const auto odd = [](char sign) {
    return sign <= ' ' || sign > '~' || std::strchr("/?#@\\%", sign) != nullptr;
  };
  if (settings.host.empty() || std::ranges::any_of(settings.host, odd))
    throw BadConfig(fmt::format("`{}` is no name of a mail server", sanitize_line(settings.host)));
  if (settings.port < 1 || settings.port > 65535)
    throw BadConfig(fmt::format("{} is no port; there are 1 to 65535", settings.port));
  if (settings.timeout.count() < 1)
    throw BadConfig("`timeout` of a mail must be more than 0 seconds");
}

int to_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc() && end == text.data() + text.size()) return port;
  throw BadConfig(fmt::format("`JAYPORE_EMAIL_PORT` is `{}`, not a number", sanitize_line(text)));
}

}  // namespace

EmailSettings email_settings_from_env(const Variables& variables) {
  VariableReader reader(variables);
  EmailSettings settings;
  settings.addr = reader.needed("JAYPORE_EMAIL_ADDR");
  settings.password = reader.needed("JAYPORE_EMAIL_PASSWORD");
  settings.to = split_addresses(reader.needed("JAYPORE_EMAIL_TO"));
  reader.expect_all("to mail reports");
  settings.cc = split_addresses(reader.optional("JAYPORE_EMAIL_CC"));
  settings.from = reader.optional("JAYPORE_EMAIL_FROM", settings.addr);
  settings.host = reader.optional("JAYPORE_EMAIL_HOST", settings.host);
  settings.port = to_port(reader.optional("JAYPORE_EMAIL_PORT", std::to_string(settings.port)));
  settings.ca_file = reader.optional("JAYPORE_CA_FILE");
  return settings;
}

std::shared_ptr<Remote> make_email_remote(EmailSettings settings, const Repo& repo) {
  if (settings.from.empty()) settings.from = settings.addr;
  expect_usable(settings);
  return std::make_shared<EmailRemote>(
      std::move(settings),
      email_title(repo.remote(), repo.root().string(), repo.branch(), repo.sha()), "");
}

std::shared_ptr<Remote> email_remote_at(const json::object& address, const Variables& variables) {
  VariableReader reader(variables);
  EmailSettings settings{
      .host = text_of(address, "host"),
      .port = static_cast<int>(number_of(address, "port")),
      .addr = text_of(address, "addr"),
      .password = flag_of(address, "login") ? reader.needed("JAYPORE_EMAIL_PASSWORD") : "",
      .to = texts_of(address, "to"),
      .cc = texts_of(address, "cc"),
      .from = text_of(address, "from"),
      .ca_file = text_of(address, "ca_file"),
      .only_on_failure = flag_of(address, "only_on_failure"),
      .publish_interval = std::chrono::milliseconds(number_of(address, "publish_interval_ms")),
      .timeout = std::chrono::milliseconds(number_of(address, "timeout_ms")),
  };
  reader.expect_all("to mail reports");
  expect_usable(settings);
  return std::make_shared<EmailRemote>(std::move(settings), text_of(address, "title"),
                                       text_of(address, "thread"));
}

}  // namespace jci
