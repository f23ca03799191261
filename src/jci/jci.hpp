// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
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

/// What an argument of an executor may be; nullptr is Python's None.
class Value {
 public:
  using List = std::vector<Value>;
  using Dict = std::map<std::string, Value>;
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Dict>;

  // NOLINTBEGIN(google-explicit-constructor): an argument is written as what it is
  Value(std::nullptr_t = nullptr) {}
  Value(std::same_as<bool> auto flag) : data_(flag) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Value(Number number) : data_(static_cast<std::int64_t>(number)) {}
  Value(std::floating_point auto number) : data_(static_cast<double>(number)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(std::string text) : data_(std::move(text)) {}
  Value(List list) : data_(std::move(list)) {}
  Value(Dict dict) : data_(std::move(dict)) {}
  // NOLINTEND(google-explicit-constructor)

  const Data& data() const { return data_; }

 private:
  Data data_;
};
using List = Value::List;
using Dict = Value::Dict;

// Executors that take options. Any by its name alone: "docker", "shell", "mock".
namespace executors {

/// Jobs in containers, see docs/docker.md.
struct Docker {
  std::string keep = "failed";   ///< whose containers outlive the run: "failed", "all" or "never"
  bool share_namespaces = true;  ///< hand network namespaces on from job to job
};

/// Jobs as processes of this machine.
struct Shell {
  bool bubblewrap = true;  ///< where it is installed, jobs see the Workspace at /jaypore_ci/run
};

}  // namespace executors

// Where reports go. Any by its name, with all else from the environment (docs/reports.md): "git", "gitea", "github", "gitlab", "email", "telegram",
// "webhook", "stdout", "file:PATH".
namespace remotes {

/// A remote told on some occasions only. All that is said must hold; of several patterns, one must fit.
struct When {
  std::string remote;
  std::vector<std::string> status =
      {};  ///< "passed", "failed", ...: of the pipeline; with `stage` or `job`, of these
  std::vector<std::string> branch = {};   ///< patterns, as in "release/*"
  std::vector<std::string> author = {};   ///< "Name <mail@example.org>", or either part alone
  std::vector<std::string> stage = {};    ///< a job of this stage has ended
  std::vector<std::string> job = {};      ///< this job has ended
  std::vector<std::string> changed = {};  ///< one of the files that the commit changes
  std::string since = {};                 ///< the files that differ from this revision instead
  bool only_change =
      false;  ///< the run passed where the one before did not, or the other way round
  std::string reporter = {};  ///< its own
};

}  // namespace remotes

/// What is left out of options is inherited: pipeline, then stage, then job; `env` and `executor_kwargs` key by key.
struct JobOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};  ///< seconds of wall time from the job's start
  std::optional<bool> is_service = {};
  Env env = {};
  /// As docs/docker.md lists them: {{"mem_limit", "512m"}, {"user", 1000}}.
  Dict executor_kwargs = {};
  std::optional<bool> docker_socket = {};
  std::optional<std::string> pull = {};  ///< "missing", "always", "never"
  std::optional<Value> ready = {};  ///< of a service: a command, a port, or "http://:8000/health"
  std::optional<double> ready_timeout = {};  ///< seconds
  std::vector<std::string> junit = {};       ///< patterns of the JUnit files that it writes
  std::optional<std::string> coverage =
      {};  ///< pattern of its coverage file: Cobertura's or lcov's
  /// Names of the secret `JAYPORE_` variables that it gets; where nobody says: all.
  std::optional<std::vector<std::string>> secrets = {};
  std::vector<std::string> depends_on = {};  ///< jobs of the same stage, declared before
  std::optional<std::string> stage = {};     ///< a declared stage, where the job is not inside it
};

struct StageOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};
  std::optional<bool> is_service = {};
  Env env = {};
  Dict executor_kwargs = {};
  std::optional<bool> docker_socket = {};
  std::optional<std::string> pull = {};
  std::optional<Value> ready = {};
  std::optional<double> ready_timeout = {};
  std::vector<std::string> junit = {};
  std::optional<std::string> coverage = {};
  std::optional<std::vector<std::string>> secrets = {};
};

struct PipelineOptions {
  std::optional<std::string> image = {};
  std::optional<double> timeout = {};
  std::optional<bool> is_service = {};
  Env env = {};
  Dict executor_kwargs = {};
  std::optional<bool> docker_socket = {};
  std::optional<std::string> pull = {};
  std::optional<Value> ready = {};
  std::optional<double> ready_timeout = {};
  std::vector<std::string> junit = {};
  std::optional<std::string> coverage = {};
  std::optional<std::vector<std::string>> secrets = {};
  /// Wins over `jci run --executor`.
  std::optional<std::variant<std::string, executors::Docker, executors::Shell>> executor = {};
  /// Where the report goes; none: see ARCHITECTURE.md, "Defaults".
  std::vector<std::variant<std::string, remotes::When>> remote = {};
  std::string reporter =
      {};  ///< "text", "markdown", "json", "junit", "html"; empty: what suits each remote
  unsigned max_parallel = 0;  ///< jobs at once; 0: what suits the executor
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
