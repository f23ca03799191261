# SPDX-License-Identifier: MIT
"""A git repository with a config, a user with empty directories, and the real `jci`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
JCI = shutil.which("jci") or str(ROOT / "build/dev/bin/jci")
DEADLINE = 60  # seconds after which a test gives up on what it waits for; nothing takes so long


@dataclass
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """What `--json` printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def report(self) -> str:
        """The block of the report, without what follows it."""
        lines = self.out.splitlines(keepends=True)
        last = max(index for index, line in enumerate(lines) if line.startswith("┗"))
        return "".join(lines[: last + 1])

    @property
    def lines(self) -> str:
        """What it printed to stderr, without the times in front."""
        return "".join(line.split(" ", 1)[-1] for line in self.err.splitlines(keepends=True))


def on_this_machine(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """`jci run`'s arguments, with jobs as processes unless they name another executor."""
    return arguments if "--executor" in arguments else ("--executor", "shell", *arguments)


def until(happened: Callable[[], Any]) -> Any:
    """Waits for something that another process does; gives what it is."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(0.005)
    raise AssertionError("what the test waits for has not happened")


class Project:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.path = scratch / "project"
        self.path.mkdir()
        (scratch / "home").mkdir()
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("JAYPORE_", "JCI_", "GIT_"))}
        ours.pop("VIRTUAL_ENV", None)
        self.environment = {
            **ours,
            "HOME": str(scratch / "home"),
            "XDG_STATE_HOME": str(scratch / "state"),
            "XDG_CACHE_HOME": str(scratch / "cache"),
            "JAYPORE_PYTHON": sys.executable,
            "SCRATCH": str(scratch),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    # ---- the repository

    def git(self, *arguments: str) -> str:
        names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        return subprocess.run(
            ["git", *names, *arguments], cwd=self.path, env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def write(self, file: str, text: str) -> Path:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, message: str = "Change things") -> str:
        if not (self.path / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def config(self, body: str, *, arguments: str = "") -> str:
        """Commits a config that declares jobs in `with ... as p`."""
        indented = "".join(f"    {line}" for line in body.splitlines(keepends=True))
        self.write("cicd/cicd.py", f"from jaypore_ci import executors, jci\nwith jci.Pipeline({arguments}) as p:\n{indented}\n")
        return self.commit()

    # ---- processes

    def start(self, command: list[str], *, where: str = ".", **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.path / where,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
        )

    @staticmethod
    def finish(process: subprocess.Popen[str]) -> Finished:
        out, err = process.communicate(timeout=DEADLINE)
        return Finished(process.returncode, out, err)

    def jci(self, *arguments: str, where: str = ".", **variables: str) -> Finished:
        return self.finish(self.start([JCI, *arguments], where=where, **variables))

    def run(self, *arguments: str, **variables: str) -> Finished:
        return self.jci("run", *on_this_machine(arguments), **variables)

    @contextmanager
    def running(self, *arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """`jci run` while it goes on; its process id is that of the config."""
        process = self.start([JCI, "run", *on_this_machine(arguments)], **variables)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    # ---- what is left behind

    def statuses(self) -> dict[str, str]:
        """Of each job of the newest run, from the history."""
        newest = json.loads(self.jci("runs", "--json").out.splitlines()[0])
        return {job["job"]: job["status"] for job in newest["jobs"]}

    def processes_marked(self, mark: str) -> list[int]:
        """The processes that have `mark` in their environment."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended
        return found


@pytest.fixture(name="project")
def make_project(tmp_path: Path) -> Project:
    return Project(tmp_path)
