// SPDX-License-Identifier: MIT
#include "backends.hpp"

#include <fmt/format.h>

#include "convert.hpp"
#include "jci/core/errors.hpp"

namespace jci::python {

void expect_backend(const py::object& given, const char* noun,
                    std::initializer_list<const char*> methods) {
  if (py::isinstance<py::type>(given)) {
    const std::string name = to_bytes(given.attr("__name__"));
    throw BadConfig(
        fmt::format("`{0}` needs an instance, not the class `{1}`: write `{0}={1}()`", noun, name));
  }
  for (const char* method : methods) {
    if (py::hasattr(given, method)) continue;
    throw BadConfig(fmt::format("`{}` is a `{}`, which has no `{}`: see `jaypore_ci.interfaces`",
                                noun, type_name(given), method));
  }
}

void show_as(const py::object& cls, const char* module, const char* name) {
  cls.attr("__module__") = fmt::format("jaypore_ci.{}", module);
  cls.attr("__name__") = name;
  cls.attr("__qualname__") = name;
}

const char* remote_word(Status status) {
  switch (status) {
    case Status::pending:
    case Status::running:
      return "pending";
    case Status::passed:
      return "success";
    case Status::failed:
      return "failure";
    case Status::timeout:
    case Status::skipped:
    case Status::cancelled:
      break;
  }
  return "warning";
}

}  // namespace jci::python
