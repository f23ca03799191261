// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "jci/secrets/environment.hpp"
#include "jci/secrets/keys.hpp"
#include "secrets_fixture.hpp"
#include "temporary_directory.hpp"

namespace jci::secrets {
namespace {

namespace fs = std::filesystem;

class SecretsEnvironment : public testing::Test {
 protected:
  fs::path root() const { return directory_.path(); }
  fs::path file(const char* name) const { return root() / "secrets" / name; }

  void write_key(const char* name, const std::string& text, fs::perms mode = fs::perms{0600}) {
    write_text(file(name), text);
    fs::permissions(file(name), mode);
  }
  Environment environment(std::string_view name = "ci") {
    return {root(), name, [this](const char* variable) -> const char* {
              const auto found = variables_.find(variable);
              return found == variables_.end() ? nullptr : found->second.c_str();
            }};
  }
  void expect_fields(const std::vector<Variable>& all) const {
    ASSERT_EQ(all.size(), 9u);
    EXPECT_EQ(all[3], (Variable{"MULTI", Wiped("line one\nline two")}));
    EXPECT_EQ(all[7], (Variable{"PLAIN_unencrypted", Wiped("visible")}));
  }

  TemporaryDirectory directory_;
  std::map<std::string, std::string> variables_;
};

TEST_F(SecretsEnvironment, HasTheVariablesOfItsFile) {
  EXPECT_FALSE(has_environment(root(), "ci"));
  write_text(file("ci.enc"), sample("a-3.13.2.enc"));
  write_key("ci.key", sample("a.key"));
  EXPECT_TRUE(has_environment(root(), "ci"));
  expect_fields(variables_of(root(), "ci", [](const char*) { return nullptr; }));
}

TEST_F(SecretsEnvironment, FindsKeysWhereSopsDoes) {
  write_text(file("ci.enc"), sample("a-3.13.2.enc"));
  write_key("ci.key", sample("b.key"));
  EXPECT_EQ(problem_of([&] { environment().open(); }), Problem::wrong_key);
  variables_["SOPS_AGE_KEY"] = sample("b.key") + "\n" + sample("a.key");
  expect_fields(variables_of(environment().open()));
  variables_ = {{"SOPS_AGE_KEY_FILE", file("elsewhere")}, {"SOPS_AGE_KEY", ""}};
  write_key("elsewhere", sample("a.key"), fs::perms{0644});
  expect_fields(variables_of(environment().open()));
  fs::remove(file("ci.key"));
  expect_fields(variables_of(environment().open()));
}

TEST_F(SecretsEnvironment, SaysWhatToDoAboutEachProblem) {
  const auto said = [&] { return message_of([&] { environment().open(); }); };
  const std::string enc = file("ci.enc");
  const std::string key = file("ci.key");
  EXPECT_EQ(said(), "there is no `" + enc + "`; `jci secrets edit ci` makes it");
  write_text(enc, sample("a-3.13.2.enc"));
  const std::string opens_for =
      "it opens for `" + parse_identities(sample("a.key"))[0].recipient().text() + "`";
  EXPECT_EQ(said(), "`" + enc + "` cannot be opened: there is no key; " + opens_for +
                        "; put one into `" + key + "`, or into `SOPS_AGE_KEY`");
  write_key("ci.key", sample("b.key"));
  EXPECT_EQ(said(),
            "`" + enc + "` cannot be opened: the key is wrong; " + opens_for +
                "; ask one who has such a key for it, or to say `jci secrets add-recipient ci` "
                "with the public key of yours");
  write_key("ci.key", "hello");
  EXPECT_EQ(said(), "`" + key + "`: line 1: it is no key; one begins with `AGE-SECRET-KEY-1`");
  write_key("ci.key", sample("a.key"), fs::perms{0640});
  EXPECT_EQ(said(), "others may read the key in `" + key +
                        "`, whose mode is 0640: say `chmod 600 " + key +
                        "`, and `jci secrets rotate` with a new key if anybody did");
  write_key("ci.key", sample("a.key"));
  write_text(enc, replaced(sample("a-3.13.2.enc"), "DB_PASS=", "<<<<<<< HEAD\nDB_PASS="));
  EXPECT_EQ(said(),
            "`" + enc +
                "` cannot be opened: line 3 is a conflict marker of git; take one side whole, by "
                "`git checkout --ours -- " +
                enc +
                "` or `--theirs`, and make the other's changes again by "
                "`jci secrets edit ci`");
  write_text(enc, "A=1\n");
  EXPECT_EQ(said(), "`" + enc +
                        "` cannot be opened: it is no dotenv file that SOPS encrypted: there is no "
                        "`sops_lastmodified` in it");
  variables_["SOPS_AGE_KEY"] = "x";
  EXPECT_EQ(said(), "`SOPS_AGE_KEY`: line 1: it is no key; one begins with `AGE-SECRET-KEY-1`");
}

TEST_F(SecretsEnvironment, CountsAVariableThatIsThereTwiceOnce) {
  write_key("ci.key", sample("a.key"));
  SopsDocument document = environment().open_or_create();
  document.replace(parse_dotenv("A=1\nB=2\nA=3\n"));
  environment().save(document);
  EXPECT_EQ(variables_of(environment().open()),
            (std::vector<Variable>{{"A", Wiped("3")}, {"B", Wiped("2")}}));
}

TEST_F(SecretsEnvironment, HasANameThatIsNoPath) {
  for (const char* name : {"", ".", "..", "../ci", "a/b", ".hidden", "-x", "a b", "a\nb"})
    EXPECT_EQ(problem_of([&] { environment(name); }), Problem::malformed) << name;
  for (const char* name : {"ci", "prod-eu_1.2", "X"})
    EXPECT_EQ(problem_of([&] { environment(name); }), std::nullopt) << name;
}

TEST_F(SecretsEnvironment, MakesAKeyOnceAndKeepsItOutOfGit) {
  const Identity key = environment().make_key();
  EXPECT_EQ(fs::status(file("ci.key")).permissions(), fs::perms{0600});
  EXPECT_EQ(read_text(file("ci.key")), identity_file(key).text());
  EXPECT_EQ(read_text(file(".gitignore")), "*.key\n");
  write_text(file(".gitignore"), "mine\n");
  EXPECT_EQ(problem_of([&] { environment().make_key(); }), Problem::malformed);
  EXPECT_EQ(read_text(file("ci.key")), identity_file(key).text());
  environment("other").make_key();
  EXPECT_EQ(read_text(file(".gitignore")), "mine\n");
}

TEST_F(SecretsEnvironment, StartsAFileForItsOwnKey) {
  EXPECT_EQ(problem_of([&] { environment().open_or_create(); }), Problem::no_key);
  const Identity key = environment().make_key();
  EXPECT_EQ(environment().open_or_create().recipients(), std::vector{key.recipient().text()});
  EXPECT_FALSE(environment().exists());
}

TEST_F(SecretsEnvironment, KeepsTheModeAndTheLinkOfAFileThatItWrites) {
  write_key("ci.key", sample("a.key"));
  write_text(file("real"), sample("a-3.8.1.enc"));
  fs::permissions(file("real"), fs::perms{0600});
  fs::create_symlink("real", file("ci.enc"));
  SopsDocument document = environment().open();
  document.set("A", Wiped("1"));
  environment().save(document);
  EXPECT_TRUE(fs::is_symlink(file("ci.enc")));
  EXPECT_EQ(fs::status(file("real")).permissions(), fs::perms{0600});
  EXPECT_EQ(variables_of(environment().open()).back(), (Variable{"A", Wiped("1")}));
}

TEST_F(SecretsEnvironment, GathersTheKeysOfARepositoryWithoutTheBadOnes) {
  write_key("a.key", sample("a.key"));
  write_key("b.key", sample("b.key"), fs::perms{0644});
  write_key("c.key", "nothing");
  write_text(file("d.enc"), "x");
  const auto none = [](const char*) { return nullptr; };
  ASSERT_EQ(all_keys(root(), none).size(), 1u);
  EXPECT_EQ(all_keys(root(), none)[0].text().text() + "\n", sample("a.key"));
  EXPECT_EQ(all_keys(root() / "nowhere", none).size(), 0u);
}

}  // namespace
}  // namespace jci::secrets
