// SPDX-License-Identifier: MIT
#include <string>
#include <utility>

#include "backends.hpp"
#include "convert.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/gitea.hpp"
#include "jci/remotes/github.hpp"
#include "jci/remotes/gitlab.hpp"
#include "remotes.hpp"

namespace jci::python {
namespace {

const ForgeSettings k_usual;
constexpr double k_timeout = 20.0;  // s

ForgeSettings settings_of(const py::str& root, const py::str& owner, const py::str& repo,
                          const py::str& branch, const py::str& token, const py::str& sha,
                          const py::str& title, const py::str& context, bool job_statuses,
                          const py::str& ca_file, double timeout) {
  return {
      .root = to_bytes(root),
      .owner = to_bytes(owner),
      .repo = to_bytes(repo),
      .branch = to_bytes(branch),
      .sha = to_bytes(sha),
      .token = to_bytes(token),
      .title = to_bytes(title),
      .context = to_bytes(context),
      .job_statuses = job_statuses,
      .ca_file = to_bytes(ca_file),
      .timeout = to_milliseconds(timeout, "timeout"),
  };
}

using FromEnv = ForgeSettings (*)(const Variables&, const Repo&);

/// What `from_env` hands to the class it is called on.
py::dict arguments_from_env(FromEnv from_env, const py::object& repo, const py::str& context,
                            bool job_statuses, double timeout) {
  const auto commit = to_repo(repo);
  if (!commit) throw BadConfig("`repo` is missing; give one such as `repos.Git.from_env()`");
  const ForgeSettings settings = from_env(process_variables(), *commit);
  py::dict arguments;
  arguments["root"] = to_text(settings.root);
  arguments["owner"] = to_text(settings.owner);
  arguments["repo"] = to_text(settings.repo);
  arguments["branch"] = to_text(settings.branch);
  arguments["token"] = to_text(settings.token);
  arguments["sha"] = to_text(settings.sha);
  arguments["title"] = to_text(settings.title);
  arguments["ca_file"] = to_text(settings.ca_file);
  arguments["context"] = context;
  arguments["job_statuses"] = job_statuses;
  arguments["timeout"] = timeout;
  return arguments;
}

// The same for all three, with what one of them has more in front.
template <class Class, class Init, class... Extra>
void def_init(Class& cls, Init init, const char* root, const Extra&... extra) {
  const py::arg root_name("root");
  const auto define = [&](const auto& root_argument) {
    cls.def(py::init(init), py::kw_only(), extra..., root_argument, py::arg("owner"),
            py::arg("repo"), py::arg("branch"), py::arg("token"), py::arg("sha"),
            py::arg("title") = "", py::arg("context") = k_usual.context,
            py::arg("job_statuses") = false, py::arg("ca_file") = "",
            py::arg("timeout") = k_timeout);
  };
  if (root != nullptr)
    define(py::arg("root") = root);
  else
    define(root_name);
}

void bind_gitea(py::module_& module) {
  auto gitea = py::class_<GiteaHandle, NativeRemote>(
      module, "Gitea", "Reports in Gitea's pull request of the branch.");
  def_init(
      gitea,
      [](bool comment, const py::str& root, const py::str& owner, const py::str& repo,
         const py::str& branch, const py::str& token, const py::str& sha, const py::str& title,
         const py::str& context, bool job_statuses, const py::str& ca_file, double timeout) {
        ForgeSettings settings = settings_of(root, owner, repo, branch, token, sha, title, context,
                                             job_statuses, ca_file, timeout);
        settings.comment = comment;
        return GiteaHandle{{make_gitea_remote(std::move(settings))}};
      },
      nullptr, py::arg("comment") = false);
  add_from_env(
      gitea,
      [](const py::object& cls, const py::object& repo, const py::str& context, bool comment,
         bool job_statuses, double timeout) {
        return cls(
            **arguments_from_env(gitea_settings_from_env, repo, context, job_statuses, timeout),
            py::arg("comment") = comment);
      },
      py::arg("cls"), py::kw_only(), py::arg("repo"), py::arg("context") = k_usual.context,
      py::arg("comment") = false, py::arg("job_statuses") = false, py::arg("timeout") = k_timeout);
}

void bind_github(py::module_& module) {
  auto github = py::class_<GithubHandle, NativeRemote>(
      module, "Github", "Reports in GitHub's pull request of the branch.");
  def_init(
      github,
      [](bool comment, bool checks, const py::str& root, const py::str& owner, const py::str& repo,
         const py::str& branch, const py::str& token, const py::str& sha, const py::str& title,
         const py::str& context, bool job_statuses, const py::str& ca_file, double timeout) {
        ForgeSettings settings = settings_of(root, owner, repo, branch, token, sha, title, context,
                                             job_statuses, ca_file, timeout);
        settings.comment = comment;
        settings.checks = checks;
        return GithubHandle{{make_github_remote(std::move(settings))}};
      },
      "https://api.github.com", py::arg("comment") = false, py::arg("checks") = false);
  add_from_env(
      github,
      [](const py::object& cls, const py::object& repo, const py::str& context, bool comment,
         bool job_statuses, bool checks, double timeout) {
        return cls(
            **arguments_from_env(github_settings_from_env, repo, context, job_statuses, timeout),
            py::arg("comment") = comment, py::arg("checks") = checks);
      },
      py::arg("cls"), py::kw_only(), py::arg("repo"), py::arg("context") = k_usual.context,
      py::arg("comment") = false, py::arg("job_statuses") = false, py::arg("checks") = false,
      py::arg("timeout") = k_timeout);
}

void bind_gitlab(py::module_& module) {
  auto gitlab = py::class_<GitlabHandle, NativeRemote>(
      module, "Gitlab", "Reports as a note of GitLab's merge request of the branch.");
  def_init(
      gitlab,
      [](const py::str& root, const py::str& owner, const py::str& repo, const py::str& branch,
         const py::str& token, const py::str& sha, const py::str& title, const py::str& context,
         bool job_statuses, const py::str& ca_file, double timeout) {
        return GitlabHandle{
            {make_gitlab_remote(settings_of(root, owner, repo, branch, token, sha, title, context,
                                            job_statuses, ca_file, timeout))}};
      },
      nullptr);
  add_from_env(
      gitlab,
      [](const py::object& cls, const py::object& repo, const py::str& context, bool job_statuses,
         double timeout) {
        return cls(
            **arguments_from_env(gitlab_settings_from_env, repo, context, job_statuses, timeout));
      },
      py::arg("cls"), py::kw_only(), py::arg("repo"), py::arg("context") = k_usual.context,
      py::arg("job_statuses") = false, py::arg("timeout") = k_timeout);
}

}  // namespace

void bind_forges(py::module_& module) {
  bind_gitea(module);
  bind_github(module);
  bind_gitlab(module);
  show_as(module.attr("Gitea"), "remotes.gitea", "Gitea");
  show_as(module.attr("Github"), "remotes.github", "Github");
  show_as(module.attr("Gitlab"), "remotes.gitlab", "Gitlab");
}

}  // namespace jci::python
