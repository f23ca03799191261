// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "jci/secrets/sops.hpp"
#include "secrets_fixture.hpp"

namespace jci::secrets {
namespace {

using Kind = DotenvLine::Kind;

Identity key_a() { return parse_identities(sample("a.key")).at(0); }
Identity key_b() { return parse_identities(sample("b.key")).at(0); }

SopsDocument open_with(const std::string& text, const Identity& key) {
  return SopsDocument::open(text, {&key, 1});
}
SopsDocument open_for_a(const std::string& text) { return open_with(text, key_a()); }

SopsDocument fresh() {
  const Recipient recipient = key_a().recipient();
  return SopsDocument::create({&recipient, 1});
}

std::string plain_of(const SopsDocument& document) { return to_dotenv(document.lines()).text(); }

/// Lines of `after` that are not in `before`, up to their `=`; those that are gone have a minus.
std::vector<std::string> differences(const std::string& before, const std::string& after) {
  const auto lines = [](const std::string& text) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      all.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return all;
  };
  std::vector<std::string> all;
  const auto add_missing = [&](const std::string& of, const std::string& in, const char* mark) {
    const auto there = lines(in);
    for (const std::string& line : lines(of))
      if (std::ranges::find(there, line) == there.end())
        all.push_back(mark + line.substr(0, line.find('=')));
  };
  add_missing(before, after, "-");
  add_missing(after, before, "+");
  return all;
}

std::string value_of(const SopsDocument& document, std::string_view name) {
  for (const DotenvLine& line : document.lines())
    if (line.name == name) return line.value.text();
  return "(none)";
}

// --- files that sops wrote ---

TEST(Sops, ReadsWhatSopsWrote) {
  for (const char* name : {"a-3.8.1.enc", "a-3.13.2.enc", "ab-3.13.2.enc"}) {
    const SopsDocument document = open_for_a(sample(name));
    EXPECT_EQ(plain_of(document), sample("plain.env")) << name;
    EXPECT_FALSE(document.is_changed());
    EXPECT_EQ(document.text(), sample(name)) << name;
  }
  EXPECT_EQ(plain_of(open_with(sample("ab-3.13.2.enc"), key_b())), sample("plain.env"));
}

TEST(Sops, RefusesWhatSopsRefuses) {
  for (const char* name : {"bad-line-removed.enc", "bad-plain-changed.enc", "bad-renamed.enc"})
    EXPECT_EQ(problem_of([&] { open_for_a(sample(name)); }), Problem::tampered) << name;
}

TEST(Sops, SaysWhoseKeysOpenAFile) {
  EXPECT_EQ(problem_of([] { open_with(sample("a-3.8.1.enc"), key_b()); }), Problem::wrong_key);
  EXPECT_EQ(message_of([] { open_with(sample("a-3.8.1.enc"), key_b()); }),
            "the key is wrong; it opens for `" + key_a().recipient().text() + "`");
  EXPECT_EQ(problem_of([] { SopsDocument::open(sample("a-3.8.1.enc"), {}); }), Problem::no_key);
}

TEST(Sops, NoticesEachWayToTamper) {
  const std::string good = sample("a-3.13.2.enc");
  const auto problem = [](const std::string& text) {
    return problem_of([&] { open_for_a(text); });
  };
  EXPECT_EQ(problem(replaced(good, "data:WD/I5", "data:WD/I6")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "iv:dSLnt", "iv:dSLnu")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "DB_HOST=", "DB_GUEST=")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "DB_HOST=ENC", "DB_HOST=enc")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "=visible", "=Visible")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "EMPTY=", "EMPTY=plain")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "DB_HOST=", "ADDED=x\nDB_HOST=")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "#ENC[AES256_GCM,data:fy", "#ENC[AES256_GCM,data:fz")),
            Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "08:26:05Z", "08:26:06Z")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "data:70FSH", "data:80FSH")), Problem::tampered);
  EXPECT_EQ(problem(replaced(good, "sops_mac=ENC", "sops_mac=END")), Problem::tampered);
}

// --- changes ---

