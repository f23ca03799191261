// SPDX-License-Identifier: MIT
#include "jci/run/options.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "jci/core/errors.hpp"

namespace jci::run {
namespace {

namespace json = boost::json;

Options read_from_environment() {
  const char* text = std::getenv(k_options_variable);
  if (text == nullptr) return {};
  Options options = Options::from_json(text);
  ::unsetenv(k_options_variable);
  return options;
}

std::string string_in(const json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}

}  // namespace

std::string Options::to_json() const {
  return json::serialize(json::object{
      {"plan_only", plan_only},
      {"json", this->json},
      {"dirty", dirty},
      {"executor", executor},
      {"max_parallel", max_parallel},
      {"sha", commit.sha},
      {"branch", commit.branch},
      {"remote", commit.remote},
      {"commit_message", commit.commit_message},
      {"author_name", commit.author_name},
      {"author_email", commit.author_email},
      {"repo_root", commit.root.native()},
      {"message_left_out", message_left_out},
      {"workspace", workspace},
      {"workspace_lock", workspace_lock},
      {"config", config},
  });
}

Options Options::from_json(std::string_view text) {
  try {
    // Commit messages and paths may be in any encoding.
    json::parse_options lenient;
    lenient.allow_invalid_utf8 = true;
    const json::value value = json::parse({text.data(), text.size()}, {}, lenient);
    const json::object& object = value.as_object();
    return {
        .plan_only = object.at("plan_only").as_bool(),
        .json = object.at("json").as_bool(),
        .dirty = object.at("dirty").as_bool(),
        .executor = string_in(object, "executor"),
        .max_parallel = object.at("max_parallel").to_number<std::size_t>(),
        .commit = {.sha = string_in(object, "sha"),
                   .branch = string_in(object, "branch"),
                   .remote = string_in(object, "remote"),
                   .commit_message = string_in(object, "commit_message"),
                   .author_name = string_in(object, "author_name"),
                   .author_email = string_in(object, "author_email"),
                   .root = string_in(object, "repo_root")},
        .message_left_out = object.at("message_left_out").as_bool(),
        .workspace = string_in(object, "workspace"),
        .workspace_lock = object.at("workspace_lock").to_number<int>(),
        .config = string_in(object, "config"),
    };
  } catch (const std::exception& error) {
    throw BadConfig(
        fmt::format("the variable `{}` is set by `jci run` for itself and cannot be read ({}); "
                    "unset it",
                    k_options_variable, error.what()));
  }
}

const Options& Options::of_process() {
  static const Options options = read_from_environment();
  return options;
}

}  // namespace jci::run
