// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Pipelines in C++: the same nouns, rules and reports as in Python. A config is `cicd/cicd.cpp`:
///
///     #include <jci/jci.hpp>
///
///     int main() {
///       return jci::run({.image = "gcc:13"}, [](jci::Pipeline& p) {
///         p.job("Build", "make");
///         p.job("Test", "make check", {.depends_on = {"Build"}});
///       });
///     }
///
/// `jci run` compiles it once per content, as C++20, and runs it. This header needs the standard library only.
namespace jci {
// Inline, so that users write jci::Pipeline, while the library's own class of that name stays another one.
inline namespace face {

using Env = std::map<std::string, std::string>;

/// What runs: a text for `/bin/sh -c`, a list as the argv, or `nullptr` for a service that runs its image's own command.
class Command {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a job is written with the command as it is
  Command(std::nullptr_t) {}
  Command(const char* script) : words_{script}, is_script_(true) {}
  Command(std::string script) : words_{std::move(script)}, is_script_(true) {}
  Command(std::vector<std::string> argv) : words_(std::move(argv)) {}
  Command(std::initializer_list<std::string> argv) : words_(argv) {}
  // NOLINTEND(google-explicit-constructor)

  const std::vector<std::string>& words() const { return words_; }
  bool is_script() const { return is_script_; }

 private:
  std::vector<std::string> words_;
  bool is_script_ = false;
};

/// What is left out of options is inherited: pipeline, then stage, then job; `env` key by key.
struct JobOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};  ///< seconds of wall time from the job's start
  std::optional<bool> is_service = {};
  Env env = {};
  std::vector<std::string> depends_on = {};  ///< jobs of the same stage, declared before
  std::optional<std::string> stage = {};     ///< a declared stage, where the job is not inside it
};

struct StageOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};
  std::optional<bool> is_service = {};
  Env env = {};
};

struct PipelineOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};
  std::optional<bool> is_service = {};
  Env env = {};
  std::optional<std::string> executor = {};  ///< "shell", "mock"; wins over `jci run --executor`
  unsigned max_parallel = 0;                 ///< jobs at once; 0: what suits the executor
};

/// The commit that is being built.
struct Repo {
  std::string sha;
  std::string branch;
  std::string remote;
  std::string commit_message;
  /// Paths that differ between `target` (a branch, tag or sha) and the commit.
  std::function<std::vector<std::string>(const std::string& target)> files_changed;
};

/// Declares stages and jobs. Every mistake is a std::runtime_error at the line that makes it; `jci::run` prints it and returns 2.
class Pipeline {
 public:
  explicit Pipeline(PipelineOptions options = {});
  ~Pipeline();
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// Declares a job in the open stage and returns its name as it is used in reports.
  std::string job(const std::string& name, const Command& command, const JobOptions& options = {});

  /// Jobs that `body` declares belong to the new stage.
  void stage(const std::string& name, const StageOptions& options,
             const std::function<void()>& body);
  void stage(const std::string& name, const std::function<void()>& body) { stage(name, {}, body); }

  const Repo& repo() const;
  const std::string& pipe_id() const;

  /// Runs the pipeline and prints its report. Returns what `main` should: 0 passed, 1 failed, 130 interrupted.
  int run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Every combination of the given values, the last key varying fastest.
std::vector<Env> env_matrix(
    const std::vector<std::pair<std::string, std::vector<std::string>>>& lists);

/// A whole config: declares with `declare`, then runs. Returns the exit code; errors are printed, with code 2. Nothing runs if `declare` throws.
int run(const PipelineOptions& options, const std::function<void(Pipeline&)>& declare);
inline int run(const std::function<void(Pipeline&)>& declare) { return run({}, declare); }

}  // namespace face
}  // namespace jci
