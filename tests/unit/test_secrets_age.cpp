// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "jci/secrets/age.hpp"
#include "jci/secrets/age_armor.hpp"
#include "jci/secrets/age_header.hpp"
#include "jci/secrets/age_payload.hpp"
#include "jci/secrets/crypto.hpp"
#include "jci/util/program.hpp"
#include "jci/util/subprocess.hpp"
#include "secrets_fixture.hpp"
#include "temporary_directory.hpp"

namespace jci::secrets {
namespace {

// --- a second way to make a file, of parts that the test chooses ---

const std::string k_file_key(16, 'k');

Stanza wrapped_for(const Recipient& recipient, const std::string& file_key = k_file_key) {
  const Wiped scalar = random_bytes(32);
  const std::string ephemeral = x25519_public(scalar.view());
  const Wiped key = hkdf_sha256(x25519(scalar.view(), recipient.point())->view(),
                                ephemeral + recipient.point(), "age-encryption.org/v1/X25519");
  return {{"X25519", unpadded_base64(ephemeral)},
          seal(Cipher::chacha20_poly1305, key.view(), std::string(12, '\0'), "", file_key)};
}

std::string file_of(const std::vector<Stanza>& stanzas, std::string_view text = "hello") {
  const std::string header = header_text(stanzas);
  const Wiped code = hmac_sha256(hkdf_sha256(k_file_key, "", "header").view(), header);
  return header + ' ' + unpadded_base64(code.view()) + '\n' + seal_payload(k_file_key, text);
}

const Identity& me() {
  static const Identity identity = Identity::generate();
  return identity;
}

std::string opened(const std::string& file) { return decrypt(file, {&me(), 1}).text(); }

std::optional<Problem> problem_with(const std::vector<Stanza>& stanzas) {
  return problem_of([&] { opened(file_of(stanzas)); });
}

// --- keys ---

constexpr const char* k_key =
    "AGE-SECRET-KEY-13YAE076RQ2WVTQVUW99TQHAKNDLQ4PD7W8A0HXJ2HGLKNQYT046SNZ3CYD";
constexpr const char* k_public = "age19q4exes0jqmqgqxnyeydu6gfsuxrv7zsyw2k9s3ek7ru5vxrj5aql8pd35";

TEST(Age, KnowsThePublicHalfOfAKey) {
  const Identity identity = Identity::parse(k_key);
  EXPECT_EQ(identity.recipient().text(), k_public);
  EXPECT_EQ(identity.text().text(), k_key);
  EXPECT_EQ(Recipient::parse(k_public), identity.recipient());
}

TEST(Age, ReadsTheKeysOfAFileAsAgeKeygenWritesIt) {
  const std::string text = std::string("# created: 2026-11-22T08:26:05Z\n# public key: x\r\n\n") +
                           k_key + "\r\n" + me().text().text();
  const auto keys = parse_identities(text);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].recipient().text(), k_public);
  EXPECT_EQ(keys[1].recipient(), me().recipient());
  EXPECT_EQ(parse_identities(identity_file(me()).view()).at(0).recipient(), me().recipient());
}

TEST(Age, SaysWhichKeysItCannotUseAndNeverRepeatsThem) {
  const auto said = [](const std::string& text) {
    return message_of([&] { parse_identities(text); });
  };
  EXPECT_EQ(said("# nothing\n"), "there is no key in it");
  EXPECT_EQ(said("#\nsecret\n"), "line 2: it is no key; one begins with `AGE-SECRET-KEY-1`");
  EXPECT_EQ(said(replaced(k_key, "3CYD", "3CYF")),
            "line 1: it is no key; one begins with `AGE-SECRET-KEY-1`");
  EXPECT_EQ(said(k_public), "line 1: it is no key; one begins with `AGE-SECRET-KEY-1`");
  EXPECT_EQ(said("AGE-PLUGIN-YUBIKEY-1QGPQYQ"),
            "line 1: it is a key of a plugin, which only `age` reads");
  EXPECT_EQ(said("-----BEGIN OPENSSH PRIVATE KEY-----\n"),
            "line 1: it is a key of ssh, or is itself encrypted, which only `age` reads");
}

