// SPDX-License-Identifier: MIT
#include "jci/executors/docker/ssh_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "jci/util/text.hpp"

namespace jci::docker {
namespace {

constexpr std::string_view k_without =
    "or run jobs as processes of this machine: `--executor shell`";
constexpr std::string_view k_unix = "unix://";
constexpr std::string_view k_mark = "\njaypore-ci: ";

// Not the user's configuration but what we need of the connection: it is ours alone, asks nobody, and ends soon after the line is dead.
constexpr std::array k_options = {
    "BatchMode=yes",
    "ControlMaster=yes",
    "ControlPersist=no",
    "ConnectTimeout=15",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ExitOnForwardFailure=no",  // of the user's own forwardings, which are left out
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "RequestTTY=no",
    "SessionType=default",
    "ForkAfterAuthentication=no",
    "StdinNull=no",
    "LogLevel=INFO",
};

// Read by any `sh`. It stays until its input ends, and with it the connection.
constexpr std::string_view k_question = R"sh(
tell() { printf '\njaypore-ci: %s %s\n' "$1" "$2"; }
denied=
look() {
  [ -S "$1" ] || return 1
  if [ -r "$1" ] && [ -w "$1" ]; then tell found "unix://$1"; else denied=${denied:-$1}; return 1; fi
}
host=${asked:-$DOCKER_HOST}
config=${DOCKER_CONFIG:-$HOME/.docker}/config.json
if [ -z "$host" ] && { [ -n "$DOCKER_CONTEXT" ] || grep -q '"currentContext"' "$config" 2>/dev/null; }; then
  host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null </dev/null)
fi
own=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
case $host in
  unix://*) look "${host#unix://}" ;;
  ?*) tell found "$host" ;;
  *) look /var/run/docker.sock || look "$own/docker.sock" || look "$own/podman/podman.sock" || look /run/podman/podman.sock ;;
esac || if [ -n "$denied" ]; then tell denied "$denied"; else tell none "$host"; fi
)sh";

struct Sign {
  std::string_view words;
  SshProblem::Kind kind;
};

// What OpenSSH says, in the order in which one tells more than the next. (Its texts are not translated.)
constexpr std::array k_signs = {
    Sign{" has changed and you have requested ", SshProblem::Kind::host_key_changed},
    Sign{"REMOTE HOST IDENTIFICATION HAS CHANGED", SshProblem::Kind::host_key_changed},
    Sign{"Could not resolve hostname", SshProblem::Kind::unknown_host},
    Sign{"host key is known for", SshProblem::Kind::host_key_unknown},
    Sign{"Host key verification failed", SshProblem::Kind::host_key_unknown},
    Sign{"Permission denied (", SshProblem::Kind::denied},
    Sign{"Too many authentication failures", SshProblem::Kind::denied},
    Sign{": open failed: ", SshProblem::Kind::not_forwarded},
    Sign{": connect to host ", SshProblem::Kind::unreachable},
    Sign{"Connection timed out", SshProblem::Kind::unreachable},
    Sign{"kex_exchange_identification:", SshProblem::Kind::dropped},
    Sign{"Connection closed by", SshProblem::Kind::dropped},
    Sign{"Connection reset by", SshProblem::Kind::dropped},
    Sign{" closed by remote host", SshProblem::Kind::dropped},
    Sign{" reset by peer", SshProblem::Kind::dropped},
    Sign{"Broken pipe", SshProblem::Kind::dropped},
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return lines;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-+@/~").contains(c);
}

/// For the middle of a sentence.
std::string in_words(std::string_view line) {
  while (line.ends_with('.')) line.remove_suffix(1);
  return sanitize_line(std::string(line));
}

/// What a user would type to see for himself.
std::string login_command(const SshAddress& address) {
  return fmt::format("ssh{} {}{}{}", address.port == 0 ? "" : fmt::format(" -p {}", address.port),
                     address.user, address.user.empty() ? "" : "@", address.host);
}

