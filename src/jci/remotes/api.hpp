// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "jci/util/rest.hpp"

namespace jci {

/// A service with an API of JSON over HTTP, and what opens it to us.
struct ApiSettings {
  std::string service;  ///< for people: "GitHub"
  std::string root;     ///< what comes before the paths below; no slash at its end
  std::vector<rest::Header> headers = {};
  std::vector<std::string> secrets =
      {};                    ///< never said in an error, even where the service says them
  std::string token_is;      ///< for people: where it comes from, such as "`JAYPORE_GITHUB_TOKEN`"
  std::string rights;        ///< that the token needs, for people
  rest::Limits limits = {};  ///< of each call
};

/// What was answered, be it yes or no.
struct Reply {
  rest::Answer answer;
  boost::json::value body;  ///< null where that is not JSON

  bool ok() const { return answer.ok(); }
  unsigned status() const { return answer.status; }
  /// Empty where the body is no object.
  const boost::json::object& object() const;
};

/// Calls to such a service, one at a time. `doing` is for people: what the call is for, "read the repository `o/r`".
class Api {
 public:
  explicit Api(ApiSettings settings);

  /// Throws RemoteApiFailed where there is no answer, where it is 401, 408, 429 or 5xx, or says that there were too many calls, and where it is 2xx
  /// and not JSON. Other refusals are the caller's to understand.
  Reply call(std::string_view method, std::string_view path, std::string_view doing,
             const boost::json::value& body = nullptr);

  /// The same for a call whose refusal means nothing but failure.
  Reply demand(std::string_view method, std::string_view path, std::string_view doing,
               const boost::json::value& body = nullptr);

  /// Turns a refusal into RemoteApiFailed: what was tried, where, what the service says to it, and which token lacks what.
  [[noreturn]] void refuse(const Reply& reply, std::string_view doing) const;
  /// The same for one that may pass, `since` telling people why.
  [[noreturn]] void refuse_for_now(const Reply& reply, std::string_view doing,
                                   std::string_view since) const;

  /// `text` without any of the secrets.
  std::string masked(std::string text) const;
  /// See rest::Client.
  void interrupt() { client_.interrupt(); }
  const ApiSettings& settings() const { return settings_; }

 private:
  std::string said(const Reply& reply, std::string_view doing) const;

  const ApiSettings settings_;
  rest::Client client_;
};

/// What a service says to a refusal, in one short line: its `message` (and `errors`), `error` or `description`; nothing of what is no JSON but a page.
std::string message_in(const rest::Answer& answer);

}  // namespace jci