TEST(Age, TellsApartWhoCannotBeARecipient) {
  const auto problem = [](const std::string& text) {
    return problem_of([&] { Recipient::parse(text); });
  };
  EXPECT_EQ(problem(std::string(" ") + k_public + "\n"), std::nullopt);
  EXPECT_EQ(problem(""), Problem::malformed);
  EXPECT_EQ(problem(replaced(k_public, "pd35", "pd34")), Problem::malformed);
  EXPECT_EQ(problem(k_key), Problem::malformed);
  EXPECT_EQ(problem("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"), Problem::unsupported);
  EXPECT_EQ(problem("age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"),
            Problem::unsupported);
  const std::string of_key = message_of([] { Recipient::parse(k_key); });
  EXPECT_THAT(of_key, testing::StartsWith("that is a secret key"));
  EXPECT_THAT(of_key, testing::Not(testing::HasSubstr(std::string(k_key).substr(20))));
}

// --- files ---

TEST(Age, GivesBackWhatWasEncryptedToEachRecipient) {
  const Identity other = Identity::generate();
  const Identity third = Identity::generate();
  const std::string file = encrypt("text", std::vector{me().recipient(), other.recipient()});
  EXPECT_EQ(decrypt(file, {&me(), 1}).text(), "text");
  EXPECT_EQ(decrypt(file, std::vector{third, other}).text(), "text");
  EXPECT_EQ(problem_of([&] { decrypt(file, {&third, 1}); }), Problem::wrong_key);
  EXPECT_EQ(problem_of([&] { decrypt(file, {}); }), Problem::wrong_key);
}

TEST(Age, SkipsWhatIsForKindsOfKeysThatItDoesNotKnow) {
  EXPECT_EQ(opened(file_of({{{"x-grease", "!"}, "whatever"},
                            wrapped_for(me().recipient()),
                            {{"ssh-ed25519", "a", "b"}, ""}})),
            "hello");
  EXPECT_EQ(problem_with({{{"x-grease"}, ""}}), Problem::unsupported);
  EXPECT_EQ(problem_with({{{"ssh-ed25519", "a", "b"}, ""}}), Problem::unsupported);
  EXPECT_EQ(problem_with({{{"x25519", "a"}, ""}}), Problem::unsupported);
}

TEST(Age, SaysThatOnlyAgeAsksForPassphrases) {
  const Stanza passphrase{{"scrypt", "c2FsdHNhbHRzYWx0c2FsdA", "18"}, std::string(32, 'x')};
  EXPECT_EQ(problem_with({passphrase}), Problem::unsupported);
  EXPECT_EQ(problem_with({passphrase, wrapped_for(me().recipient())}), Problem::malformed);
}

TEST(Age, RefusesAMalformedPartForX25519EvenBesideAGoodOne) {
  const Stanza good = wrapped_for(me().recipient());
  const auto beside = [&](const Stanza& bad) { return problem_with({bad, good}); };
  const auto& share = good.arguments[1];
  EXPECT_EQ(beside({{"X25519"}, good.body}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", share, "more"}, good.body}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", share + "="}, good.body}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", share.substr(0, 40)}, good.body}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", share + "AAAA"}, good.body}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", share}, good.body + "x"}), Problem::malformed);
  EXPECT_EQ(beside({{"X25519", unpadded_base64(std::string(32, '\0'))}, good.body}),
            Problem::malformed);
  EXPECT_EQ(beside(wrapped_for(me().recipient(), std::string(17, 'k'))), Problem::malformed);
  EXPECT_EQ(beside(wrapped_for(Identity::generate().recipient())), std::nullopt);
}

TEST(Age, NoticesAHeaderThatWasChanged) {
  const Stanza good = wrapped_for(me().recipient());
  const std::string file = file_of({good, {{"a-grease"}, ""}});
  EXPECT_EQ(problem_of([&] { opened(replaced(file, "a-grease", "b-grease")); }), Problem::tampered);
  EXPECT_EQ(problem_of([&] { opened(replaced(file, "-> a-grease\n\n", "")); }), Problem::tampered);
}

// --- the age of others ---

