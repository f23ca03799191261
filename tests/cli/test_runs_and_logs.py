"""`jci runs` and `jci logs`, on histories as runs leave them."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from history_of_runs import SCHEMA, SHA, History

ROOT = Path(__file__).resolve().parents[2]
JCI = shutil.which("jci") or str(ROOT / "build/dev/bin/jci")
ABC = "abc0000000"


class World:
    def __init__(self, scratch: Path) -> None:
        self.repository = scratch / "repo"
        (self.repository / ".git").mkdir(parents=True)
        (self.repository / "deep").mkdir()
        self.scratch = scratch
        self.environment = {**os.environ, "XDG_STATE_HOME": str(scratch / "state"), "TZ": "UTC"}

        self.histories: list[History] = []

    def history(self) -> History:
        self.histories.append(History(self.scratch / "state", self.repository))
        return self.histories[-1]

    def jci(self, *arguments: str, stdout: str = "", stderr: str = "", code: int = 0, where: str = "repo/deep") -> None:
        """Runs jci and compares all it says."""
        ended = subprocess.run([JCI, *arguments], cwd=self.scratch / where, env=self.environment, capture_output=True, check=False)
        assert (ended.stdout.decode(), ended.stderr.decode(), ended.returncode) == (stdout, stderr, code)

    def jci_in_terminal(self, *arguments: str) -> bytes:
        reader, terminal = pty.openpty()
        subprocess.run([JCI, *arguments], cwd=self.repository, env=self.environment, stdout=terminal, check=True)
        os.close(terminal)
        shown = os.read(reader, 65536)
        os.close(reader)
        return shown


@pytest.fixture(name="world")
def make_world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    for history in world.histories:
        history.close()


def test_runs_are_listed_newest_first_with_what_failed(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa")
    history.run("bbbbbbbbbb", "FAILED", minute=60, dirty=1, branch="feature/\x1b[31mx")
    for job in ("Lint", "Unit", "Docs", "Fuzz"):
        history.job("bbbbbbbbbb", job, "FAILED")
    history.job("bbbbbbbbbb", "Deploy", "SKIPPED")
    history.run("cccccccccc", "RUNNING", minute=120)
    history.job("cccccccccc", "Build", "RUNNING")
    world.jci(
        "runs",
        stdout="""\
   RUN         STATUS       SHA          BRANCH     STARTED            TOOK  FAILED JOBS
🟣 cccccccccc  INTERRUPTED  edcb193bae   main       2023-11-15 00:13         Build
🔴 bbbbbbbbbb  FAILED       edcb193bae+  feature/x  2023-11-14 23:13   1:15  Lint, Unit, Docs and 1 more
🟢 aaaaaaaaaa  PASSED       edcb193bae   main       2023-11-14 22:13   1:15
""",
    )


def test_runs_takes_a_run_whose_lock_is_held_for_running(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa", "RUNNING")
    history.hold_lock("aaaaaaaaaa")
    shown = subprocess.run([JCI, "runs", "--json"], cwd=world.repository, env=world.environment, capture_output=True, check=True)
    assert json.loads(shown.stdout)["status"] == "RUNNING"


def test_runs_shows_other_repositories_only_with_all(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa")
    history.run("bbbbbbbbbb", minute=1, repo_root="/other")
    table = """\
   RUN         STATUS  SHA         BRANCH  STARTED            TOOK  {}FAILED JOBS
