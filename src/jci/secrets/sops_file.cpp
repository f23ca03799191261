// SPDX-License-Identifier: MIT
#include "jci/secrets/sops_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "jci/secrets/crypto.hpp"
#include "jci/secrets/error.hpp"
#include "jci/util/base64.hpp"

namespace jci::secrets {
namespace {

constexpr std::string_view k_prefix = "sops_";
constexpr std::string_view k_age_keys = "age__list_";

std::string age_field(std::size_t index, std::string_view part) {
  return fmt::format("{}{}__map_{}", k_age_keys, index, part);
}

void refuse_what_only_sops_can(const SopsMetadata& metadata) {
  for (const auto& [name, value] : metadata.fields()) {
    const bool is_in_parts =
        name.starts_with("key_groups__") || (name == "shamir_threshold" && value != "0");
    if (!is_in_parts && !(name == "mac_only_encrypted" && value == "true")) continue;
    throw Error(Problem::unsupported,
                fmt::format("it uses `{}{}`, which only `sops` can handle", k_prefix, name));
  }
}

/// Takes `name:VALUE` and the `,` behind it from the beginning of `text`.
std::optional<std::string_view> take_part(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  if (!text.starts_with(':')) return std::nullopt;
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(1, end - 1);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

/// Strict: one spelling for the bytes.
std::optional<std::string> take_bytes(std::string_view& text, std::string_view name) {
  const auto value = take_part(text, name);
  if (!value) return std::nullopt;
  auto bytes = from_base64(*value);
  if (!bytes || base64(*bytes) != *value) return std::nullopt;
  return bytes;
}

}  // namespace

// --- SopsMetadata ---

std::optional<std::string> SopsMetadata::find(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

void SopsMetadata::set(std::string_view name, std::string value) {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  if (found != fields_.end()) {
    found->second = std::move(value);
    return;
  }
  const auto place =
      std::ranges::find_if(fields_, [name](const Field& field) { return field.first > name; });
  fields_.emplace(place, std::string(name), std::move(value));
}

std::vector<SopsMetadata::AgeKey> SopsMetadata::age_keys() const {
  std::vector<AgeKey> keys;
  while (const auto wrapped = find(age_field(keys.size(), "enc")))
    keys.push_back({find(age_field(keys.size(), "recipient")).value_or(""), *wrapped});
  return keys;
}

void SopsMetadata::set_age_keys(const std::vector<AgeKey>& keys) {
  const std::size_t before = age_keys().size();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    set(age_field(i, "enc"), keys[i].wrapped);
    set(age_field(i, "recipient"), keys[i].recipient);
  }
  for (std::size_t i = keys.size(); i < before; ++i) {
    const std::string gone = age_field(i, "");
    std::erase_if(fields_, [&](const Field& field) { return field.first.starts_with(gone); });
  }
}

std::optional<std::string> SopsMetadata::other_keys() const {
  for (const auto& [name, value] : fields_) {
    const std::size_t list = name.find("__list_");
    if (list != std::string::npos && !name.starts_with(k_age_keys)) return name.substr(0, list);
  }
  return std::nullopt;
}

// --- SopsFile ---

SopsFile parse_sops_file(std::string_view text) {
  SopsFile file;
  for (DotenvLine& line : parse_dotenv(text)) {
    if (line.name.starts_with(k_prefix)) {
      file.metadata.add({line.name.substr(k_prefix.size()), line.value.text()});
    } else {
      file.lines.push_back(std::move(line));
    }
  }
  refuse_what_only_sops_can(file.metadata);
  for (const std::string_view name : {"lastmodified", "mac"}) {
    if (file.metadata.find(name)) continue;
    throw Error(Problem::malformed,
                fmt::format("it is no dotenv file that SOPS encrypted: there is no `{}{}` in it",
                            k_prefix, name));
  }
  return file;
}

std::string to_text(const SopsFile& file) {
  std::string text = to_dotenv(file.lines).text();
  for (const auto& [name, value] : file.metadata.fields())
    text +=
        to_dotenv({DotenvLine::Kind::variable, std::string(k_prefix) + name, Wiped(value)}).text() +
        '\n';
  return text;
}

// --- SealedValue ---

std::optional<SealedValue> parse_sealed_value(std::string_view text) {
  constexpr std::string_view k_start = "ENC[AES256_GCM,";
  if (!text.starts_with(k_start) || !text.ends_with(']')) return std::nullopt;
  text.remove_prefix(k_start.size());
  text.remove_suffix(1);
  auto data = take_bytes(text, "data");
  auto nonce = take_bytes(text, "iv");
  const auto tag = take_bytes(text, "tag");
  const auto type = take_part(text, "type");
  if (!data || !nonce || !tag || !type || !text.empty()) return std::nullopt;
  if (tag->size() != k_tag_size || nonce->empty() || nonce->size() > 64) return std::nullopt;
  return SealedValue{*data + *tag, *std::move(nonce), std::string(*type)};
}

std::string to_text(const SealedValue& value) {
  const std::string_view sealed = value.data;
  return fmt::format("ENC[AES256_GCM,data:{},iv:{},tag:{},type:{}]",
                     base64(sealed.substr(0, sealed.size() - k_tag_size)), base64(value.nonce),
                     base64(sealed.substr(sealed.size() - k_tag_size)), value.type);
}

}  // namespace jci::secrets
