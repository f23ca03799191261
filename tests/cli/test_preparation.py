# SPDX-License-Identifier: MIT
"""What `jci run` does before the config is read, while Python starts beside it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from project import JCI, Project, make_project, until

__all__ = ["make_project"]

CPP = """\
#include <jci/jci.hpp>
int main() {
  return jci::run([](jci::Pipeline& p) { p.job("FromCpp", "true"); });
}
"""


def preparing(process: subprocess.Popen[str]) -> int:
    """The child of `jci run` that prepares."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return int(until(lambda: children.read_text().split())[0])


def start(project: Project) -> subprocess.Popen[str]:
    """In a group of its own, as a shell does; heeding Ctrl-C, also where these tests run in the background."""
    return subprocess.Popen(
        [JCI, "run", "--executor", "shell"],
        cwd=project.path,
        env=project.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def waits_for_the_other(pid: int) -> bool:
    """It is Python with all that it needs, and has nothing to do."""
    process = Path(f"/proc/{pid}")
    return "_core." in (process / "maps").read_text() and "State:\tS" in (process / "status").read_text()


@pytest.fixture(name="held_up")
def make_held_up(project: Project) -> Project:
    """Whoever prepares a run of it reads the settings from a pipe, and waits there."""
    project.config('p.job("x", "true")')
    pipe = project.scratch / "settings"
    os.mkfifo(pipe)
    project.git("config", "include.path", str(pipe))
    return project


def test_ctrl_c_while_python_starts_shows_nothing_of_it(project: Project) -> None:
    project.config('p.job("x", "true")')
    early = project.scratch / "early"
    early.mkdir()
    # Python runs this before anything of ours.
    (early / "sitecustomize.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    project.environment["PYTHONPATH"] = f"{early}:{project.environment['PYTHONPATH']}"
    process = start(project)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "interrupted\n")


def test_ctrl_c_ends_both(held_up: Project) -> None:
    process = start(held_up)
    preparing(process)
    until(lambda: waits_for_the_other(process.pid))
    os.killpg(process.pid, signal.SIGINT)
    done = held_up.finish(process)
    assert (done.code, done.out, done.err) == (130, "", "interrupted\n")
    until(lambda: not held_up.processes_marked(str(held_up.scratch)))


def test_one_that_is_killed_is_told(held_up: Project) -> None:
    process = start(held_up)
    os.kill(preparing(process), signal.SIGKILL)
    done = held_up.finish(process)
    assert (done.code, done.err) == (1, "jci: error: what prepares the run was ended by Killed\n")


def test_kill_9_of_the_run_leaves_none_that_prepares(held_up: Project) -> None:
    process = start(held_up)
    preparing(process)
    process.kill()
    held_up.finish(process)
    until(lambda: not held_up.processes_marked(str(held_up.scratch)))


def test_a_config_that_is_only_in_the_working_tree_does_not_hide_that_of_the_commit(project: Project) -> None:
    project.write("cicd/cicd.cpp", CPP)
    project.commit()
    project.write("cicd/cicd.py", "raise SystemExit('not committed')\n")
    run = project.run()
    assert run.code == 0, run.err
    assert "FromCpp" in run.report


def test_pythonpath_means_the_commit(project: Project) -> None:
    project.write("lib/flavour.py", "NAME = 'Committed'\n")
    project.config('import flavour\np.job(flavour.NAME, "true")')
    project.write("lib/flavour.py", "NAME = 'Changed'\n")
    before = project.environment.get("PYTHONPATH", "/nowhere")
    for path in (f"{before}:lib", f"lib:{before}"):
        run = project.run(PYTHONPATH=path)
        assert "Committed" in run.out, run.err


def test_the_run_stands_in_the_workspace(project: Project) -> None:
    project.config('import os\nassert os.getcwd() == os.environ["JAYPORE_RUN"] != os.environ["SCRATCH"] + "/project"\np.job("x", "true")')
    run = project.run()
    assert run.code == 0, run.err
