# SPDX-License-Identifier: MIT
"""What the tests of the Python face share."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jaypore_ci import repos

BOOTSTRAP = "from jaypore_ci._main import main; main()"

# What `jci run` says of a config that needs no Workspace.
OPTIONS: dict[str, object] = {
    "plan_only": False,
    "json": False,
    "dirty": False,
    "executor": "",
    "max_parallel": 0,
    "repo_root": "",
    "sha": "",
    "branch": "",
    "remote": "",
    "commit_message": "",
    "author_name": "",
    "author_email": "",
    "workspace": "",
    "config": "cicd.py",
    "program": "",
}


@dataclass
class Finished:
    """A process that has ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Finished]


@pytest.fixture(autouse=True)
def a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the user's History, or the repository that the tests are in."""
    home = tmp_path / "home"
    home.mkdir()
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(home))
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    yield


@pytest.fixture
def repo() -> repos.Mock:
    return repos.Mock(sha="0123456789abcdef", branch="main", commit_message="Fix it\n\njci:release\n")


@pytest.fixture
def python(tmp_path: Path) -> Run:
    """Runs a script in a fresh interpreter, as `python3 script.py`."""
    return _runner(tmp_path, ["cicd.py"], {})


@pytest.fixture
def bootstrap(tmp_path: Path) -> Run:
    """Runs a config as `jci run` does."""
    return _runner(tmp_path, ["-c", BOOTSTRAP], OPTIONS)


def _runner(tmp_path: Path, interpreter: list[str], options: dict[str, object]) -> Run:
    def run(script: str, *arguments: str, **env: str) -> Finished:
        (tmp_path / "place" / "cicd.py").write_text(script)
        with _handed_over(options) as (file, handed):
            done = subprocess.run(
                [sys.executable, *interpreter, *arguments],
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, **handed, **env},
                pass_fds=[file],
                check=False,
            )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@contextlib.contextmanager
def _handed_over(options: dict[str, object]) -> Iterator[tuple[int, dict[str, str]]]:
    """A descriptor of the options, and the variable that names it."""
    file = os.memfd_create("options")
    os.write(file, json.dumps(options).encode())
    try:
        yield file, {"_JCI": f"{file}:-1:-1:-1"} if options else {}
    finally:
        os.close(file)
