// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/pybind11.h>

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "jci/core/executor.hpp"
#include "jci/core/remote.hpp"
#include "jci/core/repo.hpp"
#include "jci/core/reporter.hpp"

namespace jci::python {

/// A built-in back end as Python holds it. A handle: the thing itself is shared with the session that uses it.
template <class Contract>
struct Native {
  std::shared_ptr<Contract> it;
};
using NativeExecutor = Native<Executor>;
using NativeReporter = Native<Reporter>;
using NativeRemote = Native<Remote>;
using NativeRepo = Native<Repo>;

// What the user gave as a back end, for the session: the built-in itself, or an adapter round an object written in Python
// (also one of a class derived from a built-in). `None` gives null. Throws BadConfig for anything else. Need the GIL.
std::shared_ptr<Executor> to_executor(const pybind11::object& given);
std::shared_ptr<Reporter> to_reporter(const pybind11::object& given);
std::vector<std::shared_ptr<Remote>> to_remotes(const pybind11::object& given);  // one, or a list
std::shared_ptr<Repo> to_repo(const pybind11::object& given);

// What the session chose by itself, as the class that the user would have written. Need the GIL.
pybind11::object from_executor(const std::shared_ptr<Executor>& chosen);
pybind11::object from_reporter(const std::shared_ptr<Reporter>& chosen);
pybind11::list from_remotes(const std::vector<std::shared_ptr<Remote>>& chosen);
pybind11::object from_repo(const std::shared_ptr<Repo>& chosen);

/// Lets `cls` show itself under the name that users write, such as "Mock" in "executors.mock".
void show_as(const pybind11::object& cls, const char* module, const char* name);

/// Adds `from_env`, a class method: it makes an object of the class it is called on, also of one derived from ours.
template <class Make, class... Extra>
void add_from_env(const pybind11::object& cls, Make make, const Extra&... extra) {
  const pybind11::cpp_function method(std::move(make), pybind11::name("from_env"), extra...);
  cls.attr("from_env") =
      pybind11::reinterpret_steal<pybind11::object>(PyClassMethod_New(method.ptr()));
}

/// The word by which a remote written in Python is told how things stand: "pending", "success", "failure" or "warning".
const char* remote_word(Status status);

/// Throws BadConfig unless `given` is an instance with all of `methods`. `noun` is the argument's name, such as "executor".
void expect_backend(const pybind11::object& given, const char* noun,
                    std::initializer_list<const char*> methods);

}  // namespace jci::python
