// SPDX-License-Identifier: MIT
#include "jci/executors/docker/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <variant>
#include <vector>

#include "jci/util/text.hpp"

namespace jci::docker {
namespace {

constexpr std::string_view k_without =
    "or run jobs as processes of this machine: `--executor shell`";

constexpr std::string_view k_when_back = "run again when it is back";

// HTTP
constexpr unsigned k_ok = 200;
constexpr unsigned k_server_error = 500;  // and above
// Exit codes by which a container that could not be started says why, as those of `docker run`.
constexpr int k_not_executable = 126;
constexpr int k_no_such_command = 127;

std::string words(const Error& error) { return sanitize_line(error.text); }

std::string no_socket(const Endpoint& endpoint) {
  if (!endpoint.tried.empty())
    return fmt::format(
        "no Docker engine found: there is none of the sockets `{}`; start one, set DOCKER_HOST, {}",
        fmt::join(endpoint.tried, "`, `"), k_without);
  return fmt::format("no Docker engine at `{}` ({}): there is no such socket; start the engine, {}",
                     address_text(endpoint), endpoint.source, k_without);
}

/// "command `pytest`", for the middle of a sentence.
std::string command_of(const Unstarted& container) {
  return container.program.empty() ? "its command"
                                   : fmt::format("command `{}`", sanitize_line(container.program));
}

std::string no_such_command(const Job& job, const Unstarted& container) {
  if (std::holds_alternative<std::string>(job.command) && container.program == "/bin/sh")
    return explain_no_shell(job);
  return fmt::format("{} not found in image `{}`", command_of(container), job.image());
}

std::string not_executable(const Job& job, const Unstarted& container) {
  return fmt::format("{} of image `{}` may not be executed: is it a program? try `chmod +x`",
                     command_of(container), job.image());
}

/// Engines have no code for it. The first is Docker's word for a port that another container has, the second the system's (of Podman, too) where
/// it is another program; with a capital that is Docker's word for an IP address.
bool tells_of_taken_port(const Error& error) {
  return error.text.find("port is already allocated") != std::string::npos ||
         error.text.find("address already in use") != std::string::npos;
}

}  // namespace

std::string explain_no_engine(const Endpoint& endpoint, const Error& error) {
  if (error.kind == Error::Kind::too_old)
    return fmt::format("the engine at `{}` is too old: {}; use Docker 20.10 or newer, {}",
                       address_text(endpoint), words(error), k_without);
  if (error.is(http::FailureKind::no_such_socket)) return no_socket(endpoint);
  if (error.is(http::FailureKind::permission_denied))
    return fmt::format(
        "you may not use the Docker engine at `{}`: join its group (`sudo usermod -aG docker "
        "$USER`, then log in again), "
        "use a rootless engine, {}",
        address_text(endpoint), k_without);
  if (error.is(http::FailureKind::tls))
    return fmt::format(
        "TLS with the Docker engine at `{}` ({}) fails: {}; check ca.pem, cert.pem and key.pem, "
        "and that it speaks TLS at this port, {}",
        address_text(endpoint), endpoint.source, words(error), k_without);
  return fmt::format(
      "the Docker engine at `{}` ({}) does not answer: {}; start it, correct the address, {}",
      address_text(endpoint), endpoint.source, words(error), k_without);
}

std::string explain_pull(const std::string& image, const ImageName& name, const RegistryAuth& auth,
                         const Error& error, RegistryView registry) {
  if (error.has_status(k_ok))
    return fmt::format(
        "the pull of image `{}` broke off: {}; run again, or look after registry `{}` and the "
        "engine's disk",
        image, words(error), name.registry);
  if (error.is_not_found())
    return fmt::format(
        "image `{}` not found in registry `{}`: is its name right, and its tag? ({})", image,
        name.registry, words(error));
  if (registry == RegistryView::denies) {
    const std::string login =
        fmt::format("`docker login{}`", name.registry == "docker.io" ? "" : " " + name.registry);
    if (auth.header.empty())
      return fmt::format(
          "registry `{}` does not let anybody read image `{}`, or does not have it: check the "
          "name, or log in with {} ({})",
          name.registry, image, login, words(error));
    return fmt::format(
        "registry `{}` refuses image `{}` to the credentials of {}: log in again with {} ({})",
        name.registry, image, auth.source, login, words(error));
  }
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost while it pulled image `{}`: {}; {}", image,
                       words(error), k_when_back);
  return fmt::format(
      "image `{}` cannot be pulled from registry `{}`; is it up, and is the name right? ({})",
      image, name.registry, words(error));
}

std::string explain_inspect(const std::string& image, const Error& error) {
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost while it looked for image `{}`: {}; {}", image,
                       words(error), k_when_back);
  return fmt::format("the engine cannot say whether it has image `{}`; see its log ({})", image,
                     words(error));
}

std::string explain_missing_image(const std::string& image) {
  return fmt::format(
      "the engine has no image `{}`, and pull=\"never\" forbids to pull it; build or pull it first",
      image);
}

std::string explain_create(const Job& job, const Error& error) {
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost before it made a container: {}; {}", words(error),
                       k_when_back);
  if (error.is_conflict())
    return fmt::format("the name of its container is taken: {}; run again, for another name",
                       words(error));
  if (error.is_not_found())
    return fmt::format(
        "image `{}` went away before its container was made: {}; run again, to have it pulled",
        job.image(), words(error));
  if (error.status >= k_server_error)
    return fmt::format(
        "the engine cannot make a container; see whether its disk is full, and the job's arguments "
        "({})",
        words(error));
  return fmt::format("the engine refuses the container's settings; see the job's arguments ({})",
                     words(error));
}

std::string explain_no_shell(const Job& job) {
  return fmt::format(
      "image `{}` has no /bin/sh, which a command given as text needs; give it as a list: "
      "[\"program\", \"argument\"]",
      job.image());
}

std::string explain_start(const Job& job, const Error& error, const Unstarted& container) {
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost before it started the container: {}; {}", words(error),
                       k_when_back);
  if (container.exit_code == k_no_such_command) return no_such_command(job, container);
  if (container.exit_code == k_not_executable) return not_executable(job, container);
  if (error.is_not_found())
    return fmt::format(
        "a network or a container that it names does not exist: {}; correct the name, or make it "
        "first",
        words(error));
  if (tells_of_taken_port(error))
    return fmt::format(
        "a port of the engine's machine that the job asks for is taken: {}; name another one in "
        "`ports`, or stop who has it",
        words(error));
  return fmt::format(
      "the engine cannot start the container; see whether its disk is full, and the job's "
      "arguments: limits, devices; or the network that it lacks, which "
      "`network_mode=\"host\"` does without ({})",
      words(error));
}

}  // namespace jci::docker
