// SPDX-License-Identifier: MIT
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "backends.hpp"
#include "convert.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/file.hpp"
#include "jci/remotes/headline.hpp"
#include "jci/remotes/telegram.hpp"
#include "jci/remotes/webhook.hpp"
#include "remotes.hpp"

namespace jci::python {
namespace {

constexpr double k_timeout = 20.0;  // s

std::shared_ptr<Repo> commit_of(const py::object& repo) {
  auto commit = to_repo(repo);
  if (!commit) throw BadConfig("`repo` is missing; give one such as `repos.Git.from_env()`");
  return commit;
}

void bind_telegram(py::module_& module) {
  auto telegram = py::class_<TelegramHandle, NativeRemote>(
      module, "Telegram", "Reports as a message in a chat of Telegram.");
  telegram.def(py::init([](const py::object& repo, const py::str& token, const py::str& chat,
                           const py::str& root, const py::str& ca_file, double timeout) {
                 return TelegramHandle{{make_telegram_remote({
                     .root = to_bytes(root),
                     .token = to_bytes(token),
                     .chat = to_bytes(chat),
                     .title = build_title(*commit_of(repo)),
                     .ca_file = to_bytes(ca_file),
                     .timeout = to_milliseconds(timeout, "timeout"),
                 })}};
               }),
               py::kw_only(), py::arg("repo"), py::arg("token"), py::arg("chat"),
               py::arg("root") = TelegramSettings().root, py::arg("ca_file") = "",
               py::arg("timeout") = k_timeout);
  add_from_env(
      telegram,
      [](const py::object& cls, const py::object& repo, double timeout) {
        const auto settings = telegram_settings_from_env(process_variables(), *commit_of(repo));
        return cls(py::arg("repo") = repo, py::arg("token") = to_text(settings.token),
                   py::arg("chat") = to_text(settings.chat),
                   py::arg("root") = to_text(settings.root),
                   py::arg("ca_file") = to_text(settings.ca_file), py::arg("timeout") = timeout);
      },
      py::arg("cls"), py::kw_only(), py::arg("repo"), py::arg("timeout") = k_timeout);
}

void bind_webhook(py::module_& module) {
  auto webhook =
      py::class_<WebhookHandle, NativeRemote>(module, "Webhook", "Reports posted to a URL.");
  webhook.def(py::init([](const py::object& repo, const py::str& url, const py::str& format,
                          const py::str& secret, bool progress, const py::str& ca_file,
                          double timeout, const py::str& variables) {
                return WebhookHandle{{make_webhook_remote({
                    .url = to_bytes(url),
                    .format = webhook_format(to_bytes(format)),
                    .secret = to_bytes(secret),
                    .progress = progress,
                    .title = build_title(*commit_of(repo)),
                    .ca_file = to_bytes(ca_file),
                    .timeout = to_milliseconds(timeout, "timeout"),
                    .variables = to_bytes(variables),
                })}};
              }),
              py::kw_only(), py::arg("repo"), py::arg("url"), py::arg("format") = "json",
              py::arg("secret") = "", py::arg("progress") = false, py::arg("ca_file") = "",
              py::arg("timeout") = k_timeout, py::arg("variables") = "");
  add_from_env(
      webhook,
      [](const py::object& cls, const py::object& repo, const py::str& variables,
         const std::optional<py::str>& format, bool progress, double timeout) {
        auto settings =
            webhook_settings_from_env(process_variables(), to_bytes(variables), *commit_of(repo));
        const py::str named = format.value_or(to_text(to_string(settings.format)));
        return cls(py::arg("repo") = repo, py::arg("url") = to_text(settings.url),
                   py::arg("format") = named, py::arg("secret") = to_text(settings.secret),
                   py::arg("progress") = progress, py::arg("ca_file") = to_text(settings.ca_file),
                   py::arg("timeout") = timeout, py::arg("variables") = variables);
      },
      py::arg("cls"), py::kw_only(), py::arg("repo"), py::arg("variables") = "JAYPORE_WEBHOOK",
      py::arg("format") = py::none(), py::arg("progress") = false, py::arg("timeout") = k_timeout);
}

/// Below the repository where one is given, so that it is not lost with the Workspace.
std::filesystem::path place_of(const py::object& path, const py::object& repo) {
  const std::filesystem::path given = to_bytes(py::module_::import("os").attr("fspath")(path));
  const auto commit = to_repo(repo);
  return !commit || commit->root().empty() || given == "-" ? given : commit->root() / given;
}

void bind_file(py::module_& module) {
  py::class_<FileHandle, NativeRemote>(module, "File", "The newest report in a file.")
      .def(py::init([](const py::object& path, const py::object& repo) {
             return FileHandle{{make_file_remote(place_of(path, repo))}};
           }),
           py::arg("path"), py::kw_only(), py::arg("repo") = py::none());
  py::class_<StdoutHandle, NativeRemote>(module, "Stdout", "The final report on stdout.")
      .def(py::init([] { return StdoutHandle{{make_file_remote("-")}}; }));
}

}  // namespace

void bind_messages(py::module_& module) {
  bind_telegram(module);
  bind_webhook(module);
  bind_file(module);
  show_as(module.attr("Telegram"), "remotes.telegram", "Telegram");
  show_as(module.attr("Webhook"), "remotes.webhook", "Webhook");
  show_as(module.attr("File"), "remotes.file", "File");
  show_as(module.attr("Stdout"), "remotes.file", "Stdout");
}

}  // namespace jci::python