TEST(Sops, ChangesNoMoreOfTheFileThanWasEdited) {
  const std::string before = sample("a-3.13.2.enc");
  SopsDocument document = open_for_a(before);
  std::string text = plain_of(document);
  text = replaced(text, "DB_HOST=db.local\n", "");
  text = replaced(text, "UNI=", "ADDED=new\nUNI=");
  text = replaced(text, "=visible", "=seen");
  document.replace(parse_dotenv(text));
  EXPECT_TRUE(document.is_changed());
  EXPECT_EQ(differences(before, document.text()),
            (std::vector<std::string>{"-DB_HOST", "-PLAIN_unencrypted", "-sops_lastmodified",
                                      "-sops_mac", "+ADDED", "+PLAIN_unencrypted",
                                      "+sops_lastmodified", "+sops_mac"}));
  EXPECT_EQ(plain_of(open_for_a(document.text())), text);
}

TEST(Sops, IsNotChangedByTheTextThatItHas) {
  SopsDocument document = open_for_a(sample("a-3.8.1.enc"));
  document.replace(parse_dotenv("\n" + plain_of(document) + "\n"));
  document.set("DB_HOST", Wiped("db.local"));
  EXPECT_FALSE(document.is_changed());
  EXPECT_EQ(document.text(), sample("a-3.8.1.enc"));
}

TEST(Sops, KeepsTheEncryptedValuesOfLinesThatMove) {
  SopsDocument document = fresh();
  document.replace(parse_dotenv("A=1\n#c\nB=2\nA=1\n"));
  const std::string before = document.text();
  document.replace(parse_dotenv("B=2\nA=1\nA=1\n#c\n"));
  EXPECT_EQ(differences(before, document.text()),
            (std::vector<std::string>{"-sops_mac", "+sops_mac"}));
  EXPECT_EQ(plain_of(open_for_a(document.text())), "B=2\nA=1\nA=1\n#c\n");
}

TEST(Sops, SetsTheLastOfSeveralOrANewOne) {
  SopsDocument document = fresh();
  document.replace(parse_dotenv("A=1\nA=2\n"));
  document.set("A", Wiped("3"));
  document.set("B", Wiped("x\ny"));
  EXPECT_EQ(plain_of(open_for_a(document.text())), "A=1\nA=3\nB=x\\ny\n");
}

TEST(Sops, KeepsABackslashBeforeAnNWhichTheTextCannotShow) {
  SopsDocument document = fresh();
  document.set("PATH_OF_DOS", Wiped("C:\\new"));
  document.replace(parse_dotenv(plain_of(document) + "B=1\n"));
  EXPECT_EQ(value_of(open_for_a(document.text()), "PATH_OF_DOS"), "C:\\new");
  EXPECT_EQ(problem_of([&] { document.set("X_unencrypted", Wiped("C:\\new")); }),
            Problem::malformed);
}

TEST(Sops, RefusesNamesAndValuesThatNoEnvironmentHas) {
  SopsDocument document = fresh();
  for (const char* text : {"sops_mac=x", "export A=1", " A=1", "A B=1", "=1", "1A=1", "A.B=1"}) {
    EXPECT_EQ(problem_of([&] { document.replace(parse_dotenv(text)); }), Problem::malformed)
        << text;
  }
  EXPECT_EQ(problem_of([&] { document.set("A", Wiped(std::string("a\0b", 3))); }),
            Problem::malformed);
  EXPECT_EQ(document.lines(), std::vector<DotenvLine>());
}

TEST(Sops, GivesBackAnyLines) {
  RandomTexts random;
  for (int i = 0; i < 60; ++i) {
    std::vector<DotenvLine> lines;
    for (std::size_t count = random.number(8); count > 0; --count) {
      const std::string value = random.text("ab \n\"'=#\r$`\t\xc3\xa9", 40);
      const bool is_comment = random.number(4) == 0;
      lines.push_back(is_comment
                          ? DotenvLine{Kind::comment, "", Wiped("c" + random.text("ab =#'", 5))}
                          : DotenvLine{Kind::variable, "N" + random.text("AB_1", 4), Wiped(value)});
    }
    SopsDocument document = fresh();
    document.replace(lines);
    EXPECT_EQ(open_for_a(document.text()).lines(), lines);
  }
}

TEST(Sops, NotesTheTimeOfAChange) {
  SopsDocument document = fresh();
  const std::string text =
      document.text(std::chrono::sys_days(std::chrono::year(2031) / 2 / 3) + std::chrono::hours(4));
  EXPECT_NE(text.find("sops_lastmodified=2031-02-03T04:00:00Z\n"), std::string::npos);
  EXPECT_EQ(plain_of(open_for_a(text)), "");
}

// --- what is encrypted ---

