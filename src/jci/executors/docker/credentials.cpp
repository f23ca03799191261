// SPDX-License-Identifier: MIT
#include "jci/executors/docker/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <system_error>

#include "jci/util/base64.hpp"
#include "jci/util/subprocess.hpp"

namespace jci::docker {
namespace {

namespace json = boost::json;

constexpr std::string_view k_hub_address = "https://index.docker.io/v1/";
// What helpers of github.com/docker/docker-credential-helpers print where they have none.
constexpr std::string_view k_not_found = "credentials not found in native keychain";
constexpr std::string_view k_token_user = "<token>";

/// What a registry is shown: a name and a password, or a token.
struct Credentials {
  std::string username, password;
  std::string identity_token;
  std::string registry_token;

  bool empty() const {
    return username.empty() && password.empty() && identity_token.empty() && registry_token.empty();
  }
};

// ---- which entry is meant

/// "ghcr.io" of "https://ghcr.io/v2/", as entries may be written.
std::string_view host_of(std::string_view entry) {
  if (const auto mark = entry.find("://"); mark != std::string_view::npos)
    entry.remove_prefix(mark + 3);
  return entry.substr(0, entry.find('/'));
}

bool is_hub(std::string_view host) {
  return host == "docker.io" || host == "index.docker.io" || host == "registry-1.docker.io";
}

bool means(std::string_view entry, std::string_view registry) {
  const std::string_view host = host_of(entry);
  return host == registry || (is_hub(host) && is_hub(registry));
}

std::string server_address(std::string_view registry) {
  return std::string(is_hub(registry) ? k_hub_address : registry);
}

/// The value for `registry` in `entries`; the one with exactly its address first.
const json::value* entry_for(const json::object* entries, std::string_view registry) {
  if (entries == nullptr) return nullptr;
  if (const json::value* exact = entries->if_contains(server_address(registry))) return exact;
  const auto* found = std::ranges::find_if(
      *entries, [&](const auto& entry) { return means(entry.key(), registry); });
  return found == entries->end() ? nullptr : &found->value();
}

// ---- where they come from

/// An answer, and what went wrong on the way to it.
struct Found {
  Credentials credentials;
  std::string source;
  std::string warning;
};

std::string helper_for(const ConfigFile& file, std::string_view registry) {
  const json::value* named = entry_for(object_at(file.content, "credHelpers"), registry);
  if (named != nullptr && named->is_string() && !named->get_string().empty())
    return std::string(named->get_string());
  return text_at(file.content, "credsStore");
}

std::string_view trimmed(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Reads `{"Username": ..., "Secret": ...}`.
std::optional<Credentials> parse_helper_answer(const std::string& output) {
  boost::system::error_code error;
  const json::value answer = json::parse(output, error);
  if (error || !answer.is_object()) return std::nullopt;
  std::string user = text_at(answer.get_object(), "Username");
  std::string secret = text_at(answer.get_object(), "Secret");
  Credentials credentials;
  if (user == k_token_user) {
    credentials.identity_token = std::move(secret);
  } else {
    credentials.username = std::move(user);
    credentials.password = std::move(secret);
  }
  return credentials;
}

Found ask_helper(const std::string& name, std::string_view registry,
                 std::chrono::milliseconds deadline) {
  const std::string program = "docker-credential-" + name;
  // Its output is never shown: it may be a secret.
  const auto failed = [&](std::string_view why) {
    return Found{{},
                 {},
                 fmt::format("`{}` {}, so it was not asked for the credentials of `{}`; `echo {} | "
                             "{} get` shows more",
                             program, why, registry, server_address(registry), program)};
  };
  if (name.contains('/')) return failed("is no program's name");
  try {
    const Finished answer = run_subprocess({program, "get"}, deadline, server_address(registry));
    if (answer.exit_code != 0 && trimmed(answer.output) == k_not_found) return {};
    if (answer.exit_code != 0)
      return failed(fmt::format("failed with exit code {}", answer.exit_code));
    auto credentials = parse_helper_answer(answer.output);
    if (!credentials) return failed("gave no JSON object");
    return {std::move(*credentials), fmt::format("`{}`", program), {}};
  } catch (const std::system_error& error) {
    return failed(fmt::format("could not be run ({})", error.code().message()));
  }
}

Found read_auths(const ConfigFile& file, std::string_view registry) {
  const json::value* entry = entry_for(object_at(file.content, "auths"), registry);
  if (entry == nullptr || !entry->is_object()) return {};
  const json::object& said = entry->get_object();
  Found found{{.username = text_at(said, "username"),
               .password = text_at(said, "password"),
               .identity_token = text_at(said, "identitytoken"),
               .registry_token = text_at(said, "registrytoken")},
              fmt::format("`auths` of `{}`", file.path().native()),
              {}};
  const std::string encoded = text_at(said, "auth");
  if (encoded.empty()) return found;
  const auto pair = from_base64(encoded);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    found.warning = fmt::format(
        "{} has an `auth` for `{}` that is not base64 of name:password; `docker login {}` writes a "
        "new one",
        found.source, registry, registry);
    return found;
  }
  found.credentials.username = pair->substr(0, colon);
  found.credentials.password = pair->substr(colon + 1);
  // Old versions of docker wrote it padded with NUL bytes.
  found.credentials.password.erase(found.credentials.password.find_last_not_of('\0') + 1);
  return found;
}

std::string header_of(const Credentials& credentials, std::string_view registry) {
  json::object shown;
  const auto put = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) shown[name] = value;
  };
  // A registry that gave a token takes that, and no password beside it.
  if (credentials.identity_token.empty()) {
    put("username", credentials.username);
    put("password", credentials.password);
  }
  put("identitytoken", credentials.identity_token);
  put("registrytoken", credentials.registry_token);
  shown["serveraddress"] = server_address(registry);
  return base64_url(json::serialize(shown));
}

}  // namespace

RegistryAuth registry_auth(const ConfigFile& file, std::string_view registry,
                           std::chrono::milliseconds deadline) {
  Found found;
  if (const std::string helper = helper_for(file, registry); !helper.empty())
    found = ask_helper(helper, registry, deadline);
  if (found.credentials.empty()) {
    Found in_file = read_auths(file, registry);
    if (in_file.warning.empty()) in_file.warning = found.warning;
    found = std::move(in_file);
  }
  if (!file.warning.empty()) found.warning = file.warning;
  if (found.credentials.empty()) return {{}, {}, found.warning};
  return {header_of(found.credentials, registry), found.source, found.warning};
}

}  // namespace jci::docker