class AgeBinary : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_on_path("age")) GTEST_SKIP() << "there is no `age` here";
    write_text(file("key"), identity_file(me()).view());
  }

  std::filesystem::path file(const char* name) const { return directory_.path() / name; }
  static Finished run(const std::vector<std::string>& argv) {
    return run_subprocess(argv, std::chrono::seconds(60));
  }
  /// What `age` reads in it; nothing where it refuses.
  std::optional<std::string> read_by_age(const std::string& encrypted) const {
    write_text(file("in"), encrypted);
    const std::string command = "exec age -d -i \"$1\" \"$2\" 2>/dev/null";
    const Finished done = run({"sh", "-c", command, "sh", file("key"), file("in")});
    if (done.exit_code != 0) return std::nullopt;
    return done.output;
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(AgeBinary, ReadsWhatWeWrite) {
  for (const std::size_t size : {0u, 1u, 65'536u, 200'000u}) {
    const std::string text(size, 'x');
    const std::string encrypted =
        encrypt(text, std::vector{Identity::generate().recipient(), me().recipient()});
    EXPECT_EQ(read_by_age(encrypted), text);
    EXPECT_EQ(read_by_age(armor(encrypted)), text);
  }
  EXPECT_EQ(read_by_age(file_of({{{"x-grease", "!"}, "whatever"}, wrapped_for(me().recipient())})),
            "hello");
}

TEST_F(AgeBinary, WritesWhatWeRead) {
  const std::string me_too = me().recipient().text();
  const std::string other = Identity::generate().recipient().text();
  for (const std::size_t size : {0u, 1u, 65'536u, 200'000u}) {
    const std::string text(size, 'y');
    write_text(file("plain"), text);
    const Finished binary = run({"age", "-r", other, "-r", me_too, file("plain")});
    EXPECT_EQ(opened(binary.output), text);
    const Finished armored = run({"age", "-a", "-r", me_too, file("plain")});
    EXPECT_EQ(opened(dearmor(armored.output)), text);
  }
}

TEST_F(AgeBinary, MakesKeysThatWeKnow) {
  if (!find_on_path("age-keygen")) GTEST_SKIP() << "there is no `age-keygen` here";
  ASSERT_EQ(run({"sh", "-c", "exec age-keygen -o \"$1\" 2>/dev/null", "sh", file("new")}).exit_code,
            0);
  const Identity theirs = parse_identities(read_text(file("new"))).at(0);
  EXPECT_NE(read_text(file("new")).find(theirs.recipient().text()), std::string::npos);
  EXPECT_EQ(run({"age-keygen", "-y", file("key")}).output, me().recipient().text() + "\n");
}

TEST_F(AgeBinary, RefusesTheSameFilesAsWe) {
  RandomTexts random;
  const Stanza good = wrapped_for(me().recipient());
  const std::string whole = file_of({good, {{"a-grease", "1"}, std::string(48, 'z')}});
  const std::string alphabet = "\n\r ->=A0~\x7f";
  for (int i = 0; i < 150; ++i) {
    std::string changed = whole;
    const std::size_t at = random.number(changed.size());
    switch (random.number(3)) {
      case 0:
        changed[at] = alphabet[random.number(alphabet.size())];
        break;
      case 1:
        changed.insert(at, 1, alphabet[random.number(alphabet.size())]);
        break;
      default:
        changed.erase(at, 1 + random.number(3));
    }
    std::optional<std::string> ours;
    problem_of([&] { ours = opened(changed); });
    EXPECT_EQ(ours, read_by_age(changed)) << changed;
  }
}

TEST_F(AgeBinary, RefusesTheSameHeadersUnderARightCode) {
  // Each is whole and signed, so that only the form decides.
  const Stanza good = wrapped_for(me().recipient());
  const auto signed_text = [](const std::string& header) {
    const Wiped code = hmac_sha256(hkdf_sha256(k_file_key, "", "header").view(), header);
    return header + ' ' + unpadded_base64(code.view()) + '\n' + seal_payload(k_file_key, "hello");
  };
  const std::string header = header_text({good});
  const std::string end = "\n---";
  for (const std::string& changed : {
           header,
           replaced(header, end, "\n-> empty\n\n---"),
           replaced(header, end, "\n-> empty\n---"),
           replaced(header, end, "\n->\n\n---"),
           replaced(header, end, "\n-> \n\n---"),
           replaced(header, end, "\n->  two\n\n---"),
           replaced(header, end, "\n-> a \n\n---"),
           replaced(header, end, "\n-> a\r\n\n---"),
           replaced(header, end, "\n-> a \x7f\n\n---"),
           replaced(header, end, "\n-> a\nAA==\n---"),
           replaced(header, end, "\n-> a\nAB\n---"),
           replaced(header, end, "\n-> a\nAA\nAA\n---"),
           replaced(header, end, "\n-> a\n" + std::string(64, 'A') + "\n---"),
           replaced(header, end, "\n-> a\n" + std::string(64, 'A') + "\n\n---"),
           replaced(header, end, "\n-> a\n" + std::string(68, 'A') + "\n\n---"),
           replaced(header, end, "\n\n---"),
       }) {
    const std::string file = signed_text(changed);
    std::optional<std::string> ours;
    problem_of([&] { ours = opened(file); });
    EXPECT_EQ(ours, read_by_age(file)) << changed;
  }
}

}  // namespace
}  // namespace jci::secrets
