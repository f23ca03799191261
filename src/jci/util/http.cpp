// SPDX-License-Identifier: MIT
#include "jci/util/http.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jci/util/http_module.hpp"
#include "jci/util/module.hpp"

namespace jci::http {
namespace {

const HttpModule& module() {
  static const auto* loaded =
      static_cast<const HttpModule*>(load_symbol("libjci_http.so", "jci_util_http"));
  return *loaded;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool unreserved(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string Endpoint::name() const {
  if (!alias.empty()) return alias;
  return socket.empty() ? fmt::format("{}:{}", host, port) : socket.native();
}

std::string_view Head::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const Header& h) { return same_name(h.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::shared_ptr<Pool> make_pool(const boost::asio::any_io_executor& executor,
                                const Endpoint& endpoint) {
  return module().make_pool(executor, endpoint);
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  std::string encoded;
  for (const char c : text) {
    if (unreserved(c) || keep.contains(c))
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

}  // namespace jci::http
