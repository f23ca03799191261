// SPDX-License-Identifier: MIT
// The Workspace of a 50,000-file repository against what git and cp do, in interleaved rounds:
//   bench_workspace [FILES] [ROUNDS]
#include "jci/workspace/workspace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "jci/repos/git.hpp"

namespace {

namespace fs = std::filesystem;

void run(const std::string& line) {
  if (std::system(line.c_str()) != 0) throw std::runtime_error("failed: " + line);
}

/// A repository of text files of 0 to 8 KiB, a hundred in a directory, three levels deep.
void generate(const fs::path& repository, int files) {
  run(fmt::format("git init -q -b main '{}'", repository.string()));
  const auto stream = repository.parent_path() / "stream";
  std::mt19937 random(1);
  std::ofstream out(stream, std::ios::binary);
  out << "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nm\n";
  for (int i = 0; i < files; ++i) {
    std::string text;
    const std::size_t size = random() % 8192;
    while (text.size() < size) text += fmt::format("line {} of file {}\n", random(), i);
    out << fmt::format("M 100644 inline part{}/dir{}/sub/file{}.txt\ndata {}\n{}\n", i / 5000,
                       i / 100, i, text.size(), text);
  }
  out.close();
  run(fmt::format("cd '{0}' && git fast-import --quiet < '{1}' && rm '{1}' && git reset -q --hard",
                  repository.string(), stream.string()));
}

struct Row {
  std::string name;
  std::function<void()> before;
  std::function<void()> work;
  std::vector<double> seconds = {};

  double median() {
    std::ranges::sort(seconds);
    return seconds[seconds.size() / 2];
  }
};

void measure(Row& row) {
  row.before();
  const auto start = std::chrono::steady_clock::now();
  row.work();
  row.seconds.push_back(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

struct TempDir {
  fs::path path = [] {
    std::string pattern = (fs::temp_directory_path() / "jci-bench-XXXXXX").string();
    return fs::path(mkdtemp(pattern.data()));
  }();
  ~TempDir() { fs::remove_all(path); }
};

}  // namespace

int main(int argc, char** argv) {
  const int files = argc > 1 ? std::atoi(argv[1]) : 50'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  const TempDir temp;
  const auto dir = temp.path.string();
  generate(temp.path / "repo", files);

  const auto repo = jci::open_git_repo(temp.path / "repo");
  const auto cache = temp.path / "cache";
  const auto prepare = [&] { jci::prepare_commit(*repo, cache); };
  const auto nothing = [] {};
  std::vector<Row> rows = {
      {"workspace, first run", [&] { fs::remove_all(cache); }, prepare},
      {"workspace, second run", nothing, prepare},
      {"workspace, second run, 100 files changed",
       [&] {
         run(
             fmt::format("cd '{}'/cache/workspaces/*/0/run && for f in $(ls part0/dir1/sub); do "
                         "echo > part0/dir1/sub/$f; done",
                         dir));
       },
       prepare},
      {"git worktree add",
       [&] { run(fmt::format("cd '{0}/repo' && rm -rf ../tree && git worktree prune", dir)); },
       [&] { run(fmt::format("cd '{}/repo' && git worktree add -q --detach ../tree", dir)); }},
      {"cp -r", [&] { run(fmt::format("rm -rf '{}/copy'", dir)); },
       [&] { run(fmt::format("cp -r '{0}/repo' '{0}/copy'", dir)); }},
      {"is the working tree clean", nothing, [&] { jci::working_tree_differs(*repo); }},
      {"git status", nothing,
       [&] { run(fmt::format("cd '{}/repo' && git status --porcelain > /dev/null", dir)); }},
  };
  for (int round = 0; round < rounds; ++round)
    for (auto& row : rows) measure(row);

  const double first = rows.front().median();
  fmt::print("{} files, median of {} rounds\n", files, rounds);
  for (auto& row : rows)
    fmt::print("{:<42} {:>8.3f} s  {:>6.2f} x the first run\n", row.name, row.median(),
               row.median() / first);
}
