// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jci::rest {

// Requests to the API of a service: one at a time, waited for, over HTTP or HTTPS with libcurl. Proxies are those of HTTPS_PROXY, http_proxy and NO_PROXY.

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers = {};
  std::string body = {};
};

struct Answer {
  unsigned status = 0;
  std::vector<Header> headers = {};  ///< only those that somebody here reads
  std::string body = {};

  bool ok() const { return status >= 200 && status < 300; }
  /// Value of the header called `name` (lower case); empty if there is none.
  std::string_view header(std::string_view name) const;
};

/// What holds for all requests of a client.
struct Limits {
  std::string ca_file = {};  ///< PEM, certificates that vouch for the server; empty: the system's
  std::chrono::milliseconds timeout{20'000};  ///< for one request, from its start to its last byte
  std::chrono::milliseconds connect_timeout{10'000};
  std::size_t largest_answer = std::size_t{8} * 1024 * 1024;  ///< bytes
};

/// A server's connections, as libjci_curl.so keeps them.
class Connections {
 public:
  virtual ~Connections() = default;
  virtual Answer perform(const Request& request) = 0;
  /// Makes a `perform` that is under way look at whether it was interrupted. From any thread.
  virtual void wake() = 0;
};

/// Makes requests and keeps the connections for the next ones.
class Client {
 public:
  explicit Client(Limits limits = {}) : limits_(std::move(limits)) {}

  /// Any answer is one, also a refusal. A GET is redirected within its own scheme, host and port only; another request is not.
  ///
  /// Throws RemoteApiFailed naming the server (never the path, which may hold a secret) and what is wrong with it: for now where there is no
  /// answer, or half of one; for good where its certificate is not to be trusted, its answer too large, or it leads to another server.
  Answer perform(const Request& request);

  /// A request that is under way on another thread fails at once, and so do all later ones.
  void interrupt();

 private:
  Connections& connections();

  const Limits limits_;
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;  // guards the pointer
  std::unique_ptr<Connections> connections_;
};

/// "https://api.github.com" of "https://api.github.com/repos/...": all of an url that may be shown.
std::string server_of(std::string_view url);

/// `text` with every byte but letters, digits and `-._~` as %XX.
std::string encode(std::string_view text);

/// How long the server wants to be left alone: `Retry-After` (seconds or a date, RFC 9110 10.2.3), or `x-ratelimit-reset` (seconds since 1970) once
/// `x-ratelimit-remaining` is 0. A day at most.
std::optional<std::chrono::milliseconds> asked_to_wait(const Answer& answer,
                                                       std::chrono::system_clock::time_point now);

/// HMAC-SHA256 (RFC 2104), as 64 hex digits.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace jci::rest
