// SPDX-License-Identifier: MIT
#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/util/rest_module.hpp"
#include "jci/util/text.hpp"
#include "jci/version.hpp"

namespace jci::rest {
namespace {

constexpr int k_most_redirects = 5;
constexpr int k_longest_poll = 1000;  // ms
// What somebody here reads; libcurl has them all.
constexpr std::array k_headers{"retry-after", "x-ratelimit-remaining", "x-ratelimit-reset",
                               "x-next-page", "content-type"};

template <auto function>
struct Release {
  template <class Handle>
  void operator()(Handle* handle) const {
    function(handle);
  }
};
using Easy = std::unique_ptr<CURL, Release<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Release<curl_multi_cleanup>>;
using List = std::unique_ptr<curl_slist, Release<curl_slist_free_all>>;
using Text = std::unique_ptr<char, Release<curl_free>>;
using Url = std::unique_ptr<CURLU, Release<curl_url_cleanup>>;

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode result = curl_easy_setopt(easy, option, value);
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  if (result != CURLE_OK)
    throw RemoteApiFailed(
        fmt::format("libcurl cannot make the request: {}", curl_easy_strerror(result)));
}

List list_of(const std::vector<Header>& headers) {
  List list;
  const auto append = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  for (const Header& header : headers) append(fmt::format("{}: {}", header.name, header.value));
  append("Expect:");  // else a large body waits a second for servers that do not know of it
  return list;
}

/// Scheme, host and port, as libcurl understands them; empty for what is no url.
std::string origin_of(const std::string& address) {
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK) return {};
  std::string origin;
  for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
    char* text = nullptr;
    if (curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    origin += Text(text).get();
    origin += ' ';
  }
  return origin;
}

/// An answer's body as it comes, up to a limit.
struct Body {
  std::string bytes;
  std::size_t limit;
  bool too_large = false;
};

std::size_t take(char* from, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<Body*>(to);
  const std::size_t more = size * count;
  body.too_large = more > body.limit - body.bytes.size();
  if (body.too_large) return 0;
  body.bytes.append(from, more);
  return more;
}

std::optional<std::string> header_of(CURL* easy, const char* name) {
  curl_header* found = nullptr;
  if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return std::nullopt;
  return found->value;
}

Answer answer_of(CURL* easy, std::string body) {
  Answer answer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<unsigned>(status);
  answer.body = std::move(body);
  for (const char* name : k_headers)
    if (auto value = header_of(easy, name)) answer.headers.push_back({name, std::move(*value)});
  return answer;
}

/// Where a redirect leads; empty for any other answer.
std::string redirect_of(CURL* easy) {
  const char* target = nullptr;
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
  return target == nullptr ? std::string() : target;
}

/// One request, while it is under way.
class Transfer {
 public:
  Transfer(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
    if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) throw std::bad_alloc();
  }
  ~Transfer() { curl_multi_remove_handle(multi_, easy_); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURLcode finish(const std::atomic<bool>& interrupted) {
    for (int running = 1;;) {
      if (interrupted) return CURLE_ABORTED_BY_CALLBACK;
      if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
      if (running == 0) return result();
      if (curl_multi_poll(multi_, nullptr, 0, k_longest_poll, nullptr) != CURLM_OK)
        return CURLE_OUT_OF_MEMORY;
    }
  }

 private:
  CURLcode result() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    return CURLE_GOT_NOTHING;
  }

  CURLM* multi_;
  CURL* easy_;
};

class CurlConnections final : public Connections {
 public:
  CurlConnections(const Limits& limits, const std::atomic<bool>& interrupted)
      : limits_(limits), interrupted_(interrupted), multi_(curl_multi_init()) {
    if (!multi_) throw RemoteApiFailed("libcurl cannot start");
  }

  Answer perform(const Request& request) override {
    Request next = request;
    for (int redirects = 0;; ++redirects) {
      std::string target;
      Answer answer = perform_once(next, target);
      if (target.empty() || next.method != "GET") return answer;
      expect_same_server(next.url, target);
      if (redirects == k_most_redirects)
        throw RemoteApiFailed(
            fmt::format("`{}` leads from one address to the next", server_of(request.url)));
      next.url = std::move(target);
    }
  }

  void wake() override { curl_multi_wakeup(multi_.get()); }

