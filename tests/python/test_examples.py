# SPDX-License-Identifier: MIT
"""Every example of the manual runs as it is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from .conftest import BOOTSTRAP

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "seed"
RUN_BY_JCI = ["basic", "branch", "commit_message", "complex_relations", "docker_images", "job_matrix", "services"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git repository with one commit."""
    place = tmp_path / "checkout"
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(place)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(place)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "Start\n\njci:release"], check=True)
    return place


def run_mocked(name: str, checkout: Path) -> dict[str, Any]:
    """Runs the example as `jci run --executor mock` does; gives stages, jobs and statuses."""
    tell = f"""
import atexit, json, sys
@atexit.register
def tell():
    p = sys.modules["__main__"].p
    print(json.dumps([p.stages, {{n: [j.stage, j.status.name, j.depends_on, j.image] for n, j in p.jobs.items()}}]))
{BOOTSTRAP}
"""
    options = {
        "plan_only": False, "json": False, "dirty": False, "executor": "mock", "max_parallel": 0, "repo_root": "",
        "sha": "", "revision": "", "workspace": "", "workspace_lock": -1, "config": f"{name}.py",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", tell, str(EXAMPLES / f"{name}.py")],
        cwd=checkout,
        env={**os.environ, "_JCI": json.dumps(options)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stages, jobs = json.loads(done.stdout.splitlines()[-1])
    return {"stages": stages, "jobs": jobs}


def test_every_example_is_run_by_a_test() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == sorted([*RUN_BY_JCI, "email", "test_your_config"])


@pytest.mark.parametrize("name", RUN_BY_JCI)
def test_an_example_passes_on_the_mock(name: str, checkout: Path) -> None:
    jobs = run_mocked(name, checkout)["jobs"]
    assert {status for _, status, _, _ in jobs.values()} == {"PASSED"}
    assert len(jobs) == {"basic": 3, "branch": 2, "commit_message": 2, "complex_relations": 4, "docker_images": 2,
                         "job_matrix": 18, "services": 6}[name]  # fmt: skip


def test_the_complex_relations_are_as_drawn(checkout: Path) -> None:
    declared = run_mocked("complex_relations", checkout)
    assert declared["stages"] == ["Pipeline", "build", "checking"]
    image = declared["jobs"]["IntTest"][3]
    assert len(image) == len("_dev") + 40
    assert declared["jobs"] == {
        "DockDev": ["build", "PASSED", [], "arjoonn/jci"],
        "IntTest": ["checking", "PASSED", [], image],
        "RegText": ["checking", "PASSED", ["IntTest"], image],
        "FuzzTest": ["checking", "PASSED", ["IntTest", "RegText"], image],
    }


class Names(dict[str, Any]):
    """The names of the example, in which `pipeline` is the `p` of its `with`."""

    def __missing__(self, name: str) -> Any:
        if name == "pipeline":
            return self["p"]
        raise KeyError(name)


def test_a_config_is_tested_as_the_manual_says() -> None:
    path = EXAMPLES / "test_your_config.py"
    names = Names()
    exec(compile(path.read_text(), str(path), "exec"), {}, names)
    assert names["order"].keys() == set("pqxyzab")
    assert names["p"].get_status().name == "PASSED"
