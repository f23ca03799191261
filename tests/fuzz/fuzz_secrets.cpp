// SPDX-License-Identifier: MIT
// What reads secrets neither crashes nor loses a byte: what it takes, it writes again so that it reads the same. An input's first byte chooses the reader.
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "jci/secrets/age.hpp"
#include "jci/secrets/age_armor.hpp"
#include "jci/secrets/age_header.hpp"
#include "jci/secrets/bech32.hpp"
#include "jci/secrets/dotenv.hpp"
#include "jci/secrets/error.hpp"
#include "jci/secrets/import.hpp"
#include "jci/secrets/shell.hpp"
#include "jci/secrets/sops.hpp"
#include "jci/secrets/sops_file.hpp"

namespace {

using namespace jci::secrets;

void must(bool holds) {
  if (!holds) std::abort();
}

const Identity& me() {
  static const Identity identity = Identity::generate();
  return identity;
}

// --- age ---

void header(std::string_view text) {
  const Header header = parse_header(text);
  must(header_text(header.stanzas) == header.under_code);
}

void whole_age_file(std::string_view text) { must(decrypt(text, {&me(), 1}).view().empty()); }

void armored(std::string_view text) {
  const std::string file = dearmor(text);
  must(dearmor(armor(file)) == file);
}

void bech32(std::string_view text) {
  const auto decoded = from_bech32(text);
  if (!decoded) return;
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  must(to_bech32(decoded->prefix, decoded->bytes) == lower);
}

void keys(std::string_view text) {
  for (const Identity& identity : parse_identities(text)) {
    must(Recipient::parse(identity.recipient().text()) == identity.recipient());
    must(parse_identities(identity_file(identity).view()).front().text() == identity.text());
  }
}

// --- dotenv files ---

void dotenv(std::string_view text) {
  const std::vector<DotenvLine> lines = parse_dotenv(text);
  must(parse_dotenv(to_dotenv(lines).view()) == lines);
}

void plain_dotenv(std::string_view text) {
  const std::vector<Variable> variables = parse_plain_dotenv(text);
  to_shell(variables);  // takes every name that the reader took
  std::string again;
  for (const auto& [name, value] : variables) {
    again.append(name).append("=\"");
    for (const char c : value.view()) {
      if (c == '"' || c == '\\') again += '\\';
      again += c;
    }
    again += "\"\n";
  }
  must(parse_plain_dotenv(again) == variables);
}

void sops_file(std::string_view text) {
  const SopsFile file = parse_sops_file(text);
  const SopsFile again = parse_sops_file(to_text(file));
  must(again.lines == file.lines && again.metadata.fields() == file.metadata.fields());
  SopsMetadata metadata = file.metadata;
  const auto keys = metadata.age_keys();
  metadata.set_age_keys(keys);
  must(metadata.age_keys() == keys);
}

void sealed_value(std::string_view text) {
  const auto value = parse_sealed_value(text);
  must(!value || to_text(*value) == text);
}

/// What an editor may leave is in the file that is then written.
void edited(std::string_view text) {
  static const SopsDocument empty = SopsDocument::create({&me().recipient(), 1});
  SopsDocument document = empty;
  document.replace(parse_dotenv(text));
  must(SopsDocument::open(document.text(), {&me(), 1}).lines() == document.lines());
}

/// The lines of a file that opens, changed by one who has no key.
void tampered(std::string_view text) {
  static const std::string rest = SopsDocument::create({&me().recipient(), 1}).text();
  for (const DotenvLine& line :
       SopsDocument::open(std::string(text) + '\n' + rest, {&me(), 1}).lines())
    must(line.value.view().empty() || line.kind == DotenvLine::Kind::comment);
}

constexpr auto k_readers = std::to_array({header, whole_age_file, armored, bech32, keys, dotenv,
                                          plain_dotenv, sops_file, sealed_value, edited, tampered});

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    k_readers[data[0] % k_readers.size()](text);
  } catch (const Error&) {
    // Said so: that is all it may do.
  }
  return 0;
}
