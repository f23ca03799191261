// SPDX-License-Identifier: MIT
#include "jci/util/rest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <utility>

#include "jci/util/module.hpp"
#include "jci/util/rest_module.hpp"

namespace jci::rest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

constinit const Module<RestModule> curl{"libjci_curl.so", "jci_util_rest"};

constexpr seconds k_longest_wait = std::chrono::hours(24);

std::optional<seconds> to_seconds(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return seconds::max();
  if (error != std::errc()) return std::nullopt;
  return seconds(std::min<std::uint64_t>(number, seconds::max().count()));
}

/// The three forms of RFC 9110 5.6.7, of which servers send the first.
std::optional<system_clock::time_point> to_time(const std::string& text) {
  constexpr std::array forms{"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                             "%a %b %e %H:%M:%S %Y"};
  for (const char* form : forms) {
    std::tm parts{};
    const char* end = ::strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return system_clock::from_time_t(::timegm(&parts));
  }
  return std::nullopt;
}

milliseconds bounded(seconds wait) { return std::clamp(wait, seconds(0), k_longest_wait); }

milliseconds until(system_clock::time_point then, system_clock::time_point now) {
  return bounded(std::chrono::ceil<seconds>(then - now));
}

}  // namespace

std::string_view Answer::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

Connections& Client::connections() {
  const std::scoped_lock lock(mutex_);
  if (!connections_) connections_ = curl->connect(limits_, interrupted_);
  return *connections_;
}

Answer Client::perform(const Request& request) { return connections().perform(request); }

void Client::interrupt() {
  interrupted_ = true;
  const std::scoped_lock lock(mutex_);
  if (connections_) connections_->wake();
}

std::string server_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto authority = url.substr(host, url.find_first_of("/?#", host) - host);
  const auto user = authority.rfind('@');
  return fmt::format("{}{}", url.substr(0, host),
                     authority.substr(user == std::string_view::npos ? 0 : user + 1));
}

std::string encode(std::string_view text) {
  constexpr std::string_view stay =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char sign : text) {
    if (stay.find(sign) != std::string_view::npos)
      encoded += sign;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(sign));
  }
  return encoded;
}

std::optional<milliseconds> asked_to_wait(const Answer& answer, system_clock::time_point now) {
  const std::string after(answer.header("retry-after"));
  if (const auto wait = to_seconds(after)) return bounded(*wait);
  if (const auto then = to_time(after)) return until(*then, now);
  if (answer.header("x-ratelimit-remaining") != "0") return std::nullopt;
  const auto reset = to_seconds(answer.header("x-ratelimit-reset"));
  if (!reset) return std::nullopt;
  const auto since_1970 = std::chrono::ceil<seconds>(now.time_since_epoch());
  return bounded(*reset - since_1970);
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  return curl->hmac_sha256(key, text);
}

}  // namespace jci::rest
