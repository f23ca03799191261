// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <map>
#include <string>

namespace jci::docker {

/// What everything of a run is found by again.
using LabelMap = std::map<std::string, std::string>;

/// As the API takes them.
inline boost::json::object to_json(const LabelMap& labels) {
  boost::json::object object;
  for (const auto& [name, value] : labels) object[name] = value;
  return object;
}

}  // namespace jci::docker
