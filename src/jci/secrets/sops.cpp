// SPDX-License-Identifier: MIT
#include "jci/secrets/sops.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "jci/secrets/age_armor.hpp"
#include "jci/secrets/crypto.hpp"
#include "jci/secrets/error.hpp"
#include "jci/util/assert.hpp"
#include "jci/util/text.hpp"

namespace jci::secrets {
namespace {

using Kind = DotenvLine::Kind;

constexpr std::size_t k_data_key_size = 32;
constexpr std::size_t k_nonce_size = 32;
constexpr std::string_view k_version = "3.8.1";  // whose format new files have
constexpr std::string_view k_default_suffix = "_unencrypted";

std::string seal_text(std::string_view key, std::string_view plain, std::string_view tied_to,
                      std::string_view type) {
  std::string nonce = random_bytes(k_nonce_size).text();
  std::string data = seal(Cipher::aes256_gcm, key, nonce, tied_to, plain);
  return to_text(SealedValue{std::move(data), std::move(nonce), std::string(type)});
}

std::optional<Wiped> open_text(std::string_view key, std::string_view sealed,
                               std::string_view tied_to) {
  const auto value = parse_sealed_value(sealed);
  if (!value) return std::nullopt;
  return open_sealed(Cipher::aes256_gcm, key, value->nonce, tied_to, value->data);
}

std::string wrap_key(const Wiped& data_key, const Recipient& recipient) {
  return armor(encrypt(data_key.view(), {&recipient, 1}));
}

std::string name_of(const DotenvLine& line) {
  return line.kind == Kind::comment ? "a comment" : fmt::format("`{}`", sanitize_line(line.name));
}

bool is_empty(const DotenvLine& line) { return line.value.view().empty(); }

// --- the data key ---

/// Nothing where these open nothing.
std::optional<Wiped> unwrap_by_any(const std::vector<SopsMetadata::AgeKey>& keys,
                                   std::span<const Identity> identities) {
  for (const auto& key : keys) {
    try {
      return decrypt(dearmor(key.wrapped), identities);
    } catch (const Error& error) {
      if (error.problem != Problem::wrong_key && error.problem != Problem::unsupported) throw;
    }
  }
  return std::nullopt;
}

std::string who_can_open(const SopsMetadata& metadata) {
  std::string names;
  for (const auto& key : metadata.age_keys())
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", sanitize_line(key.recipient));
  return names;
}

Wiped data_key_of(const SopsMetadata& metadata, std::span<const Identity> identities) {
  const auto keys = metadata.age_keys();
  if (keys.empty())
    throw Error(Problem::unsupported, "it is encrypted for no age key, so only `sops` reads it");
  auto key = unwrap_by_any(keys, identities);
  if (!key) {
    const bool has_none = identities.empty();
    throw Error(
        has_none ? Problem::no_key : Problem::wrong_key,
        fmt::format("{}; it opens for {}", has_none ? "there is no key" : "the key is wrong",
                    who_can_open(metadata)));
  }
  return *std::move(key);
}

// --- lines ---

/// `KEY:` is the path in a tree of depth one; a comment has none.
std::string tie_of(const DotenvLine& line) { return line.name + ':'; }

void check_name(const DotenvLine& line) {
  if (line.kind == Kind::comment) return;
  if (line.name.starts_with("sops_"))
    throw Error(Problem::malformed,
                fmt::format("{} cannot be a variable: names that begin with `sops_` are SOPS's own",
                            name_of(line)));
  if (is_variable_name(line.name)) return;
  const bool has_export = line.name.starts_with("export ");
  throw Error(Problem::malformed,
              fmt::format("{} is no name for a variable{}", name_of(line),
                          has_export ? "; leave out the `export`"
                                     : "; it has letters, digits and `_`, and no space around it"));
}

void check_value(const DotenvLine& line) {
  if (line.value.view().find('\0') == std::string_view::npos) return;
  throw Error(
      Problem::malformed,
      fmt::format("the value of {} has a NUL byte, which no variable can have", name_of(line)));
}

}  // namespace

SopsDocument SopsDocument::create(std::span<const Recipient> recipients) {
  JCI_ASSERT(!recipients.empty());
  SopsDocument document;
  document.data_key_ = random_bytes(k_data_key_size);
  document.metadata_.set("unencrypted_suffix", std::string(k_default_suffix));
  document.metadata_.set("version", std::string(k_version));
  for (const Recipient& recipient : recipients) document.add_recipient(recipient);
  document.is_changed_ = document.needs_mac_ = true;
  return document;
}

SopsDocument SopsDocument::open(std::string_view text, std::span<const Identity> identities) {
  SopsFile file = parse_sops_file(text);
  SopsDocument document;
  document.metadata_ = std::move(file.metadata);
  document.data_key_ = data_key_of(document.metadata_, identities);
  if (document.data_key_.view().size() != k_data_key_size)
    throw Error(Problem::malformed, "its data key is not 32 bytes long");
  for (const DotenvLine& sealed : file.lines) {
    document.lines_.push_back({sealed.kind, sealed.name, document.open_line(sealed)});
    document.sealed_.push_back(sealed.value.text());
  }
  document.check_mac();
  return document;
}

std::vector<std::string> SopsDocument::recipients() const {
  std::vector<std::string> all;
  for (const auto& key : metadata_.age_keys()) all.push_back(key.recipient);
  return all;
}

// --- what is encrypted ---

/// By name. Where a pattern says it, only SOPS can tell for a new line: its patterns are Go's.
bool SopsDocument::is_encrypted(const DotenvLine& line) const {
  if (const auto suffix = metadata_.find("encrypted_suffix"))
    return line.kind == Kind::variable && line.name.ends_with(*suffix);
  for (const auto& [name, pattern] : metadata_.fields()) {
    if (!name.ends_with("_regex") || pattern.empty()) continue;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (lines_[i].kind == line.kind && lines_[i].name == line.name)
        return parse_sealed_value(sealed_[i]).has_value();
    throw Error(Problem::unsupported,
                fmt::format("`sops_{}` says whether {} is encrypted, which only `sops` can tell: "
                            "add it by `sops edit`",
                            name, name_of(line)));
  }
  const std::string suffix =
      metadata_.find("unencrypted_suffix").value_or(std::string(k_default_suffix));
  return suffix.empty() || line.kind == Kind::comment || !line.name.ends_with(suffix);
}

std::string SopsDocument::seal_line(const DotenvLine& line) const {
  if (is_empty(line)) return {};
  if (!is_encrypted(line)) {
    if (line.value.view().find("\\n") != std::string_view::npos)
      throw Error(Problem::malformed,
                  fmt::format("the value of {} cannot stay in the clear: it has a backslash before "
                              "an `n`, which would read as a newline",
                              name_of(line)));
    return line.value.text();
  }
  return seal_text(data_key_.view(), line.value.view(), tie_of(line),
                   line.kind == Kind::comment ? "comment" : "str");
}

Wiped SopsDocument::open_line(const DotenvLine& sealed) const {
  if (is_empty(sealed)) return {};
  const auto value = parse_sealed_value(sealed.value.view());
  const bool has_pattern = std::ranges::any_of(metadata_.fields(), [](const auto& field) {
    return field.first.ends_with("_regex") && !field.second.empty();
  });
  if (!value) {
    // A comment of the days when SOPS left them alone, or a variable that is not to be encrypted.
    if (sealed.kind == Kind::comment || has_pattern || !is_encrypted(sealed)) return sealed.value;
    throw Error(Problem::tampered,
                fmt::format("{} is not encrypted, or its encrypted value is cut off: take the line "
                            "out and add it by `jci secrets`",
                            name_of(sealed)));
  }
  if (!has_pattern && !is_encrypted(sealed)) return sealed.value;
  auto plain = open_text(data_key_.view(), sealed.value.view(), tie_of(sealed));
  if (!plain)
    throw Error(Problem::tampered,
                fmt::format("the value of {} was changed, or belongs to another name or file: take "
                            "the line back from git's history",
                            name_of(sealed)));
  if (value->type != "str" && value->type != "comment")
    throw Error(Problem::unsupported,
                fmt::format("{} is of the type `{}`, which dotenv files have not", name_of(sealed),
                            sanitize_line(value->type)));
  return *std::move(plain);
}

// --- the MAC ---

Wiped SopsDocument::mac() const {
  std::size_t size = 0;
  for (const DotenvLine& line : lines_) size += line.value.view().size();
  std::string all;
  all.reserve(size);  // so that it never moves and leaves a copy
  for (const DotenvLine& line : lines_)
    if (line.kind == Kind::variable) all += line.value.view();
  const Wiped values(std::move(all));
  std::string hex;
  for (const char c : sha512(values.view()))
    hex += fmt::format("{:02X}", static_cast<unsigned char>(c));
  return Wiped(std::move(hex));
}

void SopsDocument::check_mac() const {
  const auto noted = open_text(data_key_.view(), metadata_.find("mac").value_or(""),
                               metadata_.find("lastmodified").value_or(""));
  if (!noted)
    throw Error(Problem::tampered,
                "its `sops_mac` or `sops_lastmodified` was changed: take the file back from git's "
                "history");
  if (!same_bytes(noted->view(), mac().view()))
    throw Error(Problem::tampered,
                "lines were changed, moved or removed without the key: take the file back from "
                "git's history");
}

// --- changes ---

void SopsDocument::replace(std::vector<DotenvLine> lines) {
  std::multimap<std::string, std::size_t> before;  // by what is read
  for (std::size_t i = 0; i < lines_.size(); ++i) before.emplace(to_dotenv(lines_[i]).text(), i);
  std::vector<std::string> sealed;
  for (DotenvLine& line : lines) {
    const auto same = before.find(to_dotenv(line).text());
    if (same == before.end()) {
      check_name(line);
      check_value(line);
      sealed.push_back(seal_line(line));
      continue;
    }
    line = lines_[same->second];
    sealed.push_back(sealed_[same->second]);
    before.erase(same);
  }
  if (lines == lines_) return;
  lines_ = std::move(lines);
  sealed_ = std::move(sealed);
  is_changed_ = needs_mac_ = true;
}

void SopsDocument::set(std::string_view name, Wiped value) {
  DotenvLine line{Kind::variable, std::string(name), std::move(value)};
  const auto last = std::ranges::find_if(
      lines_.rbegin(), lines_.rend(),
      [&](const DotenvLine& old) { return old.kind == Kind::variable && old.name == name; });
  if (last != lines_.rend() && *last == line) return;
  check_name(line);
  check_value(line);
  std::string sealed = seal_line(line);
  if (last == lines_.rend()) {
    lines_.push_back(std::move(line));
    sealed_.push_back(std::move(sealed));
  } else {
    sealed_[static_cast<std::size_t>(lines_.rend() - last) - 1] = std::move(sealed);
    *last = std::move(line);
  }
  is_changed_ = needs_mac_ = true;
}

bool SopsDocument::add_recipient(const Recipient& recipient) {
  auto keys = metadata_.age_keys();
  const std::string text = recipient.text();
  if (std::ranges::find(keys, text, &SopsMetadata::AgeKey::recipient) != keys.end()) return false;
  keys.push_back({text, wrap_key(data_key_, recipient)});
  metadata_.set_age_keys(keys);
  is_changed_ = true;
  return true;
}

void SopsDocument::rotate(std::span<const Recipient> without) {
  if (const auto others = metadata_.other_keys())
    throw Error(
        Problem::unsupported,
        fmt::format("it opens by `{}` too, for which only `sops rotate` can renew it", *others));
  std::vector<Recipient> staying;
  for (const std::string& text : recipients()) {
    Recipient recipient = Recipient::parse(text);
    if (std::ranges::find(without, recipient) == without.end())
      staying.push_back(std::move(recipient));
  }
  if (staying.empty()) throw Error(Problem::malformed, "nobody would be left who can open it");
  // What can fail is behind us once everything is encrypted anew.
  SopsDocument renewed = *this;
  renewed.data_key_ = random_bytes(k_data_key_size);
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (parse_sealed_value(sealed_[i])) renewed.sealed_[i] = renewed.seal_line(lines_[i]);
  std::vector<SopsMetadata::AgeKey> keys;
  for (const Recipient& recipient : staying)
    keys.push_back({recipient.text(), wrap_key(renewed.data_key_, recipient)});
  renewed.metadata_.set_age_keys(keys);
  renewed.is_changed_ = renewed.needs_mac_ = true;
  *this = std::move(renewed);
}

std::string SopsDocument::text(Time now) const {
  SopsFile file;
  file.metadata = metadata_;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    file.lines.push_back({lines_[i].kind, lines_[i].name, Wiped(sealed_[i])});
  if (needs_mac_) {
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
    const std::string time = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
    file.metadata.set("lastmodified", time);
    file.metadata.set("mac", seal_text(data_key_.view(), mac().view(), time, "str"));
  }
  return to_text(file);
}

}  // namespace jci::secrets
