// SPDX-License-Identifier: MIT
#include "git_fixture.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#ifdef __SANITIZE_ADDRESS__
// libgit2 1.5 forgets to free what it has compared a setting's name with where it does not match.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libpcre2"; }
#endif

namespace jci::testing_git {
namespace {

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

std::filesystem::path make_temp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "jci-git-XXXXXX").string();
  return std::filesystem::canonical(mkdtemp(pattern.data()));
}

struct TempDir {
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path = make_temp();
};

}  // namespace

const std::filesystem::path& GitFixture::home() {
  static const TempDir directory;
  return directory.path;
}

GitFixture::GitFixture() : temp_(make_temp()) {
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}) unsetenv(name);
  set("HOME", home().string());
  set("XDG_CONFIG_HOME", (home() / ".config").string());
  set("GIT_CONFIG_NOSYSTEM", "1");
  for (const std::string role : {"AUTHOR", "COMMITTER"}) {
    set(("GIT_" + role + "_NAME").c_str(), "Ada");
    set(("GIT_" + role + "_EMAIL").c_str(), "ada@example.org");
    set(("GIT_" + role + "_DATE").c_str(), "1700000000 +0000");
  }
}

GitFixture::~GitFixture() {
  shell("/", "chmod -R u+rwX " + quoted(temp_) + " 2>/dev/null; rm -rf " + quoted(temp_));
}

std::string GitFixture::shell(const std::filesystem::path& directory, const std::string& line) {
  const auto whole = "cd " + quoted(directory) + " && { " + line + "\n} 2>&1";
  FILE* pipe = popen(whole.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  for (std::size_t size; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << line << "\n" << output;
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::string GitFixture::git(const std::filesystem::path& directory, const std::string& arguments) {
  return shell(directory, "git " + arguments);
}

std::filesystem::path GitFixture::make_repository(const std::string& name) const {
  git(temp_, "init -q -b main '" + name + "'");
  return temp_ / name;
}

std::string GitFixture::commit_file(const std::filesystem::path& repository,
                                    const std::string& file, std::string_view content,
                                    const std::string& message) {
  write(repository / file, content);
  git(repository, "add -A && git commit -q -m '" + message + "'");
  return git(repository, "rev-parse HEAD");
}

void GitFixture::write(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

std::string GitFixture::read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace jci::testing_git
