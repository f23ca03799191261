// SPDX-License-Identifier: MIT
#include "jci/setup/project_kind.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "jci/util/files.hpp"
#include "jci/util/json.hpp"

namespace jci::setup {
namespace {

namespace fs = std::filesystem;

bool has(const fs::path& root, std::string_view file) {
  std::error_code ignored;
  return fs::exists(root / file, ignored);
}

using Names = std::vector<std::string>;

// Of what lies at `root` itself, sorted.
Names names_like(const fs::path& root, std::string_view prefix, std::string_view suffix) {
  Names names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    std::string name = entry.path().filename();
    if (name.starts_with(prefix) && name.ends_with(suffix)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

bool has_any(const fs::path& root, std::string_view prefix, std::string_view suffix) {
  return !names_like(root, prefix, suffix).empty();
}

std::string job(std::string_view name, std::string_view command, std::string_view more = {}) {
  return fmt::format("        p.job(\"{}\", \"{}\"{})\n", name, command, more);
}

// "["cicd/Dockerfile", ...]" of those files that are there.
std::string inputs(const fs::path& root, const Names& files) {
  std::string list = R"("cicd/Dockerfile")";
  for (const std::string& file : files)
    if (has(root, file)) list += fmt::format(R"(, "{}")", file);
  return fmt::format("[{}]", list);
}

// A project that configures coverage has said which of its files count.
bool says_what_to_cover(const fs::path& root) {
  return has(root, ".coveragerc") ||
         contents_of(root / "pyproject.toml").contains("[tool.coverage.run") ||
         contents_of(root / "setup.cfg").contains("[coverage:run");
}

// --- one function per kind: nothing where the project is none ---

std::optional<ProjectKind> python(const fs::path& root) {
  const auto requirements = names_like(root, "requirements", ".txt");  // they may name one another
  const bool has_requirements = has(root, "requirements.txt");
  if (!has_requirements && !has(root, "pyproject.toml") && !has(root, "setup.py") &&
      !has(root, "setup.cfg") && !has_any(root, "", ".py"))
    return std::nullopt;
  std::string dockerfile =
      "FROM python:3.12-slim\nRUN pip install --no-cache-dir pytest pytest-cov ruff\n";
  if (has_requirements)
    dockerfile +=
        "COPY requirements*.txt /tmp/\n"
        "RUN pip install --no-cache-dir -r /tmp/requirements.txt\n";
  std::string jobs = job("Lint", "ruff check .");
  const bool is_package = has(root, "pyproject.toml") || has(root, "setup.py");
  if (has(root, "tests") || has(root, "test") || has_any(root, "test_", ".py"))
    jobs += job("PyTest",
                fmt::format("{}python3 -m pytest --junitxml=pytest.xml --cov{} --cov-report=xml",
                            is_package ? "pip install -q -e . && " : "",
                            says_what_to_cover(root) ? "" : "=."),
                R"(, junit="pytest.xml", coverage="coverage.xml")");
  return ProjectKind{"Python", inputs(root, has_requirements ? requirements : Names()), dockerfile,
                     jobs};
}

std::optional<ProjectKind> node(const fs::path& root) {
  if (!has(root, "package.json")) return std::nullopt;
  boost::system::error_code error;
  const auto parsed = boost::json::parse(contents_of(root / "package.json"), error);
  const boost::json::object package =
      !error && parsed.is_object() ? parsed.get_object() : boost::json::object();
  const auto& scripts = object_of(package, "scripts");
  std::string jobs =
      job("Install", has(root, "package-lock.json") ? "npm ci" : "npm install --no-audit");
  for (const char* const script : {"lint", "build", "test"})
    if (scripts.contains(script) && !text_of(scripts, script).contains("no test specified"))
      jobs += job(fmt::format("{}{}", static_cast<char>(std::toupper(script[0])), script + 1),
                  fmt::format("npm run {}", script), R"(, depends_on=["Install"])");
  return ProjectKind{"Node", inputs(root, {}), "FROM node:22-slim\n", jobs};
}

std::optional<ProjectKind> go(const fs::path& root) {
  if (!has(root, "go.mod")) return std::nullopt;
  return ProjectKind{"Go", inputs(root, {"go.mod", "go.sum"}),
                     "FROM golang:1.23\nWORKDIR /modules\nCOPY go.* ./\nRUN go mod download\n",
                     job("Format", "test -z \\\"$(gofmt -l .)\\\" || { gofmt -d .; exit 1; }") +
                         job("Vet", "go vet ./...") + job("Test", "go test ./...")};
}

std::optional<ProjectKind> rust(const fs::path& root) {
  if (!has(root, "Cargo.toml")) return std::nullopt;
  return ProjectKind{"Rust", inputs(root, {}),
                     "FROM rust:1-slim\nRUN rustup component add rustfmt clippy\n",
                     job("Format", "cargo fmt --check") +
                         job("Clippy", "cargo clippy --all-targets -- -D warnings") +
                         job("Test", "cargo test", R"(, depends_on=["Clippy"])")};
}

constexpr const char* k_cpp_image =
    "FROM debian:12-slim\n"
    "RUN apt-get update && apt-get install -y --no-install-recommends build-essential cmake "
    "ninja-build \\\n && rm -rf /var/lib/apt/lists/*\n";

std::optional<ProjectKind> cmake(const fs::path& root) {
  if (!has(root, "CMakeLists.txt")) return std::nullopt;
  return ProjectKind{
      "CMake", inputs(root, {}), k_cpp_image,
      job("Build", "cmake -S . -B build -G Ninja && cmake --build build") +
          job("Test", "ctest --test-dir build --output-on-failure --output-junit ctest.xml",
              R"(, depends_on=["Build"], junit="build/ctest.xml")")};
}

std::optional<ProjectKind> make(const fs::path& root) {
  if (!has(root, "Makefile") && !has(root, "makefile")) return std::nullopt;
  const std::string rules =
      "\n" + contents_of(root / (has(root, "Makefile") ? "Makefile" : "makefile"));
  std::string jobs = job("Build", "make");
  for (const char* const target : {"check", "test"})
    if (rules.contains(fmt::format("\n{}:", target))) {
      jobs += job("Test", fmt::format("make {}", target), R"(, depends_on=["Build"])");
      break;
    }
  return ProjectKind{"Make", inputs(root, {}), k_cpp_image, jobs};
}

std::optional<ProjectKind> java(const fs::path& root) {
  if (has(root, "pom.xml"))
    return ProjectKind{
        "Maven", inputs(root, {}), "FROM maven:3-eclipse-temurin-21\n",
        job("Verify", "mvn -B -q verify", R"(, junit="target/surefire-reports/TEST-*.xml")")};
  if (!has(root, "build.gradle") && !has(root, "build.gradle.kts")) return std::nullopt;
  const bool has_wrapper = has(root, "gradlew");
  return ProjectKind{"Gradle", inputs(root, {}), "FROM gradle:8-jdk21\n",
                     job("Build", has_wrapper ? "./gradlew build" : "gradle build",
                         R"(, junit="build/test-results/test/TEST-*.xml")")};
}

ProjectKind anything() {
  return {"", R"(["cicd/Dockerfile"])", "FROM debian:12-slim\n",
          "        # Say here how your project is checked.\n" + job("Look", "ls -l")};
}

constexpr const char* k_config =
    R"("""What a `git push` checks. `jci plan` shows it, `jci run` runs it."""

import hashlib
from pathlib import Path

from jaypore_ci import jci

# All jobs run in an image of their own, with what they need in it. It is built again when one of these files has changed.
INPUTS = @INPUTS@
IMAGE = "@NAME@-ci:" + hashlib.sha256(b"".join(Path(name).read_bytes() for name in INPUTS)).hexdigest()[:12]

with jci.Pipeline(image=IMAGE) as p:
    with p.stage("Image", image="docker:cli"):
        p.job("BuildImage", f"docker image inspect {IMAGE} >/dev/null 2>&1 || docker build -t {IMAGE} -f cicd/Dockerfile .")

    with p.stage("Check"):
@JOBS@)";

void replace(std::string& text, std::string_view what, std::string_view by) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
}

// A part of an image's name: [a-z0-9] with single dashes between them.
std::string image_name(const std::string& name) {
  std::string cleaned;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 && byte < 0x80) {
      cleaned += static_cast<char>(std::tolower(byte));
    } else if (!cleaned.empty() && cleaned.back() != '-') {
      cleaned += '-';
    }
  }
  while (cleaned.ends_with('-')) cleaned.pop_back();
  return cleaned.empty() ? "project" : cleaned;
}

}  // namespace

ProjectKind kind_of(const fs::path& root) {
  constexpr std::array kinds = {cmake, rust, go, java, node, python, make};
  for (const auto look : kinds)
    if (auto kind = look(root)) return *std::move(kind);
  return anything();
}

std::string config_for(const ProjectKind& kind, const std::string& name) {
  std::string text = k_config;
  replace(text, "@INPUTS@", kind.inputs);
  replace(text, "@NAME@", image_name(name));
  replace(text, "@JOBS@", kind.jobs);
  return text;
}

}  // namespace jci::setup
