// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jci/core/value.hpp"

namespace jci::docker {

/// One argument of a job on its way into the engine's terms, or a part of one. It knows what it is called, so that every
/// complaint names it. All functions throw BadConfig where the value is something else.
/// A view: what it was made from must outlive it.
class Reading {
 public:
  Reading(std::string_view job, std::string_view argument, const Value& value);

  [[noreturn]] void reject(std::string_view why) const;
  /// "... takes `shape`, not an int".
  [[noreturn]] void expect(std::string_view shape) const;

  /// The same argument with a part of its value; `part` must outlive it.
  Reading with(const Value& part) const { return {job_, name_, &part}; }
  bool is_nothing() const { return std::holds_alternative<std::monostate>(value_->data); }
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&value_->data);
  }

  bool flag() const;
  const std::string& text() const;
  /// An int, or a float without a fraction, as `5 * 1e9` gives one.
  std::int64_t whole(std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                     std::int64_t most = std::numeric_limits<std::int64_t>::max()) const;
  /// A number or a text such as "512m", "1.5g", "64kb": units b, k, m, g, t, each 1024 times the one before. At least `least`.
  std::int64_t bytes(std::int64_t least = 0) const;
  /// A str, an int, a float or a bool, as Python's `str` writes it.
  std::string scalar() const;

  /// The parts of a list.
  std::vector<Reading> items(std::string_view shape = "a list") const;
  /// The parts of a dict, by key; those that are nothing are left out.
  std::vector<std::pair<std::string, Reading>> entries(std::string_view shape = "a dict") const;
  /// The keys of a dict whose value is nothing.
  std::vector<std::string> bare_keys() const;
  std::vector<std::string> texts() const;

  /// As it is.
  boost::json::value json() const;

 private:
  Reading(std::string job, std::string name, const Value* value);

  const std::string& check_text(const std::string& text) const;

  std::string job_;
  std::string name_;
  const Value* value_;
};

/// A dict with known keys, each written as docker-py's arguments are (`start_period`) or as the engine's JSON is (`StartPeriod`).
class Fields {
 public:
  /// Throws BadConfig for a key that is not among `known`.
  Fields(const Reading& dict, std::initializer_list<std::string_view> known);

  /// Nothing where it is not given, or given as nothing.
  const Reading* find(std::string_view name) const;
  /// Throws BadConfig where it is not given.
  const Reading& get(std::string_view name) const;

 private:
  Reading dict_;
  std::vector<std::pair<std::string_view, Reading>> fields_;
};

}  // namespace jci::docker
