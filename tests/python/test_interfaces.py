# SPDX-License-Identifier: MIT
"""Executors, reporters, remotes and repos written in Python."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from jaypore_ci import executors, interfaces, jci, remotes, reporters, repos
from jaypore_ci.interfaces import JobStatus

Status = jci.Status


class Scripted(interfaces.Executor):
    """Every job ends when it is asked for the second time; calls are written down."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.threads: set[threading.Thread] = set()
        self.asked: dict[str, int] = {}

    def note(self, call: str) -> None:
        self.calls.append(call)
        self.threads.add(threading.current_thread())

    def setup(self) -> None:
        self.note("setup")

    def run(self, job: jci.Job) -> str:
        self.note(f"run {job.name}")
        return f"id-of-{job.name}"

    def get_status(self, run_id: str) -> JobStatus:
        self.asked[run_id] = self.asked.get(run_id, 0) + 1
        if self.asked[run_id] == 1:
            return JobStatus(True, logs="first\n")
        start = datetime(2026, 1, 1)
        return JobStatus(False, 0, "first\nsecond\n", start, start + timedelta(seconds=90))

    def stop(self, run_id: str) -> None:
        self.note(f"stop {run_id}")

    def teardown(self) -> None:
        self.note("teardown")


class Quiet(interfaces.Remote):
    """Publishes nowhere."""

    def __init__(self) -> None:
        super().__init__(sha="s", branch="b")

    def publish(self, report: str, status: str) -> None:
        pass


def finish(executor: Any, repo: Any, remote: Any = None, reporter: Any = None, **jobs: dict[str, Any]) -> jci.Pipeline:
    """The pipeline of these jobs, run to its end."""
    p = jci.Pipeline(executor=executor, repo=repo, remote=remote or Quiet(), reporter=reporter, poll_interval=0)
    for name, arguments in (jobs or {"x": {}}).items():
        p.job(name, name, **arguments)
    p.run()
    return p


# ---- executors


def test_an_executor_written_in_python_runs_jobs(repo: repos.Mock) -> None:
    executor = Scripted()
    p = finish(executor, repo, x={}, y={"depends_on": "x"})
    assert executor.calls == ["setup", "run x", "run y", "teardown"]
    assert executor.get_execution_order() == {"x": 0, "y": 1}
    x = p.jobs["x"]
    assert (x.status, x.run_id, x.exit_code) == (Status.PASSED, "id-of-x", 0)
    assert x.run_state is not None and x.run_state.started_at is not None and x.run_state.finished_at is not None
    assert p.executor is executor


def test_its_methods_are_called_on_one_thread_that_is_not_the_main_one(repo: repos.Mock) -> None:
    executor = Scripted()
    finish(executor, repo, x={}, y={}, z={})
    assert len(executor.threads) == 1
    assert threading.main_thread() not in executor.threads


