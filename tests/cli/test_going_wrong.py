# SPDX-License-Identifier: MIT
"""What a user sees when something goes wrong: the message, the exit code, and that nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socketserver
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from history_of_runs import SCHEMA
from project import JCI, Finished, Project, make_project, until

__all__ = ["make_project"]

WAITS = "touch $SCRATCH/runs; exec tail -f /dev/null"
GOOD = 'p.job("Good", "true")\n'


def reason(run: Finished, job: str) -> str:
    """What the line of progress says of the job that failed."""
    found = re.search(rf"^failed +{job}(?: +\d+: ?\d+|:) (.*)$", run.lines, re.MULTILINE)
    assert found, run.err
    return found[1]


def tail(run: Finished, job: str) -> str:
    """What stands below the report about the job."""
    found = re.search(rf"^── {job}: .* ──\n((?:(?!──|\(the whole).*\n)*)", run.out, re.MULTILINE)
    assert found, run.out
    return found[1]


# ---- jobs


def test_nothing_runs_where_no_engine_answers(project: Project) -> None:
    project.config('p.job("Touch", "touch $SCRATCH/touched")\np.job("After", "true", depends_on=["Touch"])')
    run = project.jci("run", DOCKER_HOST="unix:///no/engine.sock")
    assert (run.code, "executor docker" in run.err) == (1, True)
    assert run.err.splitlines()[-1] == (
        "jci: error: no Docker engine at `unix:///no/engine.sock` (`DOCKER_HOST`): there is no such socket; start the engine, "
        "or run jobs as processes of this machine: `--executor shell`"
    )
    assert project.statuses() == {"Touch": "SKIPPED", "After": "SKIPPED"}
    assert json.loads(project.jci("runs", "--json").out)["status"] == "FAILED"
    assert not (project.scratch / "touched").exists()


class Ping(BaseHTTPRequestHandler):
    """What an engine of version 1.30 of the API, or none at all, answers to whatever it is asked."""

    protocol_version = "HTTP/1.1"
    version: str | None = "1.30"

    def do_GET(self) -> None:
        self.send_response(200)
        if self.version is not None:
            self.send_header("Api-Version", self.version)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *arguments: object) -> None:
        pass

    def address_string(self) -> str:
        return ""


class NoEngine(Ping):
    version = None


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            Ping,
            "the engine at `{0}` is too old: it speaks version 1.30 of the Engine API, and at least 1.41 is needed; use Docker 20.10 or newer, "
            "or run jobs as processes of this machine: `--executor shell`",
        ),
        (
            NoEngine,
            "the Docker engine at `{0}` (`DOCKER_HOST`) does not answer: what answers is no Docker engine: it names no version of its API; "
            "start it, correct the address, or run jobs as processes of this machine: `--executor shell`",
        ),
    ],
)
def test_nothing_runs_on_an_engine_that_will_not_do(project: Project, answers: type[Ping], told: str) -> None:
    project.config(GOOD)
    path = project.scratch / "engine.sock"
    with socketserver.UnixStreamServer(str(path), answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        run = project.jci("run", DOCKER_HOST=f"unix://{path}")
        server.shutdown()
    assert run.err.splitlines()[-1] == "jci: error: " + told.format(f"unix://{path}")
    assert (run.code, project.statuses()) == (1, {"Good": "SKIPPED"})


def test_a_command_that_the_shell_does_not_find(project: Project) -> None:
    project.config('p.job("Lint", "no-such-linter .")')
    run = project.run()
    assert (reason(run, "Lint"), tail(run, "Lint"), run.code) == (
        "exit code 127", "/bin/sh: 1: no-such-linter: not found\n", 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("no-such-linter", "command `no-such-linter` not found in its PATH: install it, or give its path"),
        ("./gone", "command `./gone` not found: it does not exist, or the interpreter its first line names does not"),
        ("cicd/cicd.py", "command `cicd/cicd.py` may not be executed: is it a program? try `chmod +x`"),
    ],
)
def test_a_program_that_cannot_be_started(project: Project, program: str, why: str) -> None:
    project.config(f'p.job("Lint", ["{program}", "."])\n' + GOOD)
    run = project.run()
    assert (reason(run, "Lint"), project.statuses(), run.code) == (
        f"could not start: {why}", {"Lint": "FAILED", "Good": "PASSED"}, 1,
    )  # fmt: skip


def test_a_job_killed_by_a_signal(project: Project) -> None:
    project.config('p.job("Crash", "kill -SEGV $$")')
    run = project.run()
    assert (reason(run, "Crash"), tail(run, "Crash"), run.code) == (
        "killed by signal 11 (SIGSEGV)", "(it printed nothing)\n", 1,
    )  # fmt: skip


def test_a_job_that_takes_too_long_is_stopped_with_all_it_started(project: Project) -> None:
    project.config('p.job("Slow", "echo begun; setsid tail -f /dev/null & exec tail -f /dev/null", timeout=1)')
    run = project.run(JAYPORE_MARK=f"mark-{project.scratch}")
    assert re.search(r"^timed out Slow +\d+: ?\d+$", run.lines, re.MULTILINE)
    assert (tail(run, "Slow"), project.statuses(), run.code) == ("begun\n", {"Slow": "TIMEOUT"}, 1)
    assert project.processes_marked(f"MARK=mark-{project.scratch}") == []


def test_a_service_that_dies_fails_the_run_and_shows_its_log(project: Project) -> None:
    wait = "until [ -e pid ]; do :; done; while kill -0 $(cat pid) 2>/dev/null; do :; done"
    project.config(
        'p.job("Db", "echo no disk; echo $$ >new && mv new pid; exit 3", is_service=True)\n'
        f'p.job("Test", "{wait}", depends_on=["Db"], timeout=30)'
    )
    run = project.run()
    assert (reason(run, "Db"), tail(run, "Db"), run.code) == ("exit code 3", "no disk\n", 1)


# ---- what jobs print


def test_output_that_is_no_text_is_kept_as_it_is_and_shown_harmless(project: Project) -> None:
    text = r"printf '\377\033[31mred\033[0m \033]0;title\007end\n'; exit 1"
    project.config(f'p.job("Raw", r"{text}")')
    run = project.run()
    assert tail(run, "Raw") == "\ufffdred end\n"
    raw = subprocess.run([JCI, "logs", "Raw"], cwd=project.path, env=project.environment, capture_output=True, check=True)
    assert raw.stdout == b"\xff\x1b[31mred\x1b[0m \x1b]0;title\x07end\n"
    shown = project.run("--json")
    assert "".join(e["text"] for e in shown.events if e["event"] == "job_output") == "\ufffd\x1b[31mred\x1b[0m \x1b]0;title\x07end\n"


def test_100_megabytes_without_a_newline(project: Project) -> None:
    project.config('p.job("Big", "head -c 100000000 /dev/zero | tr \'\\\\0\' x; exit 1")')
    run = project.run()
    assert run.code == 1
    assert re.fullmatch(r"…?x{10,500}…?\n", tail(run, "Big"))
    logs = list((project.scratch / "state/jaypore/runs").glob("*/Big.log"))
    assert [log.stat().st_size for log in logs] == [100_000_000]


# ---- no pipeline


def test_not_a_git_repository(project: Project) -> None:
    run = project.run()
    assert (run.out, run.err, run.code) == (
        "",
        f"jci: error: `{project.path}` is not in a git repository: run `git init` there, or change to a directory of your repository\n",
        2,
    )


def test_no_commit_yet(project: Project) -> None:
    project.git("init", "-q")
    run = project.run()
    assert (run.out, run.err, run.code) == (
        "", f"jci: error: `{project.path}` has no commit yet: run `git commit` first, a commit is what is built\n", 2,
    )  # fmt: skip


def test_no_config_anywhere(project: Project) -> None:
    sha = project.commit()
    run = project.run()
    assert (run.err, run.code) == (
        f"jci: error: neither `cicd/cicd.py` nor `cicd/cicd.cpp` in commit {sha[:10]}; one of them has to declare the pipeline\n", 2,
    )  # fmt: skip


def test_a_config_that_is_not_committed(project: Project) -> None:
    sha = project.commit()
    project.write("cicd/cicd.py", f"from jaypore_ci import jci\nwith jci.Pipeline() as p:\n    {GOOD}")
    run = project.run()
    assert run.err.splitlines()[-1:] + [str(run.code)] == [
        f"jci: error: no `cicd/cicd.py` in commit {sha[:10]}; commit it, or build the working tree with --dirty", "2",
    ]  # fmt: skip
    assert project.run("--dirty").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "no command is given; `jci --help` lists them"),
        (["rnu"], "no command is called `rnu`; did you mean `run`?"),
        (["--bogus"], "`--bogus` is no option of `jci` itself; see `jci --help`"),
        (["run", "--executor", "dokcer"], "--executor: dokcer not in {docker,mock,shell}; see `jci run --help`"),
    ],
)
def test_a_wrong_command_line(project: Project, arguments: list[str], says: str) -> None:
    run = project.jci(*arguments)
    assert (run.out, run.err, run.code) == ("", f"jci: error: {says}\n", 2)


# ---- the config itself


def test_a_config_with_a_syntax_error_is_told_in_pythons_words(project: Project) -> None:
    project.write("cicd/cicd.py", "from jaypore_ci import jci\nwith jci.Pipeline( as p:\n    pass\n")
    project.commit()
    run = project.run()
    assert (run.out, run.err, run.code) == (
        "",
        '  File "cicd/cicd.py", line 2\n'
        "    with jci.Pipeline( as p:\n"
        "                       ^^\n"
        "SyntaxError: invalid syntax\n",
        2,
    )  # fmt: skip


def test_a_config_that_hangs_before_with(project: Project) -> None:
    project.write("cicd/cicd.py", "import time\ntime.sleep(1000)\n")
    project.commit()
    run = project.run(JCI_CONFIG_TIMEOUT="0.2")
    assert (run.out, run.code) == ("", 2)
    assert run.err.startswith("jci: error: `cicd/cicd.py` has not left its `with` after 0.2 s; it is here:\n")
    assert 'File "cicd/cicd.py", line 2, in <module>\n    time.sleep(1000)\n' in run.err
    assert run.err.endswith("hint: JCI_CONFIG_TIMEOUT=SECONDS gives it more time\n")


def test_an_exception_inside_with_runs_nothing(project: Project) -> None:
    project.config('p.job("Touch", "touch $SCRATCH/ran")\n1 / 0')
    run = project.run()
    assert (run.out, run.code) == ("", 2)
    assert run.err == (
        'Traceback (most recent call last):\n  File "cicd/cicd.py", line 4, in <module>\n    1 / 0\n    ~~^~~\n'
        "ZeroDivisionError: division by zero\n"
    )
    assert not (project.scratch / "ran").exists()
    assert project.jci("runs").err == "no runs yet; `jci run` makes one\n"


def test_a_fork_in_the_config_runs_the_pipeline_once(project: Project) -> None:
    project.config('import os\nchild = os.fork()\np.job("Touch", "echo ran >>$SCRATCH/ran")')
    run = project.run()
    assert run.code == 0
    assert (project.scratch / "ran").read_text() == "ran\n"
    assert run.err.count("is a child of the one that runs this config, so it does not run the pipeline") == 1


def test_two_names_that_are_equal_once_cleaned(project: Project) -> None:
    project.config('p.job("Unit test", "true")\np.job("Unit/test", "true")')
    run = project.run()
    assert (run.out, run.code) == ("", 2)
    assert run.err.splitlines()[-1] == (
        "jaypore_ci.interfaces.BadConfig: job `Unit/test`: the name is taken by job `Unit test` (both are used as `Unit-test`); "
        "jobs and stages need names of their own"
    )


def test_names_with_shell_and_path_characters_harm_nothing(project: Project) -> None:
    names = ["../../../escape", "$(touch $SCRATCH/pwned)", "; touch $SCRATCH/pwned", "-rf", "a\nb", "*"]
    project.config(f'for name in {names!r}:\n    p.job(name, "echo log; exit 1")')
    run = project.run()
    clean = [re.sub("[^A-Za-z0-9]", "-", name) for name in names]
    assert project.statuses() == dict.fromkeys(clean, "FAILED")
    assert run.code == 1
    assert not (project.scratch / "pwned").exists()
    logs = (project.scratch / "state/jaypore/runs").glob("*/*.log")
    assert sorted(log.name for log in logs) == sorted(f"{name}.log" for name in clean)
    assert project.jci("logs", "--", "-rf").out == "log\n"


def test_10000_jobs(project: Project) -> None:
    project.config('for i in range(10_000):\n    p.job(f"J{i}", "true", depends_on=[f"J{i - 1}"] if i % 10 else [])')
    run = project.run("--executor", "mock")
    assert run.code == 0
    assert run.err.splitlines()[-1].endswith(": 10000 passed")
    assert len(project.statuses()) == 10_000


@pytest.mark.parametrize(("python", "says"), [
    ("/no/python", "JAYPORE_PYTHON names `/no/python`, which is no program; unset it or name a Python 3."),
    ("no-python", "JAYPORE_PYTHON names `no-python`, which is no program; unset it or name a Python 3."),
    ("/bin/true", "JAYPORE_PYTHON names `/bin/true`, which is no Python 3."),
])  # fmt: skip
def test_an_interpreter_that_is_not_there(project: Project, python: str, says: str) -> None:
    project.config(GOOD)
    run = project.run(JAYPORE_PYTHON=python)
    assert (run.err.startswith(f"jci: error: {says}"), run.code) == (True, 2)


# ---- places that cannot be written


@pytest.fixture(name="file")
def make_file(project: Project) -> Path:
    """Stands where a directory should: not even root can write into it."""
    path = project.scratch / "file"
    path.write_text("")
    return path


def test_a_state_directory_that_cannot_be_written_costs_only_the_history(project: Project, file: Path) -> None:
    project.config(GOOD)
    run = project.run(XDG_STATE_HOME=str(file))
    assert ("🟢 : Good" in run.report, run.code) == (True, 0)
    assert run.err.splitlines()[-1] == (
        f"jci: warning: this run is not kept in the history: cannot write to `{file}/jaypore`: Not a directory. "
        "Make it writable, or set XDG_STATE_HOME to a directory that is"
    )


def test_a_cache_directory_that_cannot_be_written(project: Project, file: Path) -> None:
    project.config(GOOD)
    run = project.run(XDG_CACHE_HOME=str(file))
    assert (run.out, run.err, run.code) == (
        "",
        f"jci: error: cannot write to `{file}/jaypore`: Not a directory. Make it writable, or set XDG_CACHE_HOME to a directory that is\n",
        1,
    )


def test_a_place_for_workspaces_that_cannot_be_written(project: Project) -> None:
    project.config(GOOD)
    workspaces = project.scratch / "cache/jaypore/workspaces"
    workspaces.parent.mkdir(parents=True)
    workspaces.write_text("")
    run = project.run()
    assert (run.out, run.code) == ("", 1)
    assert run.err.startswith(f"jci: error: cannot create the directory `{workspaces}")
    assert run.err.endswith("Set XDG_CACHE_HOME to a directory that can be written\n")


@pytest.fixture(name="small_disk")
def make_small_disk(project: Project) -> Iterator[Path]:
    place = project.scratch / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("a full disk takes a small one, and only root may mount it: " + mounted.stderr.decode(errors="replace").strip())
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_full_cuts_the_log_and_says_so(project: Project, small_disk: Path) -> None:
    project.config('p.job("Big", "head -c 3000000 /dev/zero")\n' + GOOD)
    run = project.run(XDG_STATE_HOME=str(small_disk))
    assert run.code == 0
    assert "🟢 : Big" in run.report
    assert re.search(r"^jci: warning: log of job `Big` is cut after \d+ bytes: .*: No space left on device", run.err, re.MULTILINE)


def test_a_disk_that_is_full_holds_no_workspace(project: Project, small_disk: Path) -> None:
    (project.path / "big").write_bytes(os.urandom(3_000_000))
    project.config(GOOD)
    run = project.run(XDG_CACHE_HOME=str(small_disk))
    assert (run.out, run.code) == ("", 1)
    assert run.err.startswith("jci: error: ")
    assert "No space left on device" in run.err and str(small_disk) in run.err


# ---- the history


def history_file(project: Project) -> Path:
    return project.scratch / "state/jaypore/history.db"


def test_a_locked_history_costs_only_the_history(project: Project) -> None:
    project.config(GOOD)
    assert project.run().code == 0
    other = sqlite3.connect(history_file(project), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    run = project.run()
    other.close()
    assert ("🟢 : Good" in run.report, run.code) == (True, 0)
    assert run.err.splitlines()[-1] == (
        f"jci: warning: the history of this run is incomplete: history `{history_file(project)}` is locked by another process"
    )


def test_a_history_of_a_newer_version_is_left_alone(project: Project) -> None:
    project.config(GOOD)
    assert project.run().code == 0
    with sqlite3.connect(history_file(project)) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    run = project.run()
    assert ("🟢 : Good" in run.report, run.code) == (True, 0)
    assert run.err.splitlines()[-1] == (
        f"jci: warning: this run is not kept in the history: history `{history_file(project)}` has version 99, this `jci` knows "
        f"version {len(SCHEMA)} at most: use the newer `jci`, or set XDG_STATE_HOME to another directory"
    )


def test_a_damaged_history_costs_only_the_history(project: Project) -> None:
    project.config(GOOD)
    history_file(project).parent.mkdir(parents=True)
    history_file(project).write_bytes(b"no database " * 1000)
    run = project.run()
    assert ("🟢 : Good" in run.report, run.code) == (True, 0)
    last = run.err.splitlines()[-1]
    assert last.startswith("jci: warning: this run is not kept in the history: ")
    assert str(history_file(project)) in last


# ---- stopping


MARKED = f"""p.job("Quick", "true")
p.job("Waits", "echo waiting; {WAITS}", depends_on=["Quick"])
p.job("Db", "trap : TERM; touch $SCRATCH/up; while :; do tail -f /dev/null & wait; done", is_service=True)
p.job("After", "true", depends_on=["Waits"])
"""


def marked(project: Project, **variables: str) -> dict[str, str]:
    return {"JAYPORE_MARK": f"mark-{project.scratch}", **variables}


def left_of(project: Project) -> list[int]:
    return project.processes_marked(f"MARK=mark-{project.scratch}")


def until_jobs_run(project: Project) -> None:
    until(lambda: (project.scratch / "runs").exists() and (project.scratch / "up").exists())


def test_ctrl_c_stops_the_jobs_and_prints_the_report(project: Project) -> None:
    project.config(MARKED.replace("trap : TERM; ", ""))
    with project.running(**marked(project)) as process:
        until_jobs_run(project)
        process.send_signal(signal.SIGINT)
        run = project.finish(process)
    assert run.code == 130
    assert project.statuses() == {"Quick": "PASSED", "Waits": "CANCELLED", "Db": "PASSED", "After": "SKIPPED"}
    for line in "🟢 : Quick", "🟣 : Waits", "🟢 : Db", "⚪ : After":
        assert line in run.report
    assert left_of(project) == []
    assert "Traceback" not in run.err


def test_ctrl_c_twice_kills_at_once_what_does_not_want_to_stop(project: Project) -> None:
    stubborn = "trap '' TERM INT; touch $SCRATCH/runs; while :; do sleep 1000; done"
    project.config(
        f'p.job("Waits", "{stubborn}")\np.job("After", "true", depends_on=["Waits"])\n'
        'p.job("Db", "touch $SCRATCH/up; setsid tail -f /dev/null", is_service=True)'
    )
    with project.running(**marked(project)) as process:
        until_jobs_run(project)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        # Two signals at once would be one.
        assert any("the run ended before its turn" in line for line in iter(process.stderr.readline, ""))
        process.send_signal(signal.SIGINT)
        run = project.finish(process)
    assert (run.code, project.statuses()["Waits"]) == (130, "CANCELLED")
    assert "Waits" in run.report
    assert left_of(project) == []


def test_a_killed_run_leaves_no_jobs_and_the_next_one_works(project: Project) -> None:
    project.config(MARKED)
    with project.running(**marked(project)) as process:
        until_jobs_run(project)
        until(lambda: "RUNNING" in project.jci("runs").out)
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: not left_of(project))
    rows = project.jci("runs").out.splitlines()
    assert [row.split()[2] for row in rows[1:]] == ["INTERRUPTED"]

    project.config(GOOD)
    assert project.run().code == 0
    rows = project.jci("runs").out.splitlines()
    assert [row.split()[2] for row in rows[1:]] == ["PASSED", "INTERRUPTED"]
    assert len(list((project.scratch / "cache/jaypore/workspaces").glob("*/*/lock"))) == 1
