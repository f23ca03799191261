# SPDX-License-Identifier: MIT
"""`jci run` and `jci plan`: what is built, what is printed where, how it ends."""

from __future__ import annotations

import re
import shutil
import sys
from typing import Any

import pytest
from project import JCI, ROOT, Finished, Project, make_project, until

__all__ = ["make_project"]

PASSES = 'p.job("Build", "echo built >Build.txt")\np.job("Test", "true", depends_on=["Build"])\n'
FAILS = 'p.job("Build", "echo one; echo two >&2; exit 3")\np.job("Test", "true", depends_on=["Build"])\n'


def settled(text: str) -> str:
    """Without what differs from run to run: commit, process ids, times, the run's own id."""
    text = re.sub(r"sha [0-9a-f]{10}", "sha SHA", text)
    text = re.sub(r"\[\d{1,8} *\] +\d+: ?\d+", "[PID] TIME", text)
    text = re.sub(r"\bin \d+(\.\d+)? m?s\b", "in TIME", text)
    text = re.sub(r"\[\d{1,8}\]", "[PID]", text)
    text = re.sub(r" \d+: ?\d{1,2}\b", " TIME", text)
    return re.sub(r"\b[0-9a-z]{10}(?=: | Build)", "RUN", text)


# ---- what comes out where


def test_a_passing_run_prints_the_report_on_stdout_and_progress_on_stderr(project: Project) -> None:
    sha = project.config(PASSES)
    run = project.run()
    assert (settled(run.out), run.code) == (
        """\
╔ 🟢 : JayporeCI       [sha SHA]
┏━ Pipeline
┃
┃ 🟢 : Build           [PID] TIME [built     ]
┃ 🟢 : Test            [PID] TIME ❮-- ['Build']
┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
""",
        0,
    )
    assert f"[sha {sha[:10]}]" in run.out
    assert settled(run.lines) == (
        f"run       RUN: 2 jobs of {sha[:10]} (main), executor shell\n"
        "started   Build [PID]\n"
        "passed    Build TIME\n"
        "started   Test [PID]\n"
        "passed    Test TIME\n"
        "finished  passed in TIME: 2 passed\n"
    )


def test_a_failed_job_shows_the_end_of_its_log_behind_the_report(project: Project) -> None:
    project.config(FAILS)
    run = project.run()
    assert (settled(run.out.removeprefix(run.report)), run.code) == (
        "── Build: exit code 3 ──\none\ntwo\n(the whole log: jci logs RUN Build)\n",
        1,
    )
    hint = run.out.splitlines()[-1].removeprefix("(the whole log: jci ").removesuffix(")")
    assert project.jci(*hint.split()).out == "one\ntwo\n"


def test_the_report_is_stored_in_git(project: Project) -> None:
    sha = project.config(PASSES)
    run = project.run()
    files = project.git("ls-tree", "-r", "--name-only", f"refs/jayporeci/{sha}").splitlines()
    assert run.report.strip() in [project.git("show", f"refs/jayporeci/{sha}:{file}") for file in files]


def test_the_config_by_hand_says_the_same(project: Project) -> None:
    for config, code in (PASSES, 0), (FAILS, 1):
        project.config(config, arguments="executor=executors.Shell()")
        by_jci = project.run()
        by_hand = project.finish(project.start([sys.executable, "cicd/cicd.py"]))
        assert (settled(by_hand.out), settled(by_hand.lines), by_hand.code) == (settled(by_jci.out), settled(by_jci.lines), code)


# ---- what is built


def test_a_commit_is_built_and_a_line_tells_of_other_changes(project: Project) -> None:
    project.write("file", "committed")
    sha = project.config('p.job("Cat", "cat file")')
    assert "differs" not in project.run().err
    project.write("file", "changed")
    run = project.run()
    assert run.err.splitlines()[0] == f"jci: building commit {sha[:10]}; the working tree differs (--dirty builds it)"
    assert project.jci("logs", "Cat").out == "committed"


def test_dirty_builds_what_lies_there_but_not_what_is_ignored(project: Project) -> None:
    project.write(".gitignore", "ignored\n")
    project.write("file", "committed")
    project.config('p.job("Ls", "cat file; ls")')
    project.write("file", "changed ")
    project.write("untracked", "")
    project.write("ignored", "")
    run = project.run("--dirty")
    assert "differs" not in run.err
    assert "with uncommitted changes" in run.err
    assert project.jci("logs", "Ls").out == "changed cicd\nfile\nuntracked\n"


def test_any_commit_can_be_built_from_anywhere_in_the_repository(project: Project) -> None:
    project.write("deep/file", "old")
    old = project.config('p.job("Cat", "cat deep/file")')
    project.write("deep/file", "new")
    project.commit()
    for revision in (old, "HEAD~1"):
        run = project.jci("run", "--executor", "shell", "--commit", revision, where="deep")
        assert (f"[sha {old[:10]}]" in run.out, run.code) == (True, 0)
        assert project.jci("logs", "Cat").out == "old"


