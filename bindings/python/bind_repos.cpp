// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/repos/mock.hpp"
#include "jci/run/defaults.hpp"
#include "jci/run/options.hpp"
#include "rooms.hpp"

namespace jci::python {
namespace {

struct GitRepoHandle : NativeRepo {};
struct MockRepoHandle : NativeRepo {};

Repo::Facts facts_of(const py::object& repo) {
  const auto text = [&](const char* name) { return to_bytes(py::str(repo.attr(name))); };
  const auto optional = [&](const char* name) {
    return py::hasattr(repo, name) ? text(name) : std::string();
  };
  return {.sha = text("sha"),
          .branch = text("branch"),
          .remote = text("remote"),
          .commit_message = text("commit_message"),
          .author_name = optional("author_name"),
          .author_email = optional("author_email"),
          .root = optional("root")};
}

/// A repo written in Python. Its attributes are read once, here.
class PythonRepo final : public Repo {
 public:
  explicit PythonRepo(const py::object& repo)
      : Repo(facts_of(repo)), name_(type_name(repo)), repo_(repo) {}

  std::vector<std::string> files_changed(const std::string& target) const override {
    try {
      return in_python([&] {
        std::vector<std::string> files;
        for (const py::handle file : repo_.get().attr("files_changed")(to_text(target)))
          files.push_back(to_bytes(py::str(file)));
        return files;
      });
    } catch (const PythonError& error) {
      throw BadConfig(
          fmt::format("`{}.files_changed` raised an exception\n{}", name_, error.traceback));
    }
  }

 private:
  std::string name_;
  Held repo_;
};

GitRepoHandle git_repo_of_process() { return {{run::default_repo(run::Options::of_process())}}; }

std::vector<std::string> names_in(const py::iterable& names) {
  std::vector<std::string> result;
  for (const py::handle name : names) result.push_back(to_bytes(py::str(name)));
  return result;
}

py::list files_changed(const NativeRepo& repo, const py::str& target) {
  const std::string revision = to_bytes(target);
  std::vector<std::string> files;
  {
    const py::gil_scoped_release release;
    files = repo.it->files_changed(revision);
  }
  py::list result;
  for (const std::string& file : files) result.append(to_text(file));
  return result;
}

py::object commit_message(const NativeRepo& repo) {
  return interface("CommitMessage")(to_text(repo.it->commit_message()));
}

bool is_built_in(const py::object& given) {
  const auto type = py::type::handle_of(given);
  return type.is(py::type::of<GitRepoHandle>()) || type.is(py::type::of<MockRepoHandle>());
}

}  // namespace

std::shared_ptr<Repo> to_repo(const py::object& given) {
  if (given.is_none()) return nullptr;
  if (is_built_in(given)) return given.cast<NativeRepo&>().it;
  expect_backend(given, "repo", {"sha", "branch", "remote", "commit_message", "files_changed"});
  return std::make_shared<PythonRepo>(given);
}

py::object from_repo(const std::shared_ptr<Repo>& chosen) {
  if (std::dynamic_pointer_cast<MockRepo>(chosen)) return py::cast(MockRepoHandle{{chosen}});
  return py::cast(GitRepoHandle{{chosen}});
}

void bind_repos(py::module_& module) {
  py::class_<NativeRepo>(module, "NativeRepo", "A repo that comes with jaypore_ci.")
      .def_property_readonly("sha", [](const NativeRepo& repo) { return to_text(repo.it->sha()); })
      .def_property_readonly("branch",
                             [](const NativeRepo& repo) { return to_text(repo.it->branch()); })
      .def_property_readonly("remote",
                             [](const NativeRepo& repo) { return to_text(repo.it->remote()); })
      .def_property_readonly("commit_message", &commit_message)
      .def_property_readonly("author_name",
                             [](const NativeRepo& repo) { return to_text(repo.it->author_name()); })
      .def_property_readonly(
          "author_email", [](const NativeRepo& repo) { return to_text(repo.it->author_email()); })
      .def_property_readonly(
          "root", [](const NativeRepo& repo) { return to_text(repo.it->root().string()); })
      .def("files_changed", &files_changed, py::arg("target"));

  auto git = py::class_<GitRepoHandle, NativeRepo>(module, "Git", "A commit of a git repository.");
  git.def(py::init(&git_repo_of_process));
  add_from_env(git, [](const py::object& cls) { return cls(); });

  py::class_<MockRepoHandle, NativeRepo>(module, "MockRepo", "A commit that a test makes up.")
      .def(py::init([](const py::str& sha, const py::str& branch, const py::str& remote,
                       const py::str& commit_message, const py::iterable& files,
                       const py::str& author_name, const py::str& author_email) {
             return MockRepoHandle{
                 {std::make_shared<MockRepo>(Repo::Facts{.sha = to_bytes(sha),
                                                         .branch = to_bytes(branch),
                                                         .remote = to_bytes(remote),
                                                         .commit_message = to_bytes(commit_message),
                                                         .author_name = to_bytes(author_name),
                                                         .author_email = to_bytes(author_email),
                                                         .root = {}},
                                             names_in(files))}};
           }),
           py::kw_only(), py::arg("sha") = "fake_sha", py::arg("branch") = "main",
           py::arg("remote") = "", py::arg("commit_message") = "",
           py::arg("files_changed") = py::tuple(), py::arg("author_name") = "",
           py::arg("author_email") = "");
  show_as(module.attr("Git"), "repos.git", "Git");
  show_as(module.attr("MockRepo"), "repos.mock", "Mock");
}

}  // namespace jci::python
