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


def test_python_is_the_config_where_both_are_there(project: Project, cache: Path) -> None:
    project.write("cicd/cicd.cpp", MODES)
    project.config('p.job("FromPython", "true")')
    assert "FromPython" in project.run("--executor", "mock").report
    named = project.run("--config", "cicd/cicd.cpp", "--executor", "mock", MODE="fails", XDG_CACHE_HOME=str(cache))
    assert "Hello" in named.report