def test_another_config_may_be_named_from_anywhere_in_the_repository(project: Project) -> None:
    project.config('p.job("Usual", "true")')
    project.write("ci/nightly.py", (project.path / "cicd/cicd.py").read_text().replace("Usual", "Nightly"))
    project.commit()
    assert "Nightly" in project.run("--config", "ci/nightly.py").out
    for name in "nightly.py", "ci/nightly.py":
        assert "Nightly" in project.jci("run", "--executor", "shell", "--config", name, where="ci").out


def test_jobs_limits_how_many_run_at_once(project: Project) -> None:
    # Either job alone sees nobody else; two at once would meet.
    alone = "mkdir room || exit 1; rmdir room"
    project.config(f'for i in range(20):\n    p.job(f"J{{i}}", "{alone}")\n')
    assert project.run("--jobs", "1").code == 0
    meet = "touch $0; until [ -e A ] && [ -e B ]; do :; done"
    project.config(f'for name in "AB":\n    p.job(name, ["sh", "-c", "{meet}", name], timeout=30)\n')
    assert project.run("--jobs", "2").code == 0


def test_variables_for_jobs_come_by_their_prefix(project: Project) -> None:
    project.config('p.job("Env", "echo $BROWSER [$PYTHON]")')
    project.run(JAYPORE_BROWSER="firefox")
    assert project.jci("logs", "Env").out == "firefox []\n"


# ---- plan


def test_plan_shows_what_would_run_and_runs_nothing(project: Project) -> None:
    project.config(f'p.job("Touch", "touch {project.scratch}/ran", image="alpine")\np.job("Next", "true", depends_on=["Touch"])')
    plan = project.jci("plan")
    assert (plan.code, plan.err) == (0, "")
    for word in ("Pipeline", "Touch", "Next", "alpine"):
        assert word in plan.out
    assert not (project.scratch / "ran").exists()
    assert project.jci("runs").err == "no runs yet; `jci run` makes one\n"


def test_plan_speaks_json(project: Project) -> None:
    project.config('p.job("A", ["x", "y"], env={"SECRET": "s"}, timeout=1.5)\np.job("B", None, is_service=True, depends_on="A")')
    common = {"image": "arjoonn/jci", "depends_on": []}
    assert project.jci("plan", "--json").events == [
        {
            "v": 1,
            "executor": "docker",
            "stages": [
                {
                    "name": "Pipeline",
                    "jobs": [
                        common | {"name": "A", "command": ["x", "y"], "is_service": False, "timeout_ms": 1500, "env": ["SECRET"]},
                        common | {"name": "B", "command": None, "is_service": True, "timeout_ms": 900000, "env": [], "depends_on": ["A"]},
                    ],
                }
            ],
        }
    ]


# ---- usage


def test_the_version_is_one_line_and_needs_nothing_else_of_the_installation(project: Project) -> None:
    alone = project.scratch / "alone"
    shutil.copy(JCI, alone)
    version = project.finish(project.start([str(alone), "--version"]))
    assert (version.code, version.err, re.fullmatch(r"jci \d+\.\d+\.\d+\n", version.out) is not None) == (0, "", True)
    assert project.jci("--version").out == version.out


def test_half_an_installation_says_what_is_missing(project: Project) -> None:
    alone = project.scratch / "alone"
    shutil.copy(JCI, alone)
    runs = project.finish(project.start([str(alone), "runs"]))
    assert (runs.code, "libjci_cli.so" in runs.err, "install it again" in runs.err) == (1, True, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--executor", "dokcer"], "--executor"),
        (["--jobs", "0"], "--jobs"),
        (["--jobs", "many"], "--jobs"),
        (["--dirty", "--commit", "HEAD"], "--dirty"),
        (["--bogus"], "--bogus"),
        (["--commit", "nowhere"], "nowhere"),
        (["--config", "absent.py"], "no `absent.py` in commit"),
        (["--config", "../outside.py"], "`../outside.py` lies outside of the repository"),
        (["--config", "/etc/passwd"], "`/etc/passwd` lies outside of the repository"),
    ],
)
def test_wrong_usage_is_exit_code_2(project: Project, arguments: list[str], says: str) -> None:
    project.config(PASSES)
    run = project.run(*arguments)
    assert (run.code, run.out) == (2, "")
    assert says in run.err


# ---- JSON events

TABLE = re.compile(r"^\| (`[^|]*`) \| ([^|]*) \|", re.MULTILINE)
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int,), "bool": (bool,), "list": (list,), "object": (dict,), "null": (type(None),),
}  # fmt: skip


def documented() -> dict[str, dict[str, tuple[type, ...]]]:
    """Event -> field -> its types, from docs/events.md."""
    events = {}
    for section in re.split(r"^## ", (ROOT / "docs/events.md").read_text(), flags=re.MULTILINE)[1:]:
        name = re.match(r"`(\w+)`\n", section)
        if name is None:
            continue
        fields: dict[str, tuple[type, ...]] = {"v": (int,), "event": (str,)}
        for names, kinds in TABLE.findall(section):
            types = tuple(kind for word in kinds.strip().split(" or ") for kind in TYPES[word])
            fields |= {field.strip(" `"): types for field in names.split(",")}
        events[name[1]] = fields
    return events


