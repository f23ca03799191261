// SPDX-License-Identifier: MIT
#include "jci/run/options.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "jci/core/errors.hpp"
#include "jci/util/files.hpp"

namespace jci::run {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view why) {
  throw BadConfig(fmt::format(
      "the variable `{}` is set by `jci run` for itself and cannot be read ({}); unset it",
      k_options_variable, why));
}

Options read_from_environment() {
  const char* variable = std::getenv(k_options_variable);
  if (variable == nullptr) return {};
  int file = -1;
  int lock = -1;
  int socket = -1;
  int process = -1;
  if (std::sscanf(variable, "%d:%d:%d:%d", &file, &lock, &socket, &process) != 4)
    refuse("it names no descriptors");
  Options options = Options::from_json(contents_of(fmt::format("/proc/self/fd/{}", file)));
  ::close(file);
  options.workspace_lock = lock;
  options.supervisor_socket = socket;
  options.supervisor_process = process;
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
      {"workspace", workspace},
      {"config", config},
      {"program", program},
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
        .workspace = string_in(object, "workspace"),
        .config = string_in(object, "config"),
        .program = string_in(object, "program"),
    };
  } catch (const std::exception& error) {
    refuse(error.what());
  }
}

const Options& Options::of_process() {
  static const Options options = read_from_environment();
  return options;
}

}  // namespace jci::run