std::string advice(const SshAddress& address, const SshProblem& problem) {
  using enum SshProblem::Kind;
  const std::string login = login_command(address);
  switch (problem.kind) {
    case no_ssh:
      return "there is no `ssh` on PATH; install it (Debian: openssh-client)";
    case unknown_host:
      return fmt::format("{}; correct the name, or put it into ~/.ssh/config", problem.words);
    case unreachable:
    case dropped:
      return fmt::format("{}; is it up, and does `{}` work?", problem.words, login);
    case host_key_changed:
      return fmt::format(
          "{}: it is another machine than before, was installed anew, or somebody is in "
          "between; "
          "find out which, then take the new key with `ssh-keygen -R` and `{}`",
          problem.words, login);
    case host_key_unknown:
      return fmt::format("{}; log in once with `{}` to see its key and take it", problem.words,
                         login);
    case denied:
      return fmt::format(
          "{}; nobody is asked for a password here: let a key in with `ssh-copy-id`, and load it "
          "with `ssh-add` if it has a passphrase, until `{}` asks for nothing",
          problem.words, login);
    case silent:
      return fmt::format("it does not answer; does `{} true` work, and does it ask for nothing?",
                         login);
    case no_engine:
      return fmt::format(
          "you are let in, but {}; start an engine there, or name its socket: "
          "ssh://{}/path/to/socket",
          problem.words.empty() ? "there is no engine's socket where one is looked for"
                                : fmt::format("there is no socket at `{}`", problem.words),
          address.host);
    case engine_denied:
      return fmt::format(
          "you are let in, but may not use the engine's socket `{}` there: join its group (`sudo "
          "usermod -aG docker $USER` there), or use a rootless engine",
          problem.words);
    case engine_elsewhere:
      return fmt::format(
          "the engine that is used there is `{}`, which cannot be forwarded; name a socket: "
          "ssh://{}/path/to/socket",
          problem.words, address.host);
    case not_forwarded:
      return fmt::format(
          "you are let in, but not to the engine's socket ({}); start the engine there, or let its "
          "sshd forward: AllowStreamLocalForwarding yes",
          problem.words);
    case other:
      return problem.words.empty() ? "`ssh` ended without a word"
                                   : fmt::format("{}; does `{}` work?", problem.words, login);
  }
  return {};
}

}  // namespace

std::vector<std::string> login_arguments(const SshAddress& address,
                                         const std::filesystem::path& control) {
  std::vector<std::string> arguments = {"ssh", "-S", control.native()};
  for (const char* option : k_options) {
    arguments.emplace_back("-o");
    arguments.emplace_back(option);
  }
  if (address.port != 0) {
    arguments.emplace_back("-p");
    arguments.push_back(std::to_string(address.port));
  }
  if (!address.user.empty()) {
    arguments.emplace_back("-l");
    arguments.push_back(address.user);
  }
  arguments.insert(arguments.end(), {"--", address.host, "sh"});
  return arguments;
}

std::vector<std::string> forward_arguments(const std::filesystem::path& control,
                                           const std::filesystem::path& here,
                                           const std::string& there) {
  return {"ssh",
          "-S",
          control.native(),
          "-o",
          "ClearAllForwardings=no",
          "-o",
          "LogLevel=INFO",
          "-O",
          "forward",
          "-L",
          fmt::format("{}:{}", here.native(), there),
          "--",
          "engine"};
}

std::string where_is_the_engine(const std::filesystem::path& socket) {
  const std::string asked = socket.empty() ? "" : fmt::format("{}{}", k_unix, socket.native());
  return fmt::format("asked={}\n{}", asked, k_question);
}

std::optional<FarEngine> answer_in(std::string_view said) {
  using enum FarEngine::Kind;
  constexpr std::array k_kinds = {std::pair{"found ", found}, std::pair{"denied ", denied},
                                  std::pair{"none ", none}};
  for (auto at = said.find(k_mark); at != std::string_view::npos; at = said.find(k_mark)) {
    said.remove_prefix(at + k_mark.size());
    const auto end = said.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = said.substr(0, end);
    for (const auto& [words, kind] : k_kinds)
      if (line.starts_with(words))
        return FarEngine{kind, std::string(line.substr(std::string_view(words).size()))};
  }
  return std::nullopt;
}

std::optional<std::string> forward_target(const FarEngine& engine) {
  std::string_view where = engine.where;
  const auto mark = where.find("://");
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = where.substr(0, mark);
  where.remove_prefix(mark + 3);
  const bool plain = std::ranges::all_of(
      where, [&](char c) { return is_plain(c) || (scheme == "tcp" && c == ':'); });
  if (!plain || where.empty()) return std::nullopt;
  if (scheme == "unix" && where.starts_with('/')) return std::string(where);
  if (scheme == "tcp" && where.contains(':') && !where.contains('/')) return std::string(where);
  return std::nullopt;
}

SshProblem problem_in(std::string_view errors) {
  const auto lines = lines_of(errors);
  for (const Sign& sign : k_signs)
    for (const std::string_view line : lines)
      if (line.contains(sign.words)) return {sign.kind, in_words(line)};
  return {SshProblem::Kind::other, lines.empty() ? "" : in_words(lines.back())};
}

bool may_pass(SshProblem::Kind kind, bool was_there) {
  using enum SshProblem::Kind;
  switch (kind) {
    case no_ssh:
    case host_key_changed:
    case host_key_unknown:
    case denied:
      return false;
    case dropped:
      return true;
    case unknown_host:
    case unreachable:
    case silent:
    case no_engine:
    case engine_denied:
    case engine_elsewhere:
    case not_forwarded:
    case other:
      return was_there;
  }
  return false;
}

std::string explain_ssh(const SshAddress& address, std::string_view source,
                        const SshProblem& problem) {
  return fmt::format("cannot reach the engine at `{}` ({}) through ssh: {}, {}",
                     address_text(address), source, advice(address, problem), k_without);
}

}  // namespace jci::docker
