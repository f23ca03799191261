# SPDX-License-Identifier: MIT
"""Every example of the manual runs as it is written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from .smtp_server import SmtpServer

ROOT = Path(__file__).resolve().parents[2]
JCI = shutil.which("jci") or str(ROOT / "build/dev/bin/jci")
EXAMPLES = ROOT / "examples" / "seed"
# Each with the number of jobs it has on the branch `main`, where the commit asks for a release.
RUN_BY_JCI = {
    "basic": 3,
    "branch": 2,
    "commit_message": 2,
    "complex_relations": 4,
    "docker_images": 2,
    "job_matrix": 18,
    "services": 6,
}


def run_mocked(name: str, checkout: Path) -> list[dict[str, Any]]:
    """What `jci run --executor mock --json` says of a commit whose config is the example."""
    (checkout / "cicd").mkdir(parents=True)
    shutil.copy(EXAMPLES / f"{name}.py", checkout / "cicd" / "cicd.py")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(checkout)]
    subprocess.run(["git", "init", "-q", "-b", "main", str(checkout)], check=True)
    subprocess.run([*git, "add", "cicd"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Start\n\njci:release"], check=True)
    done = subprocess.run(
        [JCI, "run", "--executor", "mock", "--json"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_example_is_run_by_a_test() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.py")) == sorted([*RUN_BY_JCI, "email", "test_your_config"])


@pytest.mark.parametrize("name", RUN_BY_JCI)
def test_an_example_passes_on_the_mock(name: str, tmp_path: Path) -> None:
    events = run_mocked(name, tmp_path / "checkout")
    statuses = [event["status"] for event in events if event["event"] == "job_finished"]
    assert statuses == ["PASSED"] * RUN_BY_JCI[name]


def test_the_email_example_mails_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SmtpServer(users={"ci@example.org": "s3cret"}) as server:
        monkeypatch.setenv("JAYPORE_EMAIL_ADDR", "ci@example.org")
        monkeypatch.setenv("JAYPORE_EMAIL_PASSWORD", "s3cret")
        monkeypatch.setenv("JAYPORE_EMAIL_TO", "a@example.org")
        monkeypatch.setenv("JAYPORE_EMAIL_HOST", "127.0.0.1")
        monkeypatch.setenv("JAYPORE_EMAIL_PORT", str(server.port))
        events = run_mocked("email", tmp_path / "checkout")
    assert [event["status"] for event in events if event["event"] == "job_finished"] == ["PASSED"]
    (mail,) = server.delivered
    assert mail.recipients == ["a@example.org"]
    assert mail.message["Subject"] == f"[JCI] passed: checkout [main {events[0]['sha'][:8]}]"


def test_the_complex_relations_are_as_drawn(tmp_path: Path) -> None:
    started = run_mocked("complex_relations", tmp_path / "checkout")[0]
    image = f"{started['sha']}_dev"
    drawn = [
        (stage["name"], job["name"], job["depends_on"], job["image"])
        for stage in started["stages"]
        for job in stage["jobs"]
    ]
    assert drawn == [
        ("build", "DockDev", [], "arjoonn/jci"),
        ("checking", "IntTest", [], image),
        ("checking", "RegText", ["IntTest"], image),
        ("checking", "FuzzTest", ["IntTest", "RegText"], image),
    ]


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
