// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/remotes/variables.hpp"

namespace jci {

/// How reports are mailed.
struct EmailSettings {
  std::string host = "smtp.gmail.com";
  int port =
      465;  ///< 465: TLS from the start; any other: STARTTLS, which only a loopback server may lack
  std::string addr;      ///< the login
  std::string password;  ///< empty: no login
  std::vector<std::string> to;
  std::vector<std::string> cc;  ///< who else gets them
  std::string from;             ///< empty: `addr`
  std::string ca_file;  ///< certificates that vouch for the server; empty: those of the system
  bool only_on_failure = false;  ///< nothing while running, nothing for a run that passed
  std::chrono::milliseconds publish_interval{
      30'000};  ///< between two mails of a run, and before the first that is not final
  std::chrono::milliseconds timeout{
      30'000};  ///< for one mail, from connecting to the server's "accepted"
};

/// From JAYPORE_EMAIL_ADDR, _PASSWORD, _TO (a list with commas), and where they are set _CC (another), _FROM, _HOST, _PORT; JAYPORE_CA_FILE. Throws BadConfig naming every variable that is missing.
EmailSettings email_settings_from_env(const Variables& variables);

/// Mails the reports of `repo`'s commit: the final one always, one in progress where the report has changed and `publish_interval` has
/// passed. The mails of one run are one thread. Beside the text report stands the same as HTML (reporters/mail_html.hpp); a report of another reporter
/// is sent as it is. `publish` throws RemoteApiFailed naming server and reason, never the password.
/// Throws BadConfig for settings that cannot work.
std::shared_ptr<Remote> make_email_remote(EmailSettings settings, const Repo& repo);
/// The inverse of its `Remote::address`: the password comes from JAYPORE_EMAIL_PASSWORD again.
std::shared_ptr<Remote> email_remote_at(const boost::json::object& address,
                                        const Variables& variables);

}  // namespace jci
