// SPDX-License-Identifier: MIT
#include "jci/core/settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "jci/core/errors.hpp"
#include "jci/core/names.hpp"

namespace jci {
namespace {

// Far above any use, far below where adding it to a clock in nanoseconds would overflow.
constexpr std::int64_t k_longest_timeout_s = 10LL * 365 * 24 * 3600;

/// One argument on its way into Settings; knows how to complain about it.
struct Reading {
  std::string_view where;
  std::string_view name;
  const Value& value;

  [[noreturn]] void reject(const std::string& why) const {
    throw BadConfig(std::string(where) + ": " + ticked(name) + " " + why);
  }

  template <class T>
  const T& as(std::string_view expected) const {
    if (const T* held = std::get_if<T>(&value.data)) return *held;
    reject("takes " + std::string(expected) + ", not " + std::string(kind_of(value)));
  }
};

void read_image(const Reading& argument, Settings& settings) {
  const auto& image = argument.as<std::string>("a str");
  if (image.empty()) argument.reject("is empty; name an image, or leave it out");
  settings.image = image;
}

void read_timeout(const Reading& argument, Settings& settings) {
  const auto* whole = std::get_if<std::int64_t>(&argument.value.data);
  const double seconds = whole != nullptr ? static_cast<double>(*whole)
                                          : argument.as<double>("seconds as an int or a float");
  if (!(seconds > 0))
    argument.reject("takes seconds above 0, not " +
                    (whole != nullptr ? std::to_string(*whole) : float_text(seconds)));
  if (seconds > static_cast<double>(k_longest_timeout_s))
    argument.reject("takes at most " + std::to_string(k_longest_timeout_s) +
                    " seconds (ten years)");
  settings.timeout = Milliseconds(std::max<std::int64_t>(1, std::llround(seconds * 1000)));
}

void read_is_service(const Reading& argument, Settings& settings) {
  settings.is_service = argument.as<bool>("a bool");
}

/// Nothing where the user said nothing (None).
std::optional<std::string> env_value(const Reading& argument, const std::string& key,
                                     const Value& value) {
  if (std::holds_alternative<std::monostate>(value.data)) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value.data)) return float_text(*number);
  argument.reject("takes a str, an int or a float for " + ticked(key) + ", not " +
                  std::string(kind_of(value)));
}

void read_env(const Reading& argument, Settings& settings) {
  for (const auto& [key, value] : argument.as<Value::Dict>("a dict")) {
    if (key.empty() || key.find_first_of(std::string_view("=\0", 2)) != std::string::npos)
      argument.reject("has the name " + ticked(key) +
                      ", which no environment can hold: a name is not empty and has no `=`");
    const auto text = env_value(argument, key, value);
    if (!text) continue;
    if (text->find('\0') != std::string::npos)
      argument.reject("has a NUL byte in " + ticked(key) + ", which no environment can hold");
    settings.env[key] = *text;
  }
}

void read_executor_kwargs(const Reading& argument, Settings& settings) {
  for (const auto& [key, value] : argument.as<Value::Dict>("a dict"))
    if (!settings.executor_kwargs.emplace(key, value).second)
      argument.reject("has " + ticked(key) + ", which is given as an argument too; say it once");
}

/// What executors alone understand, but users say often.
void read_executor_setting(const Reading& argument, Settings& settings) {
  if (!settings.executor_kwargs.emplace(argument.name, argument.value).second)
    argument.reject("is given in `executor_kwargs` too; say it once");
}

/// Inside of the Workspace, wherever that is.
const std::string& pattern_in(const Reading& argument, const Value& value) {
  const auto* pattern = std::get_if<std::string>(&value.data);
  if (pattern == nullptr)
    argument.reject("takes file names as str, not " + std::string(kind_of(value)));
  if (pattern->empty() || pattern->find('\0') != std::string::npos)
    argument.reject("has a name that no file can have; write one such as `reports/*.xml`");
  if (pattern->front() == '/' || ("/" + *pattern + "/").find("/../") != std::string::npos)
    argument.reject("has " + ticked(*pattern) +
                    "; write it relative to the directory that jobs run in, without `..`");
  return *pattern;
}

