// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "jci/results/results_module.hpp"

namespace jci::results {
namespace {

constexpr std::size_t k_message_bytes = 2'000;
constexpr std::size_t k_message_lines = 20;

pugi::xml_document parse(std::string_view xml) {
  pugi::xml_document document;
  // No DTD is read, and no entity but XML's own five.
  const pugi::xml_parse_result result = document.load_buffer(
      xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (!result)
    throw std::runtime_error(
        fmt::format("it is no XML: {} at byte {}", result.description(), result.offset));
  return document;
}

bool is_named(const pugi::xml_node& node, const char* name) {
  return std::strcmp(node.name(), name) == 0;
}

/// The first lines.
std::string beginning_of(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  std::size_t end = 0;
  for (std::size_t line = 0; line < k_message_lines && end < text.size(); ++line)
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
  text = text.substr(0, std::min(end, k_message_bytes));
  return std::string(text.substr(0, text.find_last_not_of("\r\n") + 1));
}

/// `message` is the short form, the text the whole story.
std::string message_of(const pugi::xml_node& problem) {
  const std::string_view message = problem.attribute("message").value();
  const std::string_view text = problem.text().get();
  if (text.find(message) != std::string_view::npos) return beginning_of(text);
  if (text.empty()) return beginning_of(message);
  return beginning_of(fmt::format("{}\n{}", message, text));
}

std::chrono::nanoseconds seconds_in(const pugi::xml_attribute& attribute) {
  constexpr double k_year = 366.0 * 86'400;
  const double seconds = attribute.as_double(0);
  if (!(seconds > 0 && seconds < k_year)) return {};
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

class Counting final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (is_named(node, "testcase")) count(node);
    return true;
  }

  TestResults results;

 private:
  void count(const pugi::xml_node& test) {
    results.took =
        std::min(results.took + seconds_in(test.attribute("time")), TestResults::k_longest);
    for (const pugi::xml_node& child : test.children()) {
      if (is_named(child, "failure") || is_named(child, "error")) return count_failure(test, child);
      if (is_named(child, "skipped")) {
        ++results.skipped;
        return;
      }
    }
    ++results.passed;
  }

  void count_failure(const pugi::xml_node& test, const pugi::xml_node& problem) {
    ++results.failed;
    if (results.failures.size() == TestResults::k_shown_failures) return;
    const char* suite = test.attribute("classname").value();
    if (*suite == '\0') suite = test.parent().attribute("name").value();
    results.failures.push_back({suite, test.attribute("name").value(), message_of(problem)});
  }
};

TestResults junit(std::string_view xml) {
  pugi::xml_document document = parse(xml);
  const pugi::xml_node root = document.document_element();
  if (!is_named(root, "testsuites") && !is_named(root, "testsuite"))
    throw std::runtime_error(fmt::format(
        "its root is `{}`, not the `testsuites` or `testsuite` of JUnit's format", root.name()));
  Counting counting;
  document.traverse(counting);
  return std::move(counting.results);
}

/// Where a summary is missing the lines themselves tell.
class CountingLines final : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    // Those of methods are among those of their class.
    if (is_named(node, "line") && is_named(node.parent().parent(), "class")) {
      ++lines.all;
      if (node.attribute("hits").as_ullong() > 0) ++lines.executed;
    }
    return true;
  }

  Lines lines;
};

Lines cobertura(std::string_view xml) {
  pugi::xml_document document = parse(xml);
  const pugi::xml_node root = document.document_element();
  if (!is_named(root, "coverage"))
    throw std::runtime_error(
        fmt::format("its root is `{}`, not the `coverage` of Cobertura's format", root.name()));
  const pugi::xml_attribute all = root.attribute("lines-valid");
  const pugi::xml_attribute executed = root.attribute("lines-covered");
  if (all && executed) return {executed.as_ullong(), all.as_ullong()};
  CountingLines counting;
  document.traverse(counting);
  return counting.lines;
}

}  // namespace
}  // namespace jci::results

extern "C" const jci::results::ResultsModule jci_results = {
    .junit = jci::results::junit,
    .cobertura = jci::results::cobertura,
};