def test_it_gives_a_job_no_secret_that_the_job_does_not_ask_for(repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONE_TOKEN", "TWO_TOKEN", "FLAVOUR"):
        monkeypatch.setenv(f"JAYPORE_{name}", name.lower())
    seen: dict[str, object] = {}

    class Curious(Scripted):
        def run(self, job: jci.Job) -> str:
            seen["all"] = self.context.env
            seen[job.name] = self.context.env_of(job)
            return super().run(job)

    finish(Curious(), repo, x={"env": {"A": "1"}}, y={"secrets": ["ONE_TOKEN"], "env": {"FLAVOUR": "mine"}})
    assert seen == {
        "x": {"A": "1", "FLAVOUR": "flavour", "ONE_TOKEN": "one_token", "TWO_TOKEN": "two_token"},
        "y": {"FLAVOUR": "mine", "ONE_TOKEN": "one_token"},
        "all": {"FLAVOUR": "flavour", "ONE_TOKEN": "one_token"},
    }


def test_it_learns_of_the_run_and_of_the_job(repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAYPORE_TOKEN", "t")
    seen: list[object] = []

    class Curious(Scripted):
        def run(self, job: jci.Job) -> str:
            context = self.context
            seen.extend([context.pipe_id, context.sha, context.branch, context.env, job.env])
            assert context.workspace
            return super().run(job)

    p = finish(Curious(), repo, x={"env": {"A": "1"}})
    assert seen == [p.pipe_id, repo.sha, "main", {"TOKEN": "t"}, {"A": "1"}]


@pytest.mark.parametrize(
    ("exit_code", "status", "outcome"),
    [
        (0, Status.PASSED, "exit code 0"),
        (3, Status.FAILED, "exit code 3"),
        (-9, Status.FAILED, "killed by signal 9 (SIGKILL)"),
        (256, Status.FAILED, "exit code 255"),
        (None, Status.FAILED, "lost: `get_status` gave no exit code for a job that is not running"),
    ],
)
def test_an_exit_code_says_how_a_job_ended(
    repo: repos.Mock, exit_code: int | None, status: Status, outcome: str
) -> None:
    class Ends(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            return JobStatus(False, exit_code)

    x = finish(Ends(), repo).jobs["x"]
    assert (x.status, x.outcome) == (status, outcome)


def test_a_service_is_up_once_it_runs_and_is_stopped_at_the_end(repo: repos.Mock) -> None:
    class Endless(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            if f"stop {run_id}" in self.calls:
                return JobStatus(False, -15)
            return JobStatus(True) if run_id == "id-of-db" else super().get_status(run_id)

    executor = Endless()
    p = finish(executor, repo, db={"is_service": True}, test={"depends_on": "db"})
    assert executor.calls == ["setup", "run db", "run test", "stop id-of-db", "teardown"]
    assert [job.status for job in p.jobs.values()] == [Status.PASSED, Status.PASSED]


def test_a_job_that_takes_too_long_is_stopped(repo: repos.Mock) -> None:
    class Endless(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            return JobStatus(f"stop {run_id}" not in self.calls, -15)

    executor = Endless()
    p = finish(executor, repo, x={"timeout": 0.1})
    assert (p.jobs["x"].status, executor.calls) == (Status.TIMEOUT, ["setup", "run x", "stop id-of-x", "teardown"])


def test_a_job_that_cannot_be_stopped_is_left_alone(repo: repos.Mock) -> None:
    class Endless(Scripted):
        stop = None  # type: ignore[assignment]

        def get_status(self, run_id: str) -> JobStatus:
            return JobStatus(run_id == "id-of-x", 0)

    p = finish(Endless(), repo, x={"timeout": 0.1}, y={"depends_on": "x"}, z={})
    assert [job.status for job in p.jobs.values()] == [Status.TIMEOUT, Status.SKIPPED, Status.PASSED]


def test_a_method_that_does_not_come_back_is_left_behind(repo: repos.Mock) -> None:
    class Hangs(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            threading.Event().wait()
            return JobStatus(False)

    with pytest.raises(jci.TriggerFailed, match="`Hangs.teardown`: an earlier call has not come back"):
        finish(Hangs(), repo, x={"timeout": 0.1})


def test_an_exception_in_run_fails_the_job_and_only_that(repo: repos.Mock) -> None:
    class Fails(Scripted):
        def run(self, job: jci.Job) -> str:
            if job.name == "x":
                raise ValueError("no such host")
            return super().run(job)

    tails: list[str] = []

    class Tails(interfaces.Reporter):
        def render(self, pipeline: jci.PipelineView) -> str:
            tails.append(pipeline.jobs["x"].log_tail)
            return "report\n"

    p = finish(Fails(), repo, None, Tails(), x={}, y={})
    assert [job.status for job in p.jobs.values()] == [Status.FAILED, Status.PASSED]
    assert p.jobs["x"].outcome == "could not start: `Fails.run` raised ValueError: no such host"
    log = tails[-1].splitlines()
    assert log[0] == "Traceback (most recent call last):"
    assert '    raise ValueError("no such host")' in log
    assert log[-1] == "ValueError: no such host"


def test_an_exception_in_get_status_loses_the_job(repo: repos.Mock) -> None:
    class Fails(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            raise OSError("connection reset")

    x = finish(Fails(), repo).jobs["x"]
    assert (x.status, x.outcome) == (Status.FAILED, "lost: `Fails.get_status` raised OSError: connection reset")


def test_an_answer_that_is_none_loses_the_job(repo: repos.Mock) -> None:
    class Silent(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            return None  # type: ignore[return-value]

    x = finish(Silent(), repo).jobs["x"]
    assert x.outcome == "lost: `Silent.get_status` raised AttributeError: 'NoneType' object has no attribute 'is_running'"


def test_an_exception_in_setup_ends_the_run_before_the_first_job(repo: repos.Mock) -> None:
    class Fails(Scripted):
        def setup(self) -> None:
            raise OSError("no daemon")

    executor = Fails()
    with pytest.raises(jci.TriggerFailed, match="(?s)`Fails.setup` raised an exception.*OSError: no daemon"):
        finish(executor, repo)
    assert executor.calls == ["teardown"]


def test_an_executor_needs_no_base_class(repo: repos.Mock) -> None:
    class Plain:
        __slots__ = ("process",)

        def run(self, job: jci.Job) -> str:
            self.process = subprocess.Popen(["sh", "-c", str(job.command)])
            return str(self.process.pid)

        def get_status(self, run_id: str) -> JobStatus:
            return JobStatus(self.process.poll() is None, self.process.returncode)

    with pytest.raises(jci.PipelineFailed) as left:
        with jci.Pipeline(executor=Plain(), repo=repo, remote=Quiet()) as p:  # type: ignore[arg-type]
            p.job("x", "exit 7")
    assert (p.jobs["x"].exit_code, left.value.code, left.value.status) == (7, 1, Status.FAILED)


def test_an_executor_without_its_methods_cannot_be_made() -> None:
    class Half(interfaces.Executor):
        def run(self, job: jci.Job) -> str:
            return ""

    with pytest.raises(TypeError, match="get_status"):
        Half()  # type: ignore[abstract]


# ---- reporters


def test_a_reporter_written_in_python_makes_the_report(repo: repos.Mock, capfd: pytest.CaptureFixture[str]) -> None:
    class Short(interfaces.Reporter):
        def render(self, pipeline: jci.PipelineView) -> str:
            jobs = ", ".join(f"{job.name} {job.status.name}" for job in pipeline.jobs.values())
            return f"<{pipeline.repo.sha} {pipeline.get_status_dot()} {jobs}>\n"

    remote = remotes.Mock()
    finish(Scripted(), repo, remote, Short())
    assert remote.published[-1].report == f"<{repo.sha} 🟢 x PASSED>\n"
    assert f"<{repo.sha} 🟢 x PASSED>\n" in capfd.readouterr().out


def test_a_built_in_reporter_can_be_derived_from(repo: repos.Mock) -> None:
    class Signed(reporters.Text):
        def render(self, pipeline: jci.PipelineView | jci.Pipeline) -> str:
            return super().render(pipeline) + "-- the team\n"

    remote = remotes.Mock()
    finish(Scripted(), repo, remote, Signed())
    lines = remote.published[-1].report.splitlines()
    assert (lines[0], lines[-1]) == ("╔ 🟢 : JayporeCI       [sha 0123456789]", "-- the team")


@pytest.mark.parametrize(
    ("report", "reason"), [(lambda: 1 / 0, "ZeroDivisionError"), (lambda: None, "must return a str, not NoneType")]
)
def test_a_reporter_that_fails_fails_no_job(
    repo: repos.Mock, capfd: pytest.CaptureFixture[str], report: Callable[[], Any], reason: str
) -> None:
    class Broken(interfaces.Reporter):
        def render(self, pipeline: jci.PipelineView) -> str:
            return report()  # type: ignore[no-any-return]

    p = finish(Scripted(), repo, None, Broken())
    shown = capfd.readouterr()
    assert p.get_status() == Status.PASSED
    assert reason in shown.out + shown.err


# ---- remotes


def test_a_remote_written_in_python_is_told_the_report_and_a_word(repo: repos.Mock) -> None:
    class Kept(Quiet):
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[tuple[str, str]] = []

        def setup(self) -> None:
            self.calls.append(("setup", ""))

        def publish(self, report: str, status: str) -> None:
            self.calls.append((status, report))

        def teardown(self) -> None:
            self.calls.append(("teardown", ""))

    class Fails(Scripted):
        def get_status(self, run_id: str) -> JobStatus:
            return JobStatus(False, 1)

    remote = Kept()
    finish(Fails(), repo, remote)
    assert (remote.calls[0][0], remote.calls[-2][0], remote.calls[-1][0]) == ("setup", "failure", "teardown")
    assert remote.calls[-2][1].startswith("╔ 🔴")


def test_a_remote_that_fails_fails_no_job(repo: repos.Mock, capfd: pytest.CaptureFixture[str]) -> None:
    class Broken(Quiet):
        def publish(self, report: str, status: str) -> None:
            raise interfaces.RemoteApiFailed("403 Forbidden")

    p = finish(Scripted(), repo, Broken())
    assert p.get_status() == Status.PASSED
    assert "403 Forbidden" in capfd.readouterr().err


def test_a_remote_is_made_from_the_repo(repo: repos.Mock) -> None:
    class Mine(interfaces.Remote):
        def publish(self, report: str, status: str) -> None:
            pass

    made = Mine.from_env(repo=repo)
    assert (type(made), made.sha, made.branch) == (Mine, repo.sha, "main")


# ---- repos


class Fossil(interfaces.Repo):
    """A repository that we do not know."""

    def __init__(self) -> None:
        super().__init__(sha="f" * 40, branch="trunk", remote="https://example.org/f", commit_message="Dig it up")

    def files_changed(self, target: str) -> list[str]:
        return [f"{target}.txt"]


def test_a_repo_written_in_python_is_the_commit_of_the_report() -> None:
    fossil, remote = Fossil(), remotes.Mock()
    p = finish(Scripted(), fossil, remote)
    assert p.repo is fossil
    assert fossil.commit_message.contains("Dig")
    assert "[sha ffffffffff]" in remote.published[-1].report
    assert p.view().repo.branch == "trunk"


def test_a_repo_that_cannot_be_read_is_named() -> None:
    class Empty:
        pass

    with pytest.raises(jci.BadConfig, match="`repo` is a `Empty`, which has no `sha`"):
        jci.Pipeline(repo=Empty(), executor=executors.Mock())  # type: ignore[arg-type]


def test_a_job_of_a_python_executor_may_write_its_report(repo: repos.Mock) -> None:
    class Writes(Scripted):
        def run(self, job: jci.Job) -> str:
            with open(f"{self.context.workspace}/{job.name}.txt", "w") as file:
                file.write("Cov: 65%\n")
            return super().run(job)

    assert finish(Writes(), repo).jobs["x"].report.strip() == "Cov: 65%"


def test_built_ins_are_instances_of_the_interfaces() -> None:
    assert isinstance(executors.Mock(), interfaces.Executor)
    assert isinstance(executors.Docker(), interfaces.Executor)
    assert isinstance(executors.Shell(), interfaces.Executor)
    assert isinstance(reporters.Text(), interfaces.Reporter)
    assert isinstance(remotes.Mock(), interfaces.Remote)
    assert isinstance(repos.Mock(), interfaces.Repo)


def test_docker_is_what_runs_jobs_where_nothing_is_said(repo: repos.Mock) -> None:
    from jaypore_ci.executors.docker import Docker

    chosen = jci.Pipeline(repo=repo).executor
    assert isinstance(chosen, Docker) and isinstance(chosen, executors.Docker)
    assert f"{Docker.__module__}.{Docker.__qualname__}" == "jaypore_ci.executors.docker.Docker"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keep": "some"}, 'executors.Docker: `keep` must be "failed", "all" or "never", not `some`'),
        ({"keep": None}, 'executors.Docker: `keep` must be "failed", "all" or "never", not None'),
        ({"share_namespaces": "no"}, "executors.Docker: `share_namespaces` must be a bool, not 'no'"),
    ],
)
def test_docker_takes_only_what_it_knows(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(jci.BadConfig) as raised:
        executors.Docker(**arguments)
    assert str(raised.value) == message


def test_an_executor_of_ours_is_not_to_be_derived_from() -> None:
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Mine", (executors.Mock,), {})