def check_documented(event: dict[str, Any]) -> None:
    fields = documented()[event["event"]]
    assert event.keys() == fields.keys(), event
    for field, value in event.items():
        assert type(value) in fields[field], (field, event)
    if "at" in event:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["at"])


def test_every_json_line_is_as_documented(project: Project) -> None:
    project.config(
        'p.job("Db", "exec tail -f /dev/null", is_service=True)\n'
        'p.job("Good", "echo out; echo err >&2; echo word >Good.txt", depends_on=["Db"])\n'
        'p.job("Bad", "exit 3")\n'
        'p.job("Missing", ["no-such-program"])\n'
        'p.job("Killed", "kill -9 $$")\n'
        'p.job("Slow", "exec tail -f /dev/null", timeout=0.1)\n'
        'p.job("After", "true", depends_on=["Bad"])\n'
    )
    run = project.run("--json")
    for event in run.events:
        check_documented(event)
    assert {event["event"] for event in run.events} == documented().keys() - {"warning", "job_waits"}
    assert [event["event"] for event in run.events[-2:]] == ["report", "run_finished"]
    ended = {event["job"]: event for event in run.events if event["event"] == "job_finished"}
    assert {job: (event["status"], event["outcome"] and event["outcome"]["kind"]) for job, event in ended.items()} == {
        "Db": ("PASSED", "cancelled"),
        "Good": ("PASSED", "exited"),
        "Bad": ("FAILED", "exited"),
        "Missing": ("FAILED", "could_not_start"),
        "Killed": ("FAILED", "signaled"),
        "Slow": ("TIMEOUT", "timed_out"),
        "After": ("SKIPPED", None),
    }
    assert (run.events[-1]["exit_code"], run.events[-1]["jobs"]) == (
        run.code, {"PASSED": 2, "FAILED": 3, "TIMEOUT": 1, "CANCELLED": 0, "SKIPPED": 1},
    )  # fmt: skip
    assert (run.code, run.err) == (1, "")


def output_of(run: Finished, job: str, stream: str) -> str:
    return "".join(e["text"] for e in run.events if e["event"] == "job_output" and (e["job"], e["stream"]) == (job, stream))


def test_json_carries_all_that_jobs_print(project: Project) -> None:
    project.config('p.job("Big", "seq 100000; echo done >&2")')
    run = project.run("--json")
    assert output_of(run, "Big", "stdout") == "".join(f"{n}\n" for n in range(1, 100001))
    assert output_of(run, "Big", "stderr") == "done\n"


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_run_goes_on_when_its_reader_goes_away(project: Project, arguments: list[str]) -> None:
    project.config('p.job("Waits", "until [ -e $SCRATCH/go ]; do :; done; echo late; touch $SCRATCH/done", timeout=30)')
    with project.running(*arguments) as process:
        assert process.stdout is not None and process.stderr is not None
        (process.stdout if arguments else process.stderr).readline()
        process.stdout.close()
        (project.scratch / "go").touch()
        assert process.wait() == 0
    assert (project.scratch / "done").exists()
    assert project.statuses() == {"Waits": "PASSED"}


def test_two_runs_at_once_do_not_share_a_workspace(project: Project) -> None:
    project.config(
        'p.job("Where", "pwd >$SCRATCH/new && mv $SCRATCH/new $SCRATCH/$WHO;'
        ' [ $WHO = second ] || until [ -e $SCRATCH/second ]; do :; done", timeout=30)'
    )
    with project.running(JAYPORE_WHO="first") as first:
        until((project.scratch / "first").exists)
        assert project.run(JAYPORE_WHO="second").code == 0
        assert first.wait() == 0
    assert (project.scratch / "first").read_text() != (project.scratch / "second").read_text()


def test_a_commit_message_of_any_length_and_encoding_reaches_the_config(project: Project) -> None:
    long = "Long\n\n" + "all work and no play\n" * 10_000
    project.config('import sys\nprint(len(p.repo.commit_message), p.repo.branch, file=sys.stderr)\np.job("T", "true")\n')
    for message in ("Short: \u00e4", long):
        (project.scratch / "message").write_text(message)
        project.git("commit", "-q", "--amend", "-F", str(project.scratch / "message"))
        assert f"{len(message.rstrip()) + 1} main\n" in project.run().err


def test_a_commit_message_in_another_encoding_does_not_stop_a_run(project: Project) -> None:
    project.config(PASSES)
    (project.scratch / "message").write_bytes(b"Stra\xdfe\n")
    project.git("-c", "i18n.commitEncoding=latin1", "commit", "-q", "--amend", "-F", str(project.scratch / "message"))
    assert project.run().code == 0
