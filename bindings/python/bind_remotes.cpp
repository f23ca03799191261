// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cmath>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/email.hpp"
#include "jci/remotes/email_message.hpp"
#include "jci/remotes/git.hpp"
#include "jci/remotes/mock.hpp"
#include "remotes.hpp"
#include "rooms.hpp"

namespace jci::python {
namespace {

const MockRemote& mock_of(const MockRemoteHandle& remote) {
  return static_cast<const MockRemote&>(*remote.it);
}

/// A remote written in Python. Called on the Publisher's thread.
class PythonRemote final : public Remote {
 public:
  explicit PythonRemote(py::object remote) : name_(type_name(remote)), remote_(std::move(remote)) {}

  std::string name() const override { return name_; }
  void open() override { call("setup"); }
  void close() override { call("teardown"); }
  void publish(const std::string& report, const PipelineView& view) override {
    guarded("publish",
            [&] { remote_.get().attr("publish")(to_text(report), remote_word(view.status)); });
  }

 private:
  void call(const char* method) {
    guarded(method, [&] {
      if (py::hasattr(remote_.get(), method)) remote_.get().attr(method)();
    });
  }

  template <class Call>
  void guarded(const char* method, const Call& python) {
    try {
      in_python(python);
    } catch (const PythonError& error) {
      throw RemoteApiFailed(
          fmt::format("`{}.{}` raised an exception\n{}", name_, method, error.traceback));
    }
  }