 private:
  Answer perform_once(const Request& request, std::string& redirect) {
    const Easy easy(curl_easy_init());
    if (!easy) throw RemoteApiFailed("libcurl cannot start");
    const List headers = list_of(request.headers);
    Body body{.bytes = {}, .limit = limits_.largest_answer};
    std::array<char, CURL_ERROR_SIZE> detail{};
    set_request(easy.get(), request);
    set_limits(easy.get());
    set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    set(easy.get(), CURLOPT_WRITEFUNCTION, &take);
    set(easy.get(), CURLOPT_WRITEDATA, &body);
    set(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode result = Transfer(multi_.get(), easy.get()).finish(interrupted_);
    if (result != CURLE_OK)
      fail(easy.get(), result, body.too_large, detail.data(), server_of(request.url));
    redirect = redirect_of(easy.get());
    return answer_of(easy.get(), std::move(body.bytes));
  }

  static void set_request(CURL* easy, const Request& request) {
    set(easy, CURLOPT_URL, request.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_USERAGENT, "jaypore-ci/" JCI_VERSION);
    if (request.method == "GET") return;
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.data());
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void set_limits(CURL* easy) const {
    const auto connect = std::min(limits_.timeout, limits_.connect_timeout);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a resolver that hangs
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.timeout.count()));
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
    set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits_.largest_answer));
    if (!limits_.ca_file.empty()) set(easy, CURLOPT_CAINFO, limits_.ca_file.c_str());
  }

  /// A token must reach nobody but whom it is for, and neither must it be sent in the clear because somebody says so.
  static void expect_same_server(const std::string& from, const std::string& to) {
    const std::string origin = origin_of(from);
    if (!origin.empty() && origin == origin_of(to)) return;
    throw RemoteApiFailed(
        fmt::format("`{}` has moved to `{}`, where the token is not sent unasked: use that address",
                    server_of(from), sanitize_line(server_of(to))));
  }

  [[noreturn]] void fail(CURL* easy, CURLcode result, bool too_large, const char* detail,
                         const std::string& server) const {
    if (too_large || result == CURLE_FILESIZE_EXCEEDED)
      throw RemoteApiFailed(fmt::format("`{}` sent more than {} bytes, which is no sane answer",
                                        server, limits_.largest_answer));
    switch (result) {
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_SSL_INVALIDCERTSTATUS:
        throw RemoteApiFailed(
            fmt::format("the certificate of `{}` is not to be trusted ({}); if its authority is "
                        "your own, name a file with that one's certificate in "
                        "`JAYPORE_CA_FILE`",
                        server, *detail != '\0' ? detail : curl_easy_strerror(result)));
      case CURLE_SSL_CACERT_BADFILE:
        throw RemoteApiFailed(
            fmt::format("cannot read certificates from `{}`, see `JAYPORE_CA_FILE`",
                        limits_.ca_file.empty() ? "the system" : limits_.ca_file));
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        throw RemoteApiFailed(fmt::format("`{}` is no address of a server", server));
      default:
        throw RemoteApiFailed::for_now(
            fmt::format("no answer from `{}`: {}", server, reason(easy, result)));
    }
  }

  /// Without times or counts, so that the same failure is the same text.
  std::string reason(CURL* easy, CURLcode result) const {
    long error = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
    switch (result) {
      case CURLE_ABORTED_BY_CALLBACK:
        return "it was not waited for any longer";
      case CURLE_OPERATION_TIMEDOUT:
        return fmt::format("it took longer than {}", human_duration(limits_.timeout));
      case CURLE_COULDNT_RESOLVE_HOST:
        return "its name cannot be resolved";
      case CURLE_COULDNT_RESOLVE_PROXY:
        return "the name of the proxy cannot be resolved";
      case CURLE_COULDNT_CONNECT:
        return error != 0 ? std::strerror(static_cast<int>(error)) : "cannot connect";
      case CURLE_GOT_NOTHING:
        return "it closed the connection";
      case CURLE_PARTIAL_FILE:
        return "it broke off in the middle of its answer";
      default:
        return curl_easy_strerror(result);
    }
  }

  const Limits& limits_;
  const std::atomic<bool>& interrupted_;
  Multi multi_;
};

std::unique_ptr<Connections> connect(const Limits& limits, const std::atomic<bool>& interrupted) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) throw RemoteApiFailed("libcurl cannot start");
  return std::make_unique<CurlConnections>(limits, interrupted);
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (key.size() > INT_MAX || HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                   digest.data(), &size) == nullptr)
    throw RemoteApiFailed("OpenSSL cannot sign the report");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace
}  // namespace jci::rest

extern "C" const jci::rest::RestModule jci_util_rest = {
    .connect = jci::rest::connect,
    .hmac_sha256 = jci::rest::hmac,
};
