// SPDX-License-Identifier: MIT
#include "convert.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jci/core/errors.hpp"
#include "jci/core/settings.hpp"

namespace jci::python {
namespace {

Value to_value(py::handle object, std::string_view where, std::string_view name);

Value::List to_list(py::handle sequence, std::string_view where, std::string_view name) {
  Value::List list;
  for (const py::handle item : sequence) list.push_back(to_value(item, where, name));
  return list;
}

/// Executors also take numbers as keys, such as those of ports.
std::string to_key(py::handle key, std::string_view where, std::string_view name) {
  if (py::isinstance<py::str>(key)) return to_bytes(key);
  const bool number = py::isinstance<py::int_>(key) && !py::isinstance<py::bool_>(key);
  if (number && name == "executor_kwargs") return to_bytes(py::str(key));
  throw BadConfig(
      fmt::format("{}: the keys of `{}` must be str, not {}", where, name, type_name(key)));
}

Value::Dict to_dict(const py::dict& source, std::string_view where, std::string_view name) {
  Value::Dict dict;
  for (const auto& [key, value] : source)
    dict.insert_or_assign(to_key(key, where, name), to_value(value, where, name));
  return dict;
}

std::int64_t to_int(py::handle object, std::string_view where, std::string_view name) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow != 0)
    throw BadConfig(fmt::format("{}: `{}` has a number beyond 64 bits", where, name));
  return number;
}

Value to_value(py::handle object, std::string_view where, std::string_view name) {
  if (object.is_none()) return {};
  if (py::isinstance<py::bool_>(object)) return {object.ptr() == Py_True};
  if (py::isinstance<py::int_>(object)) return {to_int(object, where, name)};
  if (py::isinstance<py::float_>(object)) return {PyFloat_AsDouble(object.ptr())};
  if (py::isinstance<py::str>(object)) return {to_bytes(object)};
  if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object))
    return {to_list(object, where, name)};
  if (py::isinstance<py::dict>(object))
    return {to_dict(py::reinterpret_borrow<py::dict>(object), where, name)};
  throw BadConfig(fmt::format("{}: `{}` cannot be of type {}", where, name, type_name(object)));
}

bool is_setting(std::string_view name) {
  return std::ranges::find(known_settings(), name) != known_settings().end();
}

}  // namespace

std::string to_bytes(py::handle text) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size))
    return {utf8, static_cast<std::size_t>(size)};
  PyErr_Clear();
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(text.ptr(), "utf-8", "surrogateescape"));
  if (!bytes) {
    PyErr_Clear();
    throw BadConfig("a str has lone surrogates: it cannot be written as UTF-8");
  }
  return bytes;
}

py::str to_text(std::string_view bytes) {
  PyObject* text =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (text == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(text);
}

Arguments to_arguments(const py::dict& keywords, std::string_view where,
                       std::initializer_list<std::string_view> taken) {
  Arguments arguments;
  for (const auto& [key, value] : keywords) {
    std::string name = to_bytes(key);
    const bool known = is_setting(name);
    if ((known && value.is_none()) || std::ranges::find(taken, name) != taken.end()) continue;
    Value converted = known ? to_value(value, where, name) : Value{};
    arguments.emplace_back(std::move(name), std::move(converted));
  }
  return arguments;
}

py::object from_value(const Value& value) {
  struct Visitor {
    py::object operator()(std::monostate) const { return py::none(); }
    py::object operator()(bool flag) const { return py::bool_(flag); }
    py::object operator()(std::int64_t number) const { return py::int_(number); }
    py::object operator()(double number) const { return py::float_(number); }
    py::object operator()(const std::string& text) const { return to_text(text); }
    py::object operator()(const Value::Dict& dict) const { return from_dict(dict); }
    py::object operator()(const Value::List& list) const {
      py::list result;
      for (const Value& item : list) result.append(from_value(item));
      return result;
    }
  };
  return std::visit(Visitor{}, value.data);
}

py::dict from_dict(const Value::Dict& dict) {
  py::dict result;
  for (const auto& [key, value] : dict) result[to_text(key)] = from_value(value);
  return result;
}

py::dict from_env(const Env& env) {
  py::dict result;
  for (const auto& [key, value] : env) result[to_text(key)] = to_text(value);
  return result;
}

Command to_command(py::handle command, std::string_view where) {
  if (command.is_none()) return {};
  if (py::isinstance<py::str>(command)) return to_bytes(command);
  std::vector<std::string> argv;
  const bool sequence = py::isinstance<py::list>(command) || py::isinstance<py::tuple>(command);
  if (!sequence)
    throw BadConfig(fmt::format("{}: the command must be a str, or a list of str, not {}", where,
                                type_name(command)));
  for (const py::handle word : command) {
    if (!py::isinstance<py::str>(word))
      throw BadConfig(fmt::format("{}: every word of the command must be a str, not {}", where,
                                  type_name(word)));
    argv.push_back(to_bytes(word));
  }
  return argv;
}

py::object from_command(const Command& command) {
  if (const auto* line = std::get_if<std::string>(&command)) return to_text(*line);
  if (std::holds_alternative<std::monostate>(command)) return py::none();
  py::list argv;
  for (const std::string& word : std::get<std::vector<std::string>>(command))
    argv.append(to_text(word));
  return argv;
}

py::object seconds(std::chrono::nanoseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  if (whole == time) return py::int_(whole.count());
  return py::float_(std::chrono::duration<double>(time).count());
}

std::string type_name(py::handle object) {
  return to_bytes(py::str(py::type::handle_of(object).attr("__name__")));
}

}  // namespace jci::python