TEST(Sops, LeavesInTheClearWhatTheFileSays) {
  const std::string by_suffix = replaced(fresh().text(), "sops_unencrypted_suffix=_unencrypted",
                                         "sops_encrypted_suffix=_secret");
  SopsDocument document = open_for_a(by_suffix);
  document.replace(parse_dotenv("#seen\nA=seen\nA_secret=hidden\n"));
  const std::string text = document.text();
  EXPECT_TRUE(text.starts_with("#seen\nA=seen\nA_secret=ENC[")) << text;
  EXPECT_EQ(plain_of(open_for_a(text)), "#seen\nA=seen\nA_secret=hidden\n");
}

TEST(Sops, LeavesPatternsToSops) {
  SopsDocument plain = fresh();
  plain.replace(parse_dotenv("A=1\nB_unencrypted=2\n"));
  const std::string text =
      replaced(plain.text(), "sops_unencrypted_suffix=_unencrypted", "sops_unencrypted_regex=^B");
  SopsDocument document = open_for_a(text);
  EXPECT_EQ(plain_of(document), "A=1\nB_unencrypted=2\n");
  document.set("A", Wiped("3"));
  document.set("B_unencrypted", Wiped("4"));
  EXPECT_EQ(plain_of(open_for_a(document.text())), "A=3\nB_unencrypted=4\n");
  EXPECT_NE(document.text().find("B_unencrypted=4\n"), std::string::npos);
  EXPECT_EQ(problem_of([&] { document.set("C", Wiped("5")); }), Problem::unsupported);
}

// --- keys ---

TEST(Sops, LetsOneMoreKeyOpenItAndChangesNothingElse) {
  const std::string before = sample("a-3.8.1.enc");
  SopsDocument document = open_for_a(before);
  EXPECT_TRUE(document.add_recipient(key_b().recipient()));
  EXPECT_FALSE(document.add_recipient(key_b().recipient()));
  const std::string after = document.text();
  EXPECT_EQ(
      differences(before, after),
      (std::vector<std::string>{"+sops_age__list_1__map_enc", "+sops_age__list_1__map_recipient"}));
  EXPECT_EQ(plain_of(open_with(after, key_b())), sample("plain.env"));
  EXPECT_EQ(plain_of(open_for_a(after)), sample("plain.env"));
}

TEST(Sops, EncryptsAllAnewByRotating) {
  const std::string before = sample("ab-3.13.2.enc");
  SopsDocument document = open_for_a(before);
  document.rotate();
  const std::string after = document.text();
  EXPECT_EQ(plain_of(open_for_a(after)), sample("plain.env"));
  EXPECT_EQ(plain_of(open_with(after, key_b())), sample("plain.env"));
  for (const std::string line : {"DB_HOST", "LONG", "sops_mac", "sops_age__list_0__map_enc"}) {
    const auto found = differences(before, after);
    EXPECT_NE(std::ranges::find(found, "+" + line), found.end()) << line;
  }
  // Who kept the old file and its data key opens nothing of the new one with it.
  const std::string mixed =
      after.substr(0, after.find("sops_age")) + before.substr(before.find("sops_age"));
  EXPECT_EQ(problem_of([&] { open_for_a(mixed); }), Problem::tampered);
}

TEST(Sops, ShutsOutAKeyByRotatingWithoutIt) {
  SopsDocument document = open_for_a(sample("ab-3.13.2.enc"));
  const Recipient gone = key_b().recipient();
  document.rotate({&gone, 1});
  EXPECT_EQ(document.recipients(), std::vector{key_a().recipient().text()});
  EXPECT_EQ(problem_of([&] { open_with(document.text(), key_b()); }), Problem::wrong_key);
  EXPECT_EQ(plain_of(open_for_a(document.text())), sample("plain.env"));
}

TEST(Sops, DoesNotRotateWhatOthersThanAgeOpenOrNobodyWould) {
  SopsDocument document = open_for_a(sample("a-3.8.1.enc") + "sops_pgp__list_0__map_enc=x\n");
  EXPECT_EQ(problem_of([&] { document.rotate(); }), Problem::unsupported);
  SopsDocument lonely = open_for_a(sample("a-3.8.1.enc"));
  const Recipient me = key_a().recipient();
  EXPECT_EQ(problem_of([&] { lonely.rotate({&me, 1}); }), Problem::malformed);
  EXPECT_FALSE(document.is_changed() || lonely.is_changed());
}

}  // namespace
}  // namespace jci::secrets