  std::string name_;
  Held remote_;
};

/// The inverse of remote_word, for built-in remotes called from Python.
Status to_status(const py::object& status) {
  if (py::isinstance<Status>(status)) return status.cast<Status>();
  const std::string word = to_bytes(py::str(status));
  for (const Status known : {Status::pending, Status::passed, Status::failed, Status::timeout})
    if (word == remote_word(known)) return known;
  throw BadConfig(fmt::format("`{}` is no status: pending, success, failure or warning", word));
}

void publish(const NativeRemote& remote, const py::object& report, const py::object& status) {
  const std::string text = to_bytes(report);
  PipelineView view;
  view.status = to_status(status);
  const py::gil_scoped_release release;
  remote.it->publish(text, view);
}

template <class... Handles>
bool is_exactly_one_of(const py::object& given) {
  const auto type = py::type::handle_of(given);
  return (type.is(py::type::of<Handles>()) || ...);
}

bool is_built_in(const py::object& given) {
  return is_exactly_one_of<EmailHandle, FileHandle, GitRemoteHandle, GiteaHandle, GithubHandle,
                           GitlabHandle, MockRemoteHandle, StdoutHandle, TelegramHandle,
                           WebhookHandle, WhenHandle, NativeRemote>(given);
}

GitRemoteHandle git_remote_of(const py::object& repo) {
  const auto commit = to_repo(repo);
  if (!commit || commit->root().empty())
    throw BadConfig("`GitRemote` needs a repo that is on disk, such as `repos.Git.from_env()`");
  return {{make_git_remote(commit->root(), commit->sha())}};
}

EmailHandle email_of(const py::object& repo, const py::str& addr, const py::str& password,
                     const py::str& email_to, const py::str& email_cc, const py::str& email_from,
                     const py::str& host, int port, const py::str& ca_file, bool only_on_failure,
                     double publish_interval, double timeout) {
  const auto commit = to_repo(repo);
  if (!commit) throw BadConfig("`Email` needs a repo, such as `repos.Git.from_env()`");
  return {{make_email_remote(
      {
          .host = to_bytes(host),
          .port = port,
          .addr = to_bytes(addr),
          .password = to_bytes(password),
          .to = split_addresses(to_bytes(email_to)),
          .cc = split_addresses(to_bytes(email_cc)),
          .from = to_bytes(email_from),
          .ca_file = to_bytes(ca_file),
          .only_on_failure = only_on_failure,
          .publish_interval = to_milliseconds(publish_interval, "publish_interval"),
          .timeout = to_milliseconds(timeout, "timeout"),
      },
      *commit)}};
}

py::object email_from_env(const py::object& cls, const py::object& repo, bool only_on_failure,
                          double publish_interval, double timeout) {
  const EmailSettings settings = email_settings_from_env(process_variables());
  return cls(py::arg("repo") = repo, py::arg("addr") = to_text(settings.addr),
             py::arg("password") = to_text(settings.password),
             py::arg("email_to") = to_text(fmt::format("{}", fmt::join(settings.to, ","))),
             py::arg("email_cc") = to_text(fmt::format("{}", fmt::join(settings.cc, ","))),
             py::arg("email_from") = to_text(settings.from),
             py::arg("host") = to_text(settings.host), py::arg("port") = settings.port,
             py::arg("ca_file") = to_text(settings.ca_file),
             py::arg("only_on_failure") = only_on_failure,
             py::arg("publish_interval") = publish_interval, py::arg("timeout") = timeout);
}

void bind_email(py::module_& module) {
  auto email =
      py::class_<EmailHandle, NativeRemote>(module, "Email", "Reports sent as mails, over SMTP.");
  email.def(py::init(&email_of), py::kw_only(), py::arg("repo"), py::arg("addr"),
            py::arg("password"), py::arg("email_to"), py::arg("email_cc") = "",
            py::arg("email_from") = "", py::arg("host") = "smtp.gmail.com", py::arg("port") = 465,
            py::arg("ca_file") = "", py::arg("only_on_failure") = false,
            py::arg("publish_interval") = 30.0, py::arg("timeout") = 30.0);
  add_from_env(email, &email_from_env, py::arg("cls"), py::kw_only(), py::arg("repo"),
               py::arg("only_on_failure") = false, py::arg("publish_interval") = 30.0,
               py::arg("timeout") = 30.0);
}

std::shared_ptr<Remote> to_remote(const py::object& given) {
  if (is_built_in(given)) return given.cast<NativeRemote&>().it;
  expect_backend(given, "remote", {"publish"});
  return std::make_shared<PythonRemote>(given);
}

py::object from_remote(const std::shared_ptr<Remote>& chosen) {
  const std::string name = chosen->name();
  if (name == "git") return py::cast(GitRemoteHandle{{chosen}});
  if (name == "gitea") return py::cast(GiteaHandle{{chosen}});
  if (name == "github") return py::cast(GithubHandle{{chosen}});
  return py::cast(NativeRemote{chosen});
}

}  // namespace

std::chrono::milliseconds to_milliseconds(double seconds, const char* setting) {
  constexpr double k_day = 86'400;
  if (!(seconds >= 0 && seconds <= k_day))
    throw BadConfig(fmt::format("`{}` must be between 0 and {} seconds", setting, k_day));
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::vector<std::shared_ptr<Remote>> to_remotes(const py::object& given) {
  if (given.is_none()) return {};
  if (!py::isinstance<py::list>(given) && !py::isinstance<py::tuple>(given))
    return {to_remote(given)};
  std::vector<std::shared_ptr<Remote>> remotes;
  for (const py::handle one : given) remotes.push_back(to_remote(py::cast<py::object>(one)));
  return remotes;
}

py::list from_remotes(const std::vector<std::shared_ptr<Remote>>& chosen) {
  py::list remotes;
  for (const auto& remote : chosen) remotes.append(from_remote(remote));
  return remotes;
}

void bind_remotes(py::module_& module) {
  py::class_<NativeRemote>(module, "NativeRemote", "A remote that comes with jaypore_ci.")
      .def_property_readonly("name",
                             [](const NativeRemote& remote) { return to_text(remote.it->name()); })
      .def(
          "setup", [](const NativeRemote& remote) { remote.it->open(); },
          py::call_guard<py::gil_scoped_release>())
      .def("publish", &publish, py::arg("report"), py::arg("status"))
      .def(
          "teardown", [](const NativeRemote& remote) { remote.it->close(); },
          py::call_guard<py::gil_scoped_release>());

  bind_email(module);
  bind_forges(module);
  bind_messages(module);

  auto git = py::class_<GitRemoteHandle, NativeRemote>(
      module, "GitRemote", "Reports stored in the git repository itself.");
  git.def(py::init(&git_remote_of), py::kw_only(), py::arg("repo"));
  add_from_env(
      git,
      [](const py::object& cls, const py::object& repo) { return cls(py::arg("repo") = repo); },
      py::arg("cls"), py::kw_only(), py::arg("repo"));

  using Published = MockRemote::Published;
  py::class_<Published>(module, "Published", "One report, as a mock remote was given it.")
      .def_property_readonly("report",
                             [](const Published& published) { return to_text(published.report); })
      .def_readonly("status", &Published::status)
      .def("__repr__", [](const Published& published) {
        return to_text(fmt::format("<Published {}>", to_string(published.status)));
      });

  py::class_<MockRemoteHandle, NativeRemote>(
      module, "MockRemote", "A remote that remembers what was published, for tests.")
      .def(py::init([](const py::str& branch, const py::str& sha) {
             return MockRemoteHandle{
                 {std::make_shared<MockRemote>(to_bytes(branch), to_bytes(sha))}};
           }),
           py::kw_only(), py::arg("branch") = "main", py::arg("sha") = "fake_sha")
      .def_property_readonly(
          "branch",
          [](const MockRemoteHandle& remote) { return to_text(mock_of(remote).branch()); })
      .def_property_readonly(
          "sha", [](const MockRemoteHandle& remote) { return to_text(mock_of(remote).sha()); })
      .def_property_readonly(
          "published", [](const MockRemoteHandle& remote) { return mock_of(remote).published(); })
      .def(
          "fail",
          [](const MockRemoteHandle& remote, std::size_t times, const py::str& reason) {
            static_cast<MockRemote&>(*remote.it).fail(times, to_bytes(reason));
          },
          py::arg("times") = 1, py::arg("reason") = "scripted to fail");
  show_as(module.attr("Email"), "remotes.email", "Email");
  show_as(module.attr("GitRemote"), "remotes.git", "GitRemote");
  show_as(module.attr("MockRemote"), "remotes.mock", "Mock");
}

}  // namespace jci::python
