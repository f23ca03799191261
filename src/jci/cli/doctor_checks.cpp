// SPDX-License-Identifier: MIT
#include "jci/cli/doctor_checks.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "jci/cli/secret_variables.hpp"
#include "jci/core/config_files.hpp"
#include "jci/core/errors.hpp"
#include "jci/core/remote.hpp"
#include "jci/repos/git.hpp"
#include "jci/run/defaults.hpp"
#include "jci/secrets/secrets.hpp"
#include "jci/setup/hook_place.hpp"
#include "jci/util/files.hpp"
#include "jci/util/json.hpp"
#include "jci/util/paths.hpp"
#include "jci/util/program.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/util/text.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

constexpr std::chrono::seconds k_patience{60};
constexpr std::chrono::seconds k_remote_patience{20};

// git, and the ssh that its settings name, fail at once rather than ask.
const std::vector<std::string> k_nobody_to_ask = {"GIT_TERMINAL_PROMPT=0", "SSH_ASKPASS=/bin/false",
                                                  "SSH_ASKPASS_REQUIRE=force"};

std::string last_line(std::string_view text) {
  text = trim(text);
  return std::string(trim(text.substr(text.rfind('\n') + 1)));
}

/// What a program said, where it could be started and did not hang.
std::optional<Spoken> ask(const std::vector<std::string>& command, std::chrono::seconds patience) {
  try {
    return run_while_it_speaks(command, k_nobody_to_ask, patience, Prompts::no);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

Finding look_at_key(const fs::path& root, const fs::path& key) {
  const std::string name = key.lexically_relative(root);
  struct stat status{};
  if (::stat(key.c_str(), &status) == 0 && (status.st_mode & 077U) != 0)
    return {Level::wrong, "secrets", fmt::format("others may read `{}`", name),
            fmt::format("chmod 600 {}", name)};
  const auto ignored = ask({"git", "-C", root, "check-ignore", "-q", name}, k_remote_patience);
  if (ignored && ignored->exit_code == 1)
    return {Level::wrong, "secrets", fmt::format("git does not ignore `{}`", name),
            "echo 'secrets/*.key' >> .gitignore"};
  return {Level::fine, "secrets", fmt::format("`{}` is yours alone", name), {}};
}

Finding look_at_environment(const fs::path& root, const fs::path& file) {
  const std::string name = file.stem();
  try {
    const auto variables = secrets::variables_of(root, name);
    return {Level::fine,
            "secrets",
            fmt::format("`secrets/{}.enc` opens, {}", name, counted(variables.size(), "variable")),
            {}};
  } catch (const std::exception& error) {
    return {Level::wrong, "secrets", error.what(), {}};
  }
}

std::string names_of(const std::vector<std::shared_ptr<Remote>>& remotes) {
  std::string names;
  for (const auto& remote : remotes)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", remote->name());
  return names.empty() ? "nowhere" : names;
}

Finding look_at_space(const fs::path& directory) {
  constexpr std::uintmax_t mib = std::uintmax_t{1} << 20;
  std::error_code error;
  fs::path there = directory;  // it may not be made yet
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const fs::space_info space = fs::space(there, error);
  if (error)
    return {Level::wrong, "disk", fmt::format("`{}`: {}", there.string(), error.message()), {}};
  const auto free =
      fmt::format("{} MiB are free for `{}`", space.available / mib, directory.string());
  if (space.available < 100 * mib) return {Level::wrong, "disk", free, "make room"};
  if (space.available < 1024 * mib) return {Level::doubtful, "disk", free, "make room"};
  return {Level::fine, "disk", free, {}};
}

}  // namespace

std::vector<Finding> look_at_git(const fs::path& root) {
  const auto version = ask({"git", "version"}, k_remote_patience);
  if (!version || version->exit_code != 0)
    return {{Level::wrong, "git", "the program `git` does not run", "install git"}};
  try {
    const auto repo = open_git_repo(root);
    return {{Level::fine,
             "git",
             fmt::format("{}; {} at {}", trim(version->output), root.string(),
                         repo->branch().empty() ? repo->sha().substr(0, 10) : repo->branch()),
             {}}};
  } catch (const BadConfig& error) {
    return {{Level::wrong, "git", error.what(), {}}};
  }
}

Declared look_at_config(const fs::path& root) {
  const auto is_there = [&](const char* file) { return fs::exists(root / file); };
  if (std::ranges::none_of(k_config_files, is_there))
    return {{Level::wrong, "config", "there is no `cicd/cicd.py`", "`jci init` makes one"}, {}};
  const auto told =
      ask({fs::read_symlink("/proc/self/exe"), "plan", "--dirty", "--json"}, k_patience);
  if (!told)
    return {{Level::wrong, "config", "it does not declare its pipeline within a minute", {}}, {}};
  if (told->exit_code != 0)
    return {{Level::wrong, "config", last_line(told->errors), "`jci plan --dirty` shows all of it"},
            {}};
  std::size_t jobs = 0;
  const auto plan = boost::json::parse(told->output);
  for (const auto& stage : array_of(plan.as_object(), "stages"))
    jobs += array_of(stage.as_object(), "jobs").size();
  return {{Level::fine, "config", fmt::format("it declares {}", counted(jobs, "job")), {}},
          text_of(plan.as_object(), "executor")};
}

std::vector<Finding> look_at_hook(const fs::path& root) {
  std::vector<Finding> findings;
  try {
    if (setup::hook_calls_us(root)) {
      findings.push_back({Level::fine,
                          "hook",
                          fmt::format("a push calls us; it is set to {}",
                                      git_setting(root, "jaypore.push").value_or("detach")),
                          {}});
    } else {
      const std::string by_hand = setup::hook_place(root).by_hand;
      findings.push_back({Level::wrong, "hook", "a push does not call us",
                          by_hand.empty() ? "`jci init` sees to it" : by_hand});
    }
  } catch (const TriggerFailed& error) {
    findings.push_back({Level::wrong, "hook", error.what(), {}});
  }
  const fs::path script = root / "cicd/pre-push.sh";
  if (fs::exists(script) && !is_program(script))
    findings.push_back({Level::wrong, "hook", "`cicd/pre-push.sh` may not be executed",
                        "chmod +x cicd/pre-push.sh"});
  const std::string text = contents_of(script);
  if (text.contains("\nRUN_IN=jci\n") && !find_on_path("jci"))
    findings.push_back({Level::wrong, "hook", "`cicd/pre-push.sh` runs `jci`, which is not on PATH",
                        "install it, or write RUN_IN=container there"});
  if (text.contains("\nRUN_IN=container\n") && !find_on_path("docker"))
    findings.push_back({Level::wrong, "hook",
                        "`cicd/pre-push.sh` runs `docker`, which is not on PATH",
                        "install it, or write RUN_IN=jci there"});
  return findings;
}

std::vector<Finding> look_at_secrets(const fs::path& root) {
  std::vector<Finding> findings;
  for (const fs::path& key : files_with(root / "secrets", ".key"))
    findings.push_back(look_at_key(root, key));
  for (const fs::path& file : files_with(root / "secrets", ".enc"))
    findings.push_back(look_at_environment(root, file));
  return findings;
}

std::vector<Finding> look_at_remote(const fs::path& root) {
  std::vector<Finding> findings;
  try {
    use_secret_variables(root);      // tokens may be among them
  } catch (const std::exception&) {  // told of already
  }
  try {
    const auto repo = open_git_repo(root);
    const std::string reports = names_of(run::default_remotes(*repo, process_variables()));
    findings.push_back({Level::fine,
                        "reports",
                        fmt::format("go to {}, where the config names nothing else", reports),
                        {}});
    if (repo->remote().empty())
      return {findings.front(),
              {Level::doubtful, "remote", "there is none: there is nothing to push to",
               "git remote add origin URL"}};
    const auto answer =
        ask({"git", "-C", root, "ls-remote", "--heads", "--quiet"}, k_remote_patience);
    if (answer && answer->exit_code == 0) {
      findings.push_back({Level::fine, "remote", fmt::format("{} answers", repo->remote()), {}});
    } else {
      findings.push_back({Level::doubtful,
                          "remote",
                          fmt::format("{} does not answer{}", repo->remote(),
                                      answer ? ": " + last_line(answer->errors) : ""),
                          {}});
    }
  } catch (const std::exception& error) {
    findings.push_back({Level::wrong, "reports", error.what(), {}});
  }
  return findings;
}

std::vector<Finding> look_at_disk() {
  return {look_at_space(state_path()), look_at_space(cache_path())};
}

}  // namespace jci::cli
