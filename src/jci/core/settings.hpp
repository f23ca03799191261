// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jci/core/value.hpp"

namespace jci {

using Env = std::map<std::string, std::string>;
using Milliseconds = std::chrono::milliseconds;

inline constexpr std::string_view k_default_image = "arjoonn/jci";
inline constexpr Milliseconds k_default_timeout = std::chrono::seconds(900);

/// What a job inherits: pipeline -> stage -> job, the inner one wins, `env` and `executor_kwargs` key by key.
/// An absent value means "not said here".
struct Settings {
  std::optional<std::string> image;
  std::optional<Milliseconds> timeout;  ///< wall time from the job's start; above 0
  std::optional<bool> is_service;
  Env env;
  Value::Dict executor_kwargs;  ///< passed to the executor as they are
  /// Files that the job writes, as patterns relative to the Workspace (`*`, `?`, `[a-z]`, and `**` for any number of directories).
  std::optional<std::vector<std::string>> junit;  ///< test results as JUnit XML
  std::optional<std::string> coverage;            ///< coverage as Cobertura XML or lcov's tracefile

  /// Names, without `JAYPORE_`, of the secret variables that the job gets; see BaseEnv.
  std::optional<std::vector<std::string>> secrets;

  bool operator==(const Settings&) const = default;
  bool empty() const;
};

/// `inner` laid over `outer`.
Settings inherit(const Settings& outer, const Settings& inner);

/// The names `settings_from` knows, sorted.
std::span<const std::string_view> known_settings();

/// Reads keyword arguments as the user gave them. `where` begins the message, e.g. "job `test`"; `also_known` are names that are
/// valid there but read by the caller (such as `depends_on`), for the suggestion only.
/// Throws BadConfig for an unknown name (naming the nearest known one), a wrong type, or a value out of range.
/// `junit` takes a pattern or a list of them; `secrets` a name or a list of them, with or without `JAYPORE_`.
/// `env` takes str, int and float values; nothing (None) means "not said here". `timeout` takes seconds as int or float.
/// `docker_socket`, `pull`, `ready` and `ready_timeout` are short for entries of `executor_kwargs` and become such, unread.
Settings settings_from(const Arguments& arguments, std::string_view where,
                       std::span<const std::string_view> also_known = {});

}  // namespace jci
