# SPDX-License-Identifier: MIT
"""What C++ held of Python is let go of."""

from __future__ import annotations

import gc
import os
import subprocess
import weakref
from pathlib import Path

import pytest

from jaypore_ci import executors, interfaces, jci, remotes, repos
from .test_interfaces import Fossil, Quiet, Scripted


class Remembering(Scripted):
    """Keeps the jobs it was given, as an executor does."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[jci.Job] = []

    def run(self, job: jci.Job) -> str:
        self.jobs.append(job)
        return super().run(job)


class Plain(interfaces.Reporter):
    """A reporter."""

    def render(self, pipeline: jci.PipelineView) -> str:
        return "report\n"


def references_after(run: bool) -> list[object]:
    executor, reporter, remote, repo = Remembering(), Plain(), Quiet(), Fossil()
    with jci.Pipeline(executor=executor, reporter=reporter, remote=remote, repo=repo) as p:
        p.job("x", "x")
        if not run:
            p._declaration.close()
            p._status = jci.Status.PENDING
    return [weakref.ref(each) for each in (executor, reporter, remote, repo, p)]


def alive(references: list[object]) -> list[object]:
    gc.collect()
    return [reference() for reference in references if reference() is not None]  # type: ignore[operator]


def test_what_is_written_in_python_is_freed_after_the_run() -> None:
    assert alive(references_after(run=True)) == []


def test_what_is_written_in_python_is_freed_without_a_run() -> None:
    assert alive(references_after(run=False)) == []


def test_jobs_outlive_their_pipeline() -> None:
    def job() -> jci.Job:
        with jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock(), repo=repos.Mock()) as p:
            return p.job("x", "echo x", env={"A": "1"})

    kept = job()
    gc.collect()
    assert (kept.name, kept.env, kept.status) == ("x", {"A": "1"}, jci.Status.PASSED)


def children() -> set[str]:
    """Of this process, zombies included."""
    lists = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {pid for each in lists for pid in each.read_text().split()}


def test_a_run_leaves_no_process_to_the_one_it_was_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost"]
    for step in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Begin"]):
        subprocess.run([*git, *step], check=True)
    before = children()
    with jci.Pipeline(executor=executors.Shell()) as p:
        p.job("x", "true")
    assert p.get_status() == jci.Status.PASSED
    assert subprocess.run(["git", "for-each-ref", "refs/jayporeci"], check=True, capture_output=True).stdout
    assert children() == before
