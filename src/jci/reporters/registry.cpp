// SPDX-License-Identifier: MIT
#include "jci/reporters/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "jci/core/errors.hpp"
#include "jci/reporters/html.hpp"
#include "jci/reporters/json.hpp"
#include "jci/reporters/junit.hpp"
#include "jci/reporters/markdown.hpp"
#include "jci/reporters/text.hpp"

namespace jci {
namespace {

struct Known {
  std::string_view name;
  std::unique_ptr<Reporter> (*make)();
};

constexpr std::array k_reporters = {
    Known{"text", &make_text_reporter}, Known{"markdown", [] { return make_markdown_reporter(); }},
    Known{"json", &make_json_reporter}, Known{"junit", &make_junit_reporter},
    Known{"html", &make_html_reporter},
};

}  // namespace

std::vector<std::string> reporter_names() {
  std::vector<std::string> names;
  for (const Known& known : k_reporters) names.emplace_back(known.name);
  return names;
}

std::unique_ptr<Reporter> reporter_named(std::string_view name) {
  for (const Known& known : k_reporters)
    if (known.name == name) return known.make();
  throw BadConfig(fmt::format("no reporter is called `{}`; there are {}", name,
                              fmt::join(reporter_names(), ", ")));
}

}  // namespace jci