"""
    world.jci("runs", stdout=table.format("") + "🟢 aaaaaaaaaa  PASSED  edcb193bae  main    2023-11-14 22:13   1:15\n")
    width = len(str(world.repository)) + 2
    world.jci(
        "runs", "--all", where=".",
        stdout=table.format("REPOSITORY".ljust(width))
        + "🟢 bbbbbbbbbb  PASSED  edcb193bae  main    2023-11-14 22:14   1:15  /other\n"
        + f"🟢 aaaaaaaaaa  PASSED  edcb193bae  main    2023-11-14 22:13   1:15  {world.repository}\n",
    )


def test_runs_shows_as_many_as_asked(world: World) -> None:
    history = world.history()
    for minute in range(30):
        history.run(f"run{minute:07}", minute=minute)
    for arguments, count in (["runs"], 20), (["runs", "-n", "3"], 3):
        shown = subprocess.run([JCI, *arguments], cwd=world.repository, env=world.environment, capture_output=True, check=True)
        assert len(shown.stdout.splitlines()) == count + 1


def test_runs_speaks_json(world: World) -> None:
    history = world.history()
    history.run(ABC, "FAILED")
    history.job(ABC, "Build", "FAILED", b"oh", report="Cov: 65%", image_digest="sha256:4abcf2")
    shown = subprocess.run([JCI, "runs", "--json"], cwd=world.repository, env=world.environment, capture_output=True, check=True)
    assert json.loads(shown.stdout) == {
        "v": 1, "run": ABC, "status": "FAILED", "sha": SHA, "branch": "main", "remote": "https://example.org/x.git",
        "subject": "Add a thing", "executor": "shell", "repo_root": str(world.repository), "config": "cicd/cicd.py", "dirty": False,
        "started_at": "2023-11-14T22:13:20.000Z", "ended_at": "2023-11-14T22:14:35.000Z",
        "jobs": [{
            "job": "Build", "stage": "Pipeline", "is_service": False, "status": "FAILED", "outcome": "exit code 1", "run_id": "4711",
            "started_at": "2023-11-14T22:13:20.000Z", "took_ms": 1500, "report": "Cov: 65%", "image_digest": "sha256:4abcf2",
            "log": str(history.directory(ABC) / "Build.log"),
        }],
    }


def test_runs_says_that_there_are_none(world: World) -> None:
    world.jci("runs", stderr="no runs yet; `jci run` makes one\n")
    assert not (world.scratch / "state").exists()


def test_runs_outside_of_a_repository_says_what_to_do(world: World) -> None:
    world.jci(
        "runs", where=".", code=2,
        stderr=f"jci: error: `{world.scratch}` lies in no git repository; `--all` shows the runs of all repositories\n",
    )


def test_runs_leaves_a_newer_history_alone(world: World) -> None:
    history = world.history()
    history.database.execute("PRAGMA user_version = 99")
    world.jci(
        "runs", code=1,
        stderr=f"jci: error: history `{history.state}/history.db` has version 99, this `jci` knows version {len(SCHEMA)} at most: "
        "use the newer `jci`, or set XDG_STATE_HOME to another directory\n",
    )


def test_logs_shows_the_newest_run_that_has_the_job(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa")
    history.job("aaaaaaaaaa", "Unit-test", log=b"old\n")
    history.run("bbbbbbbbbb", minute=1)
    history.job("bbbbbbbbbb", "Unit-test", log=b"new\n")
    history.run("cccccccccc", minute=2)
    world.jci("logs", "Unit test", stdout="new\n")
    world.jci("logs", "aaa", "Unit test", stdout="old\n")


def test_logs_finds_a_run_by_its_commit(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa", sha="1" * 40)
    history.job("aaaaaaaaaa", "Test", log=b"first\n")
    history.run("bbbbbbbbbb", sha="1" * 40, minute=1)
    history.job("bbbbbbbbbb", "Test", log=b"second\n")
    world.jci("logs", "111", "Test", stdout="second\n")


def test_logs_asks_which_run_is_meant(world: World) -> None:
    history = world.history()
    history.run("aa00000000")
    history.run("ab00000000", minute=1)
    world.jci("logs", "a", "Test", code=2, stderr="jci: error: `a` may be any of the runs ab00000000, aa00000000; say more of it\n")


def test_logs_tells_the_streams_apart_and_counts_lines(world: World) -> None:
    history = world.history()
    history.run(ABC)
    history.job(ABC, "Test", log=b"out1\nerr1\nout2\n", streams="5 err\n10 out\n")
    world.jci("logs", "Test", "--stdout", stdout="out1\nout2\n")
    world.jci("logs", "Test", "--stderr", stdout="err1\n")
    world.jci("logs", "Test", "-n", "2", stdout="err1\nout2\n")
    world.jci("logs", "Test", "-n", "1", "--stdout", stdout="out2\n")


def test_logs_is_harmless_in_a_terminal_and_raw_elsewhere(world: World) -> None:
    history = world.history()
    history.run(ABC)
    history.job(ABC, "Test", log=b"\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \xff\n")
    assert world.jci_in_terminal("logs", "Test") == "red �\r\n".encode()
    assert world.jci_in_terminal("logs", "Test", "--raw") == b"\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \xff\r\n"
    shown = subprocess.run([JCI, "logs", "Test"], cwd=world.repository, env=world.environment, capture_output=True, check=True)
    assert shown.stdout == b"\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m \xff\n"


def test_logs_without_a_job_lists_those_that_have_logs(world: World) -> None:
    history = world.history()
    history.run(ABC, "FAILED")
    history.job(ABC, "Build", log=b"x")
    history.job(ABC, "Test", "FAILED", log=b"oh no")
    history.job(ABC, "Silent")
    listed = f"🔴 {ABC} FAILED of edcb193bae\n🟢 Build            PASSED     1 byte\n🔴 Test             FAILED     5 bytes\n"
    world.jci("logs", stdout=listed)
    world.jci("logs", "abc", stdout=listed)


def test_logs_suggests_the_job_that_may_be_meant(world: World) -> None:
    history = world.history()
    history.run(ABC)
    history.job(ABC, "Build")
    world.jci("logs", "biuld", code=2, stderr="jci: error: no job and no run `biuld`; did you mean `Build`?\n")
    world.jci("logs", "abc", "biuld", code=2, stderr=f"jci: error: run `{ABC}` has no job `biuld`; did you mean `Build`?\n")
    world.jci("logs", "xyz", "Build", code=2, stderr="jci: error: no run `xyz`; `jci runs` lists them\n")


def test_logs_says_why_a_job_has_none(world: World) -> None:
    history = world.history()
    history.run(ABC)
    history.job(ABC, "Build", "FAILED")
    world.jci("logs", "Build", stderr=f"job `Build` of run `{ABC}` has printed nothing (FAILED: exit code 1)\n")


def test_logs_outside_of_a_repository_says_what_to_do(world: World) -> None:
    world.history()
    world.jci(
        "logs", where=".", code=2, stderr=f"jci: error: `{world.scratch}` lies in no git repository; `jci logs RUN JOB` works anywhere\n"
    )


def follow(world: World) -> subprocess.Popen[bytes]:
    return subprocess.Popen([JCI, "logs", "-f", "Test"], cwd=world.repository, env=world.environment, stdout=subprocess.PIPE)


def test_logs_follows_a_job_to_its_end(world: World) -> None:
    history = world.history()
    history.run(ABC, "RUNNING")
    history.hold_lock(ABC)
    history.job(ABC, "Test", "RUNNING")
    with follow(world) as jci:
        assert jci.stdout is not None
        with (history.directory(ABC) / "Test.log").open("wb", buffering=0) as log:
            for line in b"first\n", b"second\n":
                log.write(line)
                assert jci.stdout.readline() == line
            log.write(b"the rest")
        history.database.execute("UPDATE jobs SET status = 'PASSED', outcome = 'exited', code = 0")
        assert jci.stdout.read() == b"the rest"
    assert jci.returncode == 0


def test_logs_stops_following_when_the_run_dies(world: World) -> None:
    history = world.history()
    history.run(ABC, "RUNNING")
    history.hold_lock(ABC)
    history.job(ABC, "Test", "RUNNING", log=b"first\n")
    with follow(world) as jci:
        assert jci.stdout is not None
        assert jci.stdout.readline() == b"first\n"
        history.locks.pop().close()
        assert jci.stdout.read() == b""
    assert jci.returncode == 0
