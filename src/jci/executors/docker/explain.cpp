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

// HTTP
constexpr unsigned k_ok = 200;
constexpr unsigned k_not_found = 404;
constexpr unsigned k_conflict = 409;
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

std::string first_word_of(const Job& job) {
  const auto* argv = std::get_if<std::vector<std::string>>(&job.command);
  return argv == nullptr || argv->empty() ? "" : argv->front();
}

std::string no_such_command(const Job& job) {
  if (std::holds_alternative<std::string>(job.command)) return explain_no_shell(job);
  return fmt::format("command `{}` not found in image `{}`", sanitize_line(first_word_of(job)),
                     job.image());
}

std::string not_executable(const Job& job) {
  return fmt::format(
      "command `{}` of image `{}` may not be executed: is it a program? try `chmod +x`",
      std::holds_alternative<std::string>(job.command) ? "/bin/sh"
                                                       : sanitize_line(first_word_of(job)),
      job.image());
}

}  // namespace

std::string explain_no_engine(const Endpoint& endpoint, const Error& error) {
  if (error.kind == Error::Kind::too_old)
    return fmt::format("the engine at `{}` is too old: {}; Docker 20.10 or newer is needed, {}",
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
        "the pull of image `{}` broke off: {}; run again, or look after registry `{}`", image,
        words(error), name.registry);
  if (error.has_status(k_not_found))
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
    return fmt::format("the engine was lost while it pulled image `{}`: {}", image, words(error));
  return fmt::format(
      "image `{}` cannot be pulled from registry `{}`; is it up, and is the name right? ({})",
      image, name.registry, words(error));
}

std::string explain_missing_image(const std::string& image) {
  return fmt::format(
      "the engine has no image `{}`, and pull=\"never\" forbids to pull it; build or pull it first",
      image);
}

std::string explain_create(const Job& job, const Error& error) {
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost before it made a container: {}", words(error));
  if (error.has_status(k_conflict))
    return fmt::format("the name of its container is taken: {}", words(error));
  if (error.has_status(k_not_found))
    return fmt::format("image `{}` went away before its container was made: {}", job.image(),
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

std::string explain_start(const Job& job, const Error& error, int exit_code) {
  if (error.kind == Error::Kind::connection)
    return fmt::format("the engine was lost before it started the container: {}", words(error));
  if (exit_code == k_no_such_command) return no_such_command(job);
  if (exit_code == k_not_executable) return not_executable(job);
  if (error.has_status(k_not_found))
    return fmt::format("a network or a container that it names does not exist: {}", words(error));
  return fmt::format(
      "the engine cannot start the container; see the job's arguments: ports that are taken, "
      "limits, devices ({})",
      words(error));
}

}  // namespace jci::docker
