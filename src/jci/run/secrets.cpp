// SPDX-License-Identifier: MIT
#include "jci/run/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jci/util/spellings.hpp"
#include "jci/util/text.hpp"

namespace jci::run {
namespace {

constexpr std::array<std::string_view, 9> k_telling{
    "TOKEN",      "PASSWORD",   "PASSWD",      "SECRET",  "PASSPHRASE",
    "CREDENTIAL", "ACCESS_KEY", "PRIVATE_KEY", "API_KEY",
};
// The URL of a chat's webhook is all that one needs to write there.
constexpr std::string_view k_webhook = "JAYPORE_WEBHOOK";

std::string upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return all;
}

std::set<std::string, std::less<>> listed_names(std::string_view list) {
  std::set<std::string, std::less<>> names;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    names.emplace(trim(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return names;
}

/// Name and value.
std::vector<std::pair<std::string_view, std::string_view>> variables_in(
    const char* const* environment) {
  std::vector<std::pair<std::string_view, std::string_view>> variables;
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos)
      variables.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

class MaskingReporter final : public Reporter {
 public:
  MaskingReporter(std::shared_ptr<Reporter> reporter, const Masker& secrets)
      : reporter_(std::move(reporter)), secrets_(secrets) {}

  std::string render(const PipelineView& view) override {
    return secrets_.masked(reporter_->render(view));
  }

 private:
  const std::shared_ptr<Reporter> reporter_;
  const Masker& secrets_;
};

}  // namespace

bool names_a_secret(std::string_view variable) {
  if (variable == k_secret_names_variable) return false;
  const std::string name = upper(variable);
  if (name.starts_with(k_webhook) && name.ends_with("_URL")) return true;
  return std::ranges::any_of(k_telling, [&](std::string_view word) { return name.contains(word); });
}

std::set<std::string, std::less<>> secret_names(const char* const* environment) {
  std::set<std::string, std::less<>> names;
  std::set<std::string, std::less<>> listed;
  for (const auto& [name, value] : variables_in(environment)) {
    if (names_a_secret(name)) names.emplace(name);
    if (name == k_secret_names_variable) listed = listed_names(value);
  }
  for (const auto& [name, value] : variables_in(environment))
    if (listed.contains(name)) names.emplace(name);
  return names;
}

Masker masker_of(const char* const* environment) {
  const auto secret = secret_names(environment);
  std::vector<std::string> words;
  for (const auto& [name, value] : variables_in(environment))
    if (secret.contains(name)) std::ranges::move(spellings(value), std::back_inserter(words));
  return Masker(words);
}

std::shared_ptr<Reporter> masking(std::shared_ptr<Reporter> reporter, const Masker& secrets) {
  if (secrets.empty()) return reporter;
  return std::make_shared<MaskingReporter>(std::move(reporter), secrets);
}

}  // namespace jci::run
