// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends.hpp"
#include "convert.hpp"
#include "errors.hpp"
#include "held.hpp"
#include "jci/core/errors.hpp"
#include "jci/remotes/when.hpp"
#include "jci/run/defaults.hpp"
#include "remotes.hpp"

namespace jci::python {
namespace {

/// A function of the user's, called on the Publisher's thread.
class Question {
 public:
  Question(const char* about, py::object function)
      : about_(about), function_(std::make_shared<Held>(std::move(function))) {}

  template <class Value>
  bool ask(const Value& to_value) const {
    try {
      return in_python([&] { return py::bool_(function_->get()(to_value())); });
    } catch (const PythonError& error) {
      throw RemoteApiFailed(
          fmt::format("`{}` of `When` raised an exception\n{}", about_, error.traceback));
    }
  }

 private:
  const char* about_;
  std::shared_ptr<Held> function_;  // copied with the filter that it is in
};

bool is_function(const py::object& given) { return PyCallable_Check(given.ptr()) != 0; }

std::vector<py::object> one_or_many(const py::object& given) {
  if (!py::isinstance<py::list>(given) && !py::isinstance<py::tuple>(given) &&
      !py::isinstance<py::anyset>(given))
    return {given};
  std::vector<py::object> many;
  for (const py::handle each : given) many.push_back(py::cast<py::object>(each));
  return many;
}

Filter filter_of(const char* about, const py::object& given, bool ignore_case = false) {
  if (given.is_none()) return {};
  if (is_function(given))
    return [question = Question(about, given)](const std::string& text) {
      return question.ask([&] { return to_text(text); });
    };
  std::vector<std::string> patterns;
  for (const py::object& pattern : one_or_many(given)) {
    if (!py::isinstance<py::str>(pattern))
      throw BadConfig(
          fmt::format("`{}` of `When` takes a pattern, a list of them or a function, not {}", about,
                      type_name(pattern)));
    patterns.push_back(to_bytes(pattern));
  }
  return one_of(std::move(patterns), ignore_case);
}

Status status_of(const py::object& given) {
  if (py::isinstance<Status>(given)) return given.cast<Status>();
  if (py::isinstance<py::str>(given)) return wanted_status(to_bytes(given));
  throw BadConfig(fmt::format(
      "`status` of `When` takes a status or its name, a list of these or a function, not {}",
      to_bytes(py::repr(given))));
}

std::function<bool(Status)> statuses_of(const py::object& given) {
  if (given.is_none()) return {};
  if (!py::isinstance<Status>(given) && is_function(given))
    return [question = Question("status", given)](Status status) {
      return question.ask([&] { return py::cast(status); });
    };
  std::vector<Status> wanted;
  for (const py::object& each : one_or_many(given)) wanted.push_back(status_of(each));
  return one_of_statuses(std::move(wanted));
}

/// Asked on the Publisher's thread, and only where somebody wants to know.
std::function<std::vector<std::string>()> files_since(const py::object& since,
                                                      const py::object& repo) {
  const std::string target = since.is_none() ? std::string() : to_bytes(py::str(since));
  return [target, repo = to_repo(repo)] {
    const auto commit = repo ? repo : run::default_repo(run::Options::of_process());
    return files_changed_since(commit, target)();
  };
}

WhenHandle when(const py::object& remote, const py::object& status, const py::object& branch,
                const py::object& author, const py::object& stage, const py::object& job,
                const py::object& changed, const py::object& since, bool only_change,
                const py::object& repo, const py::object& reporter) {
  const auto remotes = to_remotes(remote);
  if (remotes.size() != 1) throw BadConfig("`When` needs one remote; write one `When` for each");
  return {{make_when_remote(remotes.front(),
                            {.status = statuses_of(status),
                             .branch = filter_of("branch", branch),
                             .author = filter_of("author", author, true),
                             .stage = filter_of("stage", stage),
                             .job = filter_of("job", job),
                             .changed = filter_of("changed", changed),
                             .files_changed = files_since(since, repo),
                             .only_change = only_change},
                            to_reporter(reporter))}};
}

}  // namespace

void bind_when(py::module_& module) {
  py::class_<WhenHandle, NativeRemote>(module, "When",
                                       "A remote that is told on some occasions only.")
      .def(py::init(&when), py::arg("remote"), py::kw_only(), py::arg("status") = py::none(),
           py::arg("branch") = py::none(), py::arg("author") = py::none(),
           py::arg("stage") = py::none(), py::arg("job") = py::none(),
           py::arg("changed") = py::none(), py::arg("since") = py::none(),
           py::arg("only_change") = false, py::arg("repo") = py::none(),
           py::arg("reporter") = py::none());
  show_as(module.attr("When"), "remotes.when", "When");
}

}  // namespace jci::python
