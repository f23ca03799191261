// SPDX-License-Identifier: MIT
#include "jci/cli/python.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "jci/core/errors.hpp"
#include "jci/util/module.hpp"
#include "jci/util/program.hpp"
#include "jci/util/subprocess.hpp"
#include "jci/version.hpp"

namespace jci::cli {
namespace {

namespace fs = std::filesystem;

// Our package may not be on this interpreter's path (a virtual environment, a build tree): its own comes last.
constexpr const char* k_bootstrap =
    "import sys\n"
    "sys.path.append(sys.argv.pop(1))\n"
    "from jaypore_ci._main import main\n"
    "main()\n";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Of a list with colons. An empty one means the working directory.
bool has_relative_paths(std::string_view list) {
  if (list.empty()) return false;
  for (;;) {
    if (!list.starts_with('/')) return true;
    const std::size_t end = list.find(':');
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

bool is_script(const fs::path& path) {
  char start[2] = {};
  return std::ifstream(path).read(start, 2) && start[0] == '#' && start[1] == '!';
}

// A version manager puts a script in python3's place, and what the user names may have any name: only it knows its version.
std::optional<fs::path> ask(const fs::path& program) {
  const std::string question =
      "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)";
  try {
    const Finished answer = run_subprocess({program, "-c", question}, std::chrono::seconds(10));
    const std::size_t line = answer.output.find('\n');
    if (answer.exit_code != 0 || answer.output.substr(0, line) != JCI_PYTHON_VERSION)
      return std::nullopt;
    std::string path = answer.output.substr(line + 1);
    path.resize(path.find_last_not_of('\n') + 1);
    return path;
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

// The interpreter to start for `python3` at `path`, if our extension fits it. Its version is in its real name: starting it
// only to ask would double the time of a run.
std::optional<fs::path> fitting(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return std::nullopt;
  if (real.filename() == "python" JCI_PYTHON_VERSION) return path;
  return is_script(real) ? ask(path) : std::nullopt;
}

fs::path find_python() {
  if (const std::string chosen = variable("JAYPORE_PYTHON"); !chosen.empty()) {
    const std::optional<fs::path> found = chosen.find('/') == std::string::npos
                                              ? find_on_path(chosen)
                                              : std::optional<fs::path>(chosen);
    if (!found || !is_program(*found))
      throw BadConfig(fmt::format(
          "JAYPORE_PYTHON names `{}`, which is no program; unset it or name a Python {}", chosen,
          JCI_PYTHON_VERSION));
    if (const auto python = fitting(*found)) return *python;
    if (const auto python = ask(*found)) return *python;
    throw BadConfig(
        fmt::format("JAYPORE_PYTHON names `{}`, which is no Python {}; unset it or name one",
                    chosen, JCI_PYTHON_VERSION));
  }
  if (const std::string venv = variable("VIRTUAL_ENV"); !venv.empty()) {
    if (const auto found = fitting(fs::path(venv) / "bin/python3")) return *found;
  }
  if (const auto on_path = find_on_path("python3")) {
    if (const auto found = fitting(*on_path)) return *found;
  }
  if (is_program(JCI_PYTHON_EXECUTABLE)) return JCI_PYTHON_EXECUTABLE;
  throw BadConfig(
      fmt::format("no Python {} found (looked at $VIRTUAL_ENV, PATH and `{}`); install it or set "
                  "JAYPORE_PYTHON",
                  JCI_PYTHON_VERSION, JCI_PYTHON_EXECUTABLE));
}

}  // namespace

bool python_depends_on_directory() { return has_relative_paths(variable("PYTHONPATH")); }

std::vector<std::string> python_command() {
  // -P: a file beside the config must not stand in for one of Python's own modules while we start.
  return {find_python(), "-P", "-c", k_bootstrap, package_directory().parent_path()};
}

}  // namespace jci::cli
