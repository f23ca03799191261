# SPDX-License-Identifier: MIT
"""Configs in C++ do what those in Python do, and are compiled once."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from project import ROOT, Project, make_project

__all__ = ["make_project"]

HELLO = """#include <jci/jci.hpp>
int main() {
  return jci::run({}, [](jci::Pipeline& p) { p.job("Hello", "echo hello"); });
}
"""


@pytest.fixture(name="compilations")
def make_compilations(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a line for each time that the compiler ran."""
    count = project.scratch / "compilations"
    count.touch()
    wrapper = project.scratch / "counting-c++"
    wrapper.write_text(f'#!/bin/sh\necho compiled >>"{count}"\nexec c++ "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setitem(project.environment, "CXX", str(wrapper))
    return count


def times(compilations: Path) -> int:
    return len(compilations.read_text().splitlines())


def settled(report: str) -> str:
    report = re.sub(r"sha [0-9a-f]{10}", "sha SHA", report)
    return re.sub(r"\[\d+ *\] +\d+: ?\d+", "[PID] TIME", report)


def test_the_quickstart_gives_the_same_report_in_both_languages(tmp_path: Path) -> None:
    reports = {}
    for example in "quickstart", "quickstart-cpp":
        (tmp_path / example).mkdir()
        project = Project(tmp_path / example)
        subprocess.run(["cp", "-rL", f"{ROOT}/examples/{example}/.", str(project.path)], check=True)
        project.commit()
        run = project.run()
        assert run.code == 0, run.err
        reports[example] = settled(run.report)
    assert reports["quickstart"] == reports["quickstart-cpp"]
    assert "[PID] TIME" in reports["quickstart"]


def test_a_config_is_compiled_once_per_content(project: Project, compilations: Path) -> None:
    project.write("cicd/jobs.hpp", "#define GREETING \"echo hello\"\n")
    config = HELLO.replace("#include", '#include "jobs.hpp"\n#include', 1).replace('"echo hello"', "GREETING")
    project.write("cicd/cicd.cpp", config)
    project.commit()
    runs = [project.run("--executor", "mock") for _ in range(2)]
    assert ([run.code for run in runs], times(compilations)) == ([0, 0], 1)

    project.write("cicd/jobs.hpp", "#define GREETING \"echo goodbye\"\n")
    project.commit()
    assert (project.run("--executor", "mock").code, times(compilations)) == (0, 2)
    assert "echo goodbye" in project.jci("plan", "--json").out
    assert times(compilations) == 2


def test_a_config_that_does_not_compile(project: Project) -> None:
    project.write("cicd/cicd.cpp", HELLO.replace("p.job", "p.jub"))
    project.commit()
    run = project.run()
    assert (run.out, run.code) == ("", 2)
    assert re.search(r"^cicd/cicd\.cpp:3:\d+: error: .*jub", run.err, re.MULTILINE)
    assert run.err.splitlines()[-1] == "jci: error: `cicd/cicd.cpp` does not compile; the messages of `c++` are above"


def test_a_compiler_that_is_not_there(project: Project) -> None:
    project.write("cicd/cicd.cpp", HELLO)
    project.commit()
    run = project.run(CXX="no-such-compiler")
    assert (run.out, run.code) == ("", 2)
    last = run.err.splitlines()[-1]
    assert last.startswith("jci: error: `cicd/cicd.cpp` cannot be compiled: ")
    assert last.endswith("; a C++ config needs a compiler, install g++ or set CXX")


# Compiled once for all the tests that use it.
MODES = """#include <cstdlib>
#include <stdexcept>
#include <string>
#include <jci/jci.hpp>
int main() {
  const std::string mode = std::getenv("MODE");
  return jci::run({}, [&](jci::Pipeline& p) {
    if (mode == "wrong") p.job("Hello", "true", {.depends_on = {"Nobody"}});
    if (mode == "fails") p.job("Hello", "echo oh; exit 3");
    if (mode == "throws") throw std::runtime_error("no such file");
  });
}
"""


@pytest.fixture(scope="module", name="cache")
def make_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(
    ("mode", "out", "err", "code"),
    [
        ("wrong", "", "jci: error: job `Hello` depends on `Nobody`, which is not declared; declare it before\n", 2),
        ("throws", "", "jci: error: no such file\n", 2),
        ("fails", "── Hello: exit code 3 ──\noh\n", "failed in", 1),
    ],
)
def test_a_config_ends_as_in_python(project: Project, cache: Path, mode: str, out: str, err: str, code: int) -> None:
    project.write("cicd/cicd.cpp", MODES)
    project.commit()
    run = project.run(MODE=mode, XDG_CACHE_HOME=str(cache))
    assert (out in run.out, err in run.err, run.code) == (True, True, code)
    assert run.out == "" or code == 1


DOCKER_CPP = """#include <cstdlib>
#include <string>
#include <jci/jci.hpp>
using jci::Dict, jci::List;
int main() {
  const std::string mode = std::getenv("MODE");
  jci::PipelineOptions options{.pull = "never", .executor = jci::executors::Docker{.keep = "never", .share_namespaces = false}};
  if (mode == "keep") options.executor = jci::executors::Docker{.keep = "al"};
  return jci::run(options, [&](jci::Pipeline& p) {
    if (mode == "name") p.job("Job", "true", {.executor_kwargs = {{"mem_limt", "512m"}}});
    if (mode == "shape") p.job("Job", "true", {.executor_kwargs = {{"ulimits", List{Dict{{"name", "nofile"}, {"soft", 1.5}}}}}});
    if (mode == "pull") p.job("Job", "true", {.pull = "sometimes"});
    if (mode == "twice") p.job("Job", "true", {.executor_kwargs = {{"pull", "always"}}, .pull = "always"});
    if (mode == "timeout") p.job("Job", "true", {.timeout = -1});
    if (mode == "sound") {
      p.stage("Services", {.is_service = true, .docker_socket = false, .ready_timeout = 30}, [&] {
        p.job("Db", nullptr, {.image = "db", .ready = 5432});
        p.job("Api", {"api", "-v"}, {.ready = Dict{{"port", 80}, {"path", "/health"}}});
      });
      p.job("Job", "true", {.executor_kwargs = {{"mem_limit", "512m"}, {"user", 1000}, {"init", true},
                                                {"environment", Dict{{"PATH", nullptr}}}, {"cap_add", List{"SYS_PTRACE"}}},
                            .stage = "Pipeline"});
    }
  });
}
"""
DOCKER_PYTHON = """import os
from jaypore_ci import executors, jci
mode = os.environ["MODE"]
keep = "al" if mode == "keep" else "never"
with jci.Pipeline(pull="never", executor=executors.Docker(keep=keep, share_namespaces=False)) as p:
    if mode == "name":
        p.job("Job", "true", executor_kwargs={"mem_limt": "512m"})
    if mode == "shape":
        p.job("Job", "true", executor_kwargs={"ulimits": [{"name": "nofile", "soft": 1.5}]})
    if mode == "pull":
        p.job("Job", "true", pull="sometimes")
    if mode == "twice":
        p.job("Job", "true", executor_kwargs={"pull": "always"}, pull="always")
    if mode == "timeout":
        p.job("Job", "true", timeout=-1.0)
    if mode == "sound":
        with p.stage("Services", is_service=True, docker_socket=False, ready_timeout=30):
            p.job("Db", None, image="db", ready=5432)
            p.job("Api", ["api", "-v"], ready={"port": 80, "path": "/health"})
        p.job("Job", "true", stage="Pipeline", executor_kwargs={
            "mem_limit": "512m", "user": 1000, "init": True, "environment": {"PATH": None}, "cap_add": ["SYS_PTRACE"]})
"""


@pytest.mark.parametrize(
    ("mode", "message", "code"),
    [
        ("keep", 'executors.Docker: `keep` must be "failed", "all" or "never", not `al`', 2),
        ("name", "did you mean `mem_limit`", 2),
        ("shape", "`ulimits`", 2),
        ("pull", '"always"', 2),
        ("twice", "say it once", 2),
        ("timeout", "job `Job`: `timeout` takes seconds above 0, not -1.0", 2),
        ("sound", "no Docker engine at `unix:///no/engine.sock` (`DOCKER_HOST`)", 1),
    ],
)
def test_docker_is_told_the_same(project: Project, cache: Path, mode: str, message: str, code: int) -> None:
    project.write("cicd/cicd.cpp", DOCKER_CPP)
    project.write("cicd/cicd.py", DOCKER_PYTHON)
    project.commit()
    variables = {"MODE": mode, "XDG_CACHE_HOME": str(cache), "DOCKER_HOST": "unix:///no/engine.sock"}
    said = [project.run("--config", f"cicd/cicd.{ending}", **variables) for ending in ("cpp", "py")]
    last = [re.sub("^(jci: error|jaypore_ci.interfaces.BadConfig): ", "", run.err.splitlines()[-1]) for run in said]
    assert message in last[0]
    assert (last[1], [run.code for run in said]) == (last[0], [code, code])


def test_python_is_the_config_where_both_are_there(project: Project, cache: Path) -> None:
    project.write("cicd/cicd.cpp", MODES)
    project.config('p.job("FromPython", "true")')
    assert "FromPython" in project.run("--executor", "mock").report
    named = project.run("--config", "cicd/cicd.cpp", "--executor", "mock", MODE="fails", XDG_CACHE_HOME=str(cache))
    assert "Hello" in named.report


REPORTING = """#include <jci/jci.hpp>
int main() {
  return jci::run({
      .remote = {"file:report.md", "git",
                 jci::remotes::When{.remote = "file:failed.json", .status = {"failed"}},
                 jci::remotes::When{.remote = "file:main.txt", .status = {"passed", "failed"}, .branch = {"ma*"}, .reporter = "html"},
                 jci::remotes::When{.remote = "file:docs.txt", .changed = {"docs/*"}}},
  }, [](jci::Pipeline& p) { p.job("Hello", "echo hello"); });
}
"""


def test_a_config_in_cpp_chooses_where_reports_go(project: Project) -> None:
    project.write("cicd/cicd.cpp", REPORTING)
    sha = project.commit()
    ran = project.run()
    assert ran.code == 0, ran.err
    assert (project.path / "report.md").read_text().startswith("🟢 **passed** · ")
    assert "<html" in (project.path / "main.txt").read_text()
    assert not (project.path / "failed.json").exists()
    assert not (project.path / "docs.txt").exists()
    assert "Hello" in project.git("show", f"refs/jayporeci/{sha}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('.remote = {"pigeon"}', "no remote is called `pigeon`; there are git, gitea, github, gitlab, email, telegram, webhook, stdout and file:PATH"),
        ('.remote = {"telegram"}', "JAYPORE_TELEGRAM_TOKEN"),
        ('.remote = {jci::remotes::When{.remote = "git", .status = {"green"}}}', "not `green`"),
        ('.reporter = "smoke"', "no reporter is called `smoke`; there are text, markdown, json, junit, html"),
    ],
)
def test_a_remote_or_reporter_that_is_none_is_named(project: Project, options: str, message: str) -> None:
    project.write("cicd/cicd.cpp", HELLO.replace("{}", f"{{{options}}}"))
    project.commit()
    ran = project.run()
    assert ran.code == 2
    assert message in ran.err
