// SPDX-License-Identifier: MIT
#include "jci/executors/docker/config_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

namespace jci::docker {
namespace {

namespace json = boost::json;

std::filesystem::path config_directory(const Variable& variable) {
  if (const auto named = variable("DOCKER_CONFIG"); named && !named->empty()) return *named;
  if (const auto home = variable("HOME"); home && !home->empty())
    return std::filesystem::path(*home) / ".docker";
  return {};
}

/// Empty, with the text in `into`; or why it cannot be read.
std::string read_text(const std::filesystem::path& path, std::string& into) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return std::generic_category().message(EISDIR);
  errno = 0;
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || text.bad()) return std::generic_category().message(errno != 0 ? errno : EIO);
  into = std::move(text).str();
  return "";
}

}  // namespace

std::filesystem::path beneath(const std::filesystem::path& root,
                              const std::filesystem::path& path) {
  return root / path.relative_path();
}

JsonFile read_json_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored) && !ignored) return {};
  std::string text;
  if (const auto why = read_text(path, text); !why.empty())
    return {{}, fmt::format("cannot read `{}`: {}", path.native(), why)};
  boost::system::error_code error;
  json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object())
    return {{}, fmt::format("`{}` is not a JSON object", path.native())};
  return {std::move(parsed.as_object()), {}};
}

ConfigFile read_config_file(const Variable& variable, const std::filesystem::path& root) {
  ConfigFile file{.directory = config_directory(variable), .content = {}, .warning = {}};
  if (file.directory.empty()) return file;
  JsonFile read = read_json_file(beneath(root, file.path()));
  if (read.content) file.content = std::move(*read.content);
  if (!read.warning.empty())
    file.warning = read.warning + "; it is left aside, and with it its contexts and credentials";
  return file;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string());
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

Env proxy_environment(const ConfigFile& file, std::string_view host) {
  constexpr std::pair<std::string_view, std::string_view> k_variables[] = {
      {"httpProxy", "HTTP_PROXY"},
      {"httpsProxy", "HTTPS_PROXY"},
      {"ftpProxy", "FTP_PROXY"},
      {"noProxy", "NO_PROXY"},
      {"allProxy", "ALL_PROXY"}};
  const json::object* proxies = object_at(file.content, "proxies");
  const json::object* said = proxies == nullptr ? nullptr : object_at(*proxies, host);
  if (said == nullptr && proxies != nullptr) said = object_at(*proxies, "default");
  Env env;
  if (said == nullptr) return env;
  for (const auto& [key, name] : k_variables) {
    const std::string value = text_at(*said, key);
    if (value.empty()) continue;
    std::string lower(name);
    for (char& c : lower) c = c == '_' ? c : static_cast<char>(c - 'A' + 'a');
    env[std::string(name)] = env[lower] = value;
  }
  return env;
}

}  // namespace jci::docker
