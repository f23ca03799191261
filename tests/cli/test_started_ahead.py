# SPDX-License-Identifier: MIT
"""What `jci run` starts before the config is read, as the config needed it the last time."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import DEADLINE, Finished, Project, make_project

__all__ = ["make_project"]

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)

CPP = """\
#include <jci/jci.hpp>
int main() {
  return jci::run([](jci::Pipeline& p) { p.job("FromCpp", "true"); });
}
"""


def adopt_orphans(adopt: bool) -> None:
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0) == 0


def children() -> set[str]:
    """Of this process, zombies included."""
    lists = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {pid for each in lists for pid in each.read_text().split()}


@pytest.fixture(name="orphanage", autouse=True)
def make_orphanage() -> Iterator[None]:
    """What a run leaves, be it a zombie, becomes a child of this process: then it fails the test."""
    before = children()
    adopt_orphans(True)
    yield
    adopt_orphans(False)
    assert children() - before == set()


def shell_config(project: Project, command: str = "true") -> None:
    project.config(f'p.job("x", {command!r})', arguments="executor=executors.Shell()")


def run(project: Project, **variables: str) -> Finished:
    """With the executor that the config names."""
    return project.jci("run", **variables)


@pytest.fixture(name="witness")
def make_witness(project: Project) -> dict[str, str]:
    """The config's Python does not go on before bubblewrap has been started."""
    started = project.scratch / "started"
    early = project.scratch / "early"
    early.mkdir()
    bwrap = early / "bwrap"
    bwrap.write_text(f'#!/bin/sh\n: >{started}\nPATH=${{PATH#*:}} exec bwrap "$@"\n')
    bwrap.chmod(0o755)
    (early / "sitecustomize.py").write_text(
        f"""\
import os, time
deadline = time.monotonic() + {DEADLINE}
while "_JCI" in os.environ and not os.path.exists({str(started)!r}):
    if time.monotonic() > deadline:
        os._exit(77)
    time.sleep(0.01)  # between two looks: another process makes that file
"""
    )
    return {"PATH": f"{early}:{project.environment['PATH']}", "PYTHONPATH": f"{early}:{project.environment['PYTHONPATH']}"}


def test_the_second_run_finds_bubblewrap_started(project: Project, witness: dict[str, str]) -> None:
    shell_config(project, "echo ran")
    assert run(project).code == 0
    assert run(project, **witness).code == 0
    assert project.jci("logs", "x").out == "ran\n"


def test_so_does_the_first_that_is_told_its_executor(project: Project, witness: dict[str, str]) -> None:
    project.config('p.job("x", "true")')
    assert project.run("--executor", "shell", **witness).code == 0


def test_a_config_that_has_another_executor_now_runs_on_that_one(project: Project) -> None:
    shell_config(project, "false")
    assert run(project).code == 1
    project.config('p.job("x", "true")', arguments="executor=executors.Mock()")
    assert run(project).code == 0


def test_a_config_that_is_wrong_now_says_so(project: Project) -> None:
    shell_config(project)
    assert run(project).code == 0
    project.config("raise RuntimeError('wrong')")
    done = run(project)
    assert (done.code, "RuntimeError: wrong" in done.err) == (2, True)


def test_a_config_in_cpp_gets_it_too(project: Project) -> None:
    shell_config(project)  # Python is started for a commit of which the tree still has this
    project.write("cicd/cicd.cpp", CPP)
    project.git("rm", "-q", "cicd/cicd.py")
    commit = project.commit()
    project.write("cicd/cicd.py", "")
    assert [project.run("--executor", "shell", "--commit", commit).code for _ in range(2)] == [0, 0]


def test_a_plan_starts_nothing(project: Project) -> None:
    shell_config(project)
    assert run(project).code == 0
    assert project.jci("plan").code == 0
