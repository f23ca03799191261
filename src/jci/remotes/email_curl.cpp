// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/remotes/email_module.hpp"
#include "jci/util/text.hpp"

namespace jci {
namespace {

constexpr std::chrono::milliseconds k_connect{10'000};
constexpr int k_implicit_tls = 465;  // RFC 8314 3.3

template <auto function>
struct Release {
  template <class Handle>
  void operator()(Handle* handle) const {
    function(handle);
  }
};
using Easy = std::unique_ptr<CURL, Release<curl_easy_cleanup>>;
using Mime = std::unique_ptr<curl_mime, Release<curl_mime_free>>;
using List = std::unique_ptr<curl_slist, Release<curl_slist_free_all>>;

/// Only names that never leave the machine; what a resolver says of others is not trusted.
bool is_loopback(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";  // libcurl resolves it by itself
}

std::string url_of(const EmailSettings& settings) {
  const bool v6 = settings.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", settings.port == k_implicit_tls ? "smtps" : "smtp",
                     v6 ? "[" : "", settings.host, v6 ? "]" : "", settings.port);
}

void add(List& list, const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    curl_slist* longer = curl_slist_append(list.get(), text.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
}

/// Keeps the server's last refusal: a line that begins with 4 or 5.
std::size_t listen(char* line, std::size_t size, std::size_t count, void* refusal) {
  const std::string_view said(line, size * count);
  if (said.starts_with('4') || said.starts_with('5')) *static_cast<std::string*>(refusal) = said;
  return said.size();
}

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

std::string reason(CURLcode result, const char* detail, const std::string& refusal) {
  // An answer to a login may repeat what was sent, so it is not shown.
  if (result == CURLE_LOGIN_DENIED) return "it refused the login; check user and password";
  if (result == CURLE_USE_SSL_FAILED)
    return "it offers no STARTTLS, and a mail goes unencrypted only to this machine";
  std::string why = *detail != '\0' ? detail : curl_easy_strerror(result);
  if (!refusal.empty()) why += fmt::format(" (it said `{}`)", sanitize_line(refusal));
  return why;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode result = curl_easy_setopt(easy, option, value);
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (result != CURLE_OK)
    throw RemoteApiFailed(fmt::format("libcurl cannot mail: {}", curl_easy_strerror(result)));
}

void set_server(CURL* easy, const EmailSettings& settings) {
  const auto whole = settings.timeout.count();
  set(easy, CURLOPT_URL, url_of(settings).c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(easy, CURLOPT_USE_SSL,
      static_cast<long>(is_loopback(settings.host) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(whole));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(whole, k_connect.count())));
  if (!settings.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.password.empty()) return;
  set(easy, CURLOPT_USERNAME, settings.addr.c_str());
  set(easy, CURLOPT_PASSWORD, settings.password.c_str());
}

void check(CURLcode result) {
  if (result != CURLE_OK)
    throw std::bad_alloc();  // all that can go wrong where a mail is put together
}

curl_mimepart* add_part(curl_mime* mime) {
  curl_mimepart* part = curl_mime_addpart(mime);
  if (part == nullptr) throw std::bad_alloc();
  return part;
}

void add_body(curl_mime* mime, const char* type, const std::string& text) {
  curl_mimepart* part = add_part(mime);
  const auto body = email_body(text);
  check(curl_mime_data(part, body.data(), body.size()));
  check(curl_mime_type(part, type));
  check(curl_mime_encoder(part, "base64"));
}

/// The last alternative is the one that a client likes best.
Mime body_of(CURL* easy, const EmailMessage& mail) {
  Mime mime(curl_mime_init(easy));
  if (!mime) throw std::bad_alloc();
  add_body(mime.get(), "text/plain; charset=utf-8", mail.text);
  if (!mail.html.empty()) add_body(mime.get(), "text/html; charset=utf-8", mail.html);
  return mime;
}

void send(const EmailSettings& settings, const EmailMessage& mail) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const Easy easy(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (!easy) throw RemoteApiFailed("libcurl cannot start");
  List recipients;
  add(recipients, mail.to);
  add(recipients, mail.cc);
  List headers;
  add(headers, email_headers(mail));
  add(headers, {"Content-Type: multipart/alternative"});  // libcurl adds the boundary
  const Mime body = body_of(easy.get(), mail);
  std::string refusal;
  std::array<char, CURL_ERROR_SIZE> detail{};
  set_server(easy.get(), settings);
  set(easy.get(), CURLOPT_MAIL_FROM, settings.from.c_str());
  set(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  set(easy.get(), CURLOPT_MIMEPOST, body.get());
  set(easy.get(), CURLOPT_HEADERFUNCTION, &listen);
  set(easy.get(), CURLOPT_HEADERDATA, &refusal);
  set(easy.get(), CURLOPT_WRITEFUNCTION, &ignore);
  set(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  const CURLcode result = curl_easy_perform(easy.get());
  if (result != CURLE_OK)
    throw RemoteApiFailed(fmt::format("cannot mail the report through `{}:{}`: {}", settings.host,
                                      settings.port, reason(result, detail.data(), refusal)));
}

}  // namespace
}  // namespace jci

extern "C" const jci::remotes::EmailModule jci_remotes_email = {.send = jci::send};