void read_junit(const Reading& argument, Settings& settings) {
  settings.junit.emplace();
  if (const auto* list = std::get_if<Value::List>(&argument.value.data)) {
    for (const Value& each : *list) settings.junit->push_back(pattern_in(argument, each));
  } else {
    settings.junit->push_back(pattern_in(argument, argument.value));
  }
}

void read_coverage(const Reading& argument, Settings& settings) {
  settings.coverage = pattern_in(argument, argument.value);
}

/// As jobs know it.
std::string secret_in(const Reading& argument, const Value& value) {
  constexpr std::string_view k_prefix = "JAYPORE_";
  const auto* name = std::get_if<std::string>(&value.data);
  if (name == nullptr)
    argument.reject("takes names of variables as str, not " + std::string(kind_of(value)));
  const std::string known(name->starts_with(k_prefix) ? name->substr(k_prefix.size()) : *name);
  if (known.empty() || known.find_first_of(std::string_view("=\0", 2)) != std::string::npos)
    argument.reject("has the name " + ticked(*name) +
                    ", which no variable can have: name one such as `DB_PASSWORD`");
  return known;
}

void read_secrets(const Reading& argument, Settings& settings) {
  settings.secrets.emplace();
  if (const auto* list = std::get_if<Value::List>(&argument.value.data)) {
    for (const Value& each : *list) settings.secrets->push_back(secret_in(argument, each));
  } else {
    settings.secrets->push_back(secret_in(argument, argument.value));
  }
}

struct Setting {
  std::string_view name;
  void (*read)(const Reading&, Settings&);
};

constexpr std::array k_settings = {
    Setting{"coverage", read_coverage},
    Setting{"docker_socket", read_executor_setting},
    Setting{"env", read_env},
    Setting{"executor_kwargs", read_executor_kwargs},
    Setting{"image", read_image},
    Setting{"is_service", read_is_service},
    Setting{"junit", read_junit},
    Setting{"pull", read_executor_setting},
    Setting{"ready", read_executor_setting},
    Setting{"ready_timeout", read_executor_setting},
    Setting{"secrets", read_secrets},
    Setting{"timeout", read_timeout},
};
constexpr auto k_names = [] {
  std::array<std::string_view, k_settings.size()> names;
  std::ranges::transform(k_settings, names.begin(), &Setting::name);
  return names;
}();

[[noreturn]] void reject_unknown(std::string_view where, std::string_view name,
                                 std::span<const std::string_view> also_known) {
  std::vector<std::string_view> known(k_names.begin(), k_names.end());
  known.insert(known.end(), also_known.begin(), also_known.end());
  std::ranges::sort(known);
  std::string hint = did_you_mean(name, known);
  if (hint.empty()) {
    for (const auto each : known) hint += (hint.empty() ? "; known are " : ", ") + ticked(each);
  }
  throw BadConfig(std::string(where) + ": unknown argument " + ticked(name) + hint);
}

template <class T>
void lay_over(std::optional<T>& outer, const std::optional<T>& inner) {
  if (inner) outer = inner;
}

}  // namespace

bool Settings::empty() const {
  return !image && !timeout && !is_service && !junit && !coverage && !secrets && env.empty() &&
         executor_kwargs.empty();
}

Settings inherit(const Settings& outer, const Settings& inner) {
  Settings both = outer;
  lay_over(both.image, inner.image);
  lay_over(both.timeout, inner.timeout);
  lay_over(both.is_service, inner.is_service);
  lay_over(both.junit, inner.junit);
  lay_over(both.coverage, inner.coverage);
  lay_over(both.secrets, inner.secrets);
  for (const auto& [key, value] : inner.env) both.env[key] = value;
  for (const auto& [key, value] : inner.executor_kwargs) both.executor_kwargs[key] = value;
  return both;
}

std::span<const std::string_view> known_settings() { return k_names; }

Settings settings_from(const Arguments& arguments, std::string_view where,
                       std::span<const std::string_view> also_known) {
  Settings settings;
  for (const auto& [name, value] : arguments) {
    const auto* known = std::ranges::find(k_names, std::string_view(name));
    if (known == k_names.end()) reject_unknown(where, name, also_known);
    if (std::holds_alternative<std::monostate>(value.data)) continue;
    k_settings[static_cast<std::size_t>(known - k_names.begin())].read({where, name, value},
                                                                       settings);
  }
  return settings;
}

}  // namespace jci
