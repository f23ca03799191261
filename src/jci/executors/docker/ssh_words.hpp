// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jci/executors/docker/endpoint.hpp"

namespace jci::docker {

// What is said to `ssh` and to a shell on the other side, and what their answers mean. Pure.

/// Arguments that log in, without ever asking anybody, and run a shell there which reads from its standard input. The connection takes more to carry
/// at the socket `control`.
std::vector<std::string> login_arguments(const SshAddress& address,
                                         const std::filesystem::path& control);

/// Arguments that have the connection at `control` bring what connects to the socket `here` to `there`: a path, or host:port.
std::vector<std::string> forward_arguments(const std::filesystem::path& control,
                                           const std::filesystem::path& here,
                                           const std::string& there);

/// Asks that shell where the engine is that its `docker` command would use; whether it may be used where it is known, as `socket`.
std::string where_is_the_engine(const std::filesystem::path& socket);

/// The engine as the other side sees it.
struct FarEngine {
  enum class Kind {
    found,
    denied,  ///< there is a socket, and it is not for that user
    none,
  };
  Kind kind;
  std::string where;  ///< as DOCKER_HOST would say it; denied: the socket
  bool operator==(const FarEngine&) const = default;
};

/// The answer in what that shell has said so far, whatever else was printed at the login.
std::optional<FarEngine> answer_in(std::string_view said);

/// What `forward_arguments` takes to get there; nothing where it cannot be forwarded.
std::optional<std::string> forward_target(const FarEngine& engine);

/// Why there is no way to the engine.
struct SshProblem {
  enum class Kind {
    no_ssh,  ///< here
    unknown_host,
    unreachable,
    host_key_changed,
    host_key_unknown,
    denied,   ///< the login
    dropped,  ///< the connection ended on its way
    silent,   ///< nothing came in time
    no_engine,
    engine_denied,
    engine_elsewhere,  ///< not to be reached by forwarding
    not_forwarded,  ///< the engine takes no connections, or sshd lets none through; it does not say which
    other,
  };
  Kind kind = Kind::other;
  std::string words =
      {};  ///< ssh's own, in one line; of `no_engine` to `engine_elsewhere`: where the engine is
  bool operator==(const SshProblem&) const = default;
};

/// What made ssh end, by what it wrote on its standard error: it has one exit code for all.
SshProblem problem_in(std::string_view errors);

/// Whether another try may end better; `was_there`: a login has worked before, so that the name is known and only the way to it is gone.
bool may_pass(SshProblem::Kind kind, bool was_there);

/// For a person: which host, what happened, what to do. `source` as in Endpoint.
std::string explain_ssh(const SshAddress& address, std::string_view source,
                        const SshProblem& problem);

}  // namespace jci::docker
