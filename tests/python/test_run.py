# SPDX-License-Identifier: MIT
"""Running a pipeline: when it runs, how it leaves `with`, what can be seen afterwards."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from jaypore_ci import executors, jci, remotes, reporters, repos

Status = jci.Status


def test_leaving_with_runs_the_jobs_in_the_order_of_their_dependencies() -> None:
    with jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock(), poll_interval=0) as p:
        p.job("x", "x")
        p.job("y", "y", depends_on=["x"])
        p.job("z", "z", depends_on=["y"])
        assert p.get_status() == Status.PENDING
    order = p.executor.get_execution_order()
    assert order == {"x": 0, "y": 1, "z": 2}
    assert p.get_status() == Status.PASSED
    assert p.get_status_dot() == "🟢"


def test_a_test_with_a_mock_leaves_quietly_also_when_it_failed() -> None:
    with jci.Pipeline(executor=executors.Mock(outcomes={"x": 3}), remote=remotes.Mock()) as p:
        p.job("x", "x")
        p.job("y", "y", depends_on=["x"])
    x, y = p.jobs["x"], p.jobs["y"]
    assert (p.get_status(), p.get_status_dot()) == (Status.FAILED, "🔴")
    assert (x.status, x.exit_code, x.outcome, x.is_complete()) == (Status.FAILED, 3, "exit code 3", True)
    assert (y.status, y.exit_code, y.outcome, y.run_state) == (Status.SKIPPED, None, None, None)


def test_a_job_that_ran_tells_how_it_went() -> None:
    mock = executors.Mock(durations={"x": 2.5})
    with jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
        x = p.job("x", "x")
    state = x.run_state
    assert state is not None
    assert (state.is_running, state.exit_code, state.logs) == (False, 0, "")
    assert isinstance(state.started_at, datetime) and isinstance(state.finished_at, datetime)
    assert state.started_at.tzinfo is timezone.utc
    assert (state.finished_at - state.started_at).total_seconds() == 2.5


def test_an_exception_in_the_body_runs_nothing_and_goes_on() -> None:
    mock = executors.Mock()
    with pytest.raises(ZeroDivisionError), jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
        p.job("x", "x")
        raise ZeroDivisionError
    assert (mock.get_execution_order(), p.get_status()) == ({}, Status.PENDING)


def test_run_returns_the_status_and_leaving_with_does_not_run_again() -> None:
    mock = executors.Mock(outcomes={"x": 1})
    with jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
        p.job("x", "x")
        assert p.run() == Status.FAILED
    assert [run.job for run in mock.runs] == ["x"]
    with pytest.raises(jci.BadConfig, match="has run already"):
        p.run()


def test_nothing_is_added_once_it_has_run() -> None:
    with jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock()) as p:
        p.run()
        with pytest.raises(jci.BadConfig, match="has begun to run"):
            p.job("x", "x")


def test_what_a_pipeline_was_made_of_can_be_seen_afterwards(repo: repos.Mock) -> None:
    mock, remote, text = executors.Mock(), remotes.Mock(), reporters.Text()
    with jci.Pipeline(executor=mock, remote=remote, repo=repo, reporter=text) as p:
        pass
    assert (p.executor, p.remote, p.repo, p.reporter) == (mock, remote, repo, text)
    assert len(p.pipe_id) == 10


def test_a_mock_remote_stands_for_the_repo_outside_any_repository() -> None:
    with jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock(branch="b", sha="s")) as p:
        assert (p.repo.sha, p.repo.branch, p.repo.commit_message) == ("s", "b", "")
        assert isinstance(p.repo, repos.Mock)


def test_a_failed_setup_is_raised() -> None:
    mock = executors.Mock()
    mock.fail_setup("no engine answers")
    with pytest.raises(jci.TriggerFailed, match="no engine answers"):
        with jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
            p.job("x", "x")


def test_a_commit_message_is_asked_what_it_contains(repo: repos.Mock) -> None:
    p = jci.Pipeline(executor=executors.Mock(), repo=repo)
    message = p.repo.commit_message
    assert message == "Fix it\n\njci:release\n"
    assert message.contains("jci:release")
    assert not message.contains("jci:publish")


def test_a_service_is_passed_while_it_runs_and_failed_if_it_dies() -> None:
    def statuses(mock: executors.Mock) -> list[Status]:
        with jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
            with p.stage("Services", is_service=True):
                p.job("db", None)
            with p.stage("Testing"):
                p.job("test", "test")
        return [job.status for job in p.jobs.values()]

    assert statuses(executors.Mock(durations={"test": 60})) == [Status.PASSED, Status.PASSED]
    dies = executors.Mock()
    dies.script("db", exit_code=1, dies_after=0)
    assert statuses(dies) == [Status.FAILED, Status.SKIPPED]


def test_a_mock_remote_keeps_what_was_published() -> None:
    remote = remotes.Mock(sha="0123456789abcdef")
    with jci.Pipeline(executor=executors.Mock(outcomes={"x": 1}), remote=remote) as p:
        p.job("x", "x")
    last = remote.published[-1]
    assert last.status == Status.FAILED
    assert last.report.startswith("╔ 🔴 : JayporeCI       [sha 0123456789]\n")
    assert reporters.Text().render(p).splitlines()[0] == last.report.splitlines()[0]


def test_a_snapshot_has_the_names_of_the_pipeline(repo: repos.Mock) -> None:
    with jci.Pipeline(executor=executors.Mock(outcomes={"y": 2}), remote=remotes.Mock(), repo=repo) as p:
        p.job("x", "x", image="a/b")
        p.job("y", "y", depends_on=["x"])
    view = p.view()
    assert (view.pipe_id, view.sha, view.branch, view.repo.sha) == (p.pipe_id, repo.sha, "main", repo.sha)
    assert (view.stages, view.services, view.get_status(), view.get_status_dot()) == (["Pipeline"], [], Status.FAILED, "🔴")
    y = view.jobs["y"]
    assert (y.name, y.stage, y.status, y.exit_code, y.outcome) == ("y", "Pipeline", Status.FAILED, 2, "exit code 2")
    assert (y.depends_on, y.parents, view.jobs["x"].image) == (["x"], ["x"], "a/b")
    del view
    assert y.name == "y"


def test_all_that_a_mock_can_be_told() -> None:
    mock = executors.Mock(logs={"x x": "text"})
    mock.script("Killed", signal=9, duration=1)
    mock.script("lost", lost="the node is gone")
    mock.script("missing", could_not_start="no such image")
    mock.script("slow", duration=1000)
    mock.script("covered", report="Cov: 65%", logs="o", errors=b"\xff")
    with jci.Pipeline(executor=mock, remote=remotes.Mock()) as p:
        for name in ("x x", "Killed", "lost", "missing", "slow", "covered"):
            p.job(name, name)
    assert {name: job.outcome for name, job in p.jobs.items()} == {
        "x-x": "exit code 0",
        "Killed": "killed by signal 9 (SIGKILL)",
        "lost": "lost: the node is gone",
        "missing": "could not start: no such image",
        "slow": "timed out",
        "covered": "exit code 0",
    }
    assert p.jobs["slow"].status == Status.TIMEOUT
    assert p.jobs["covered"].report == "Cov: 65%"
    assert [(run.job, run.start, run.end) for run in mock.runs if run.job == "slow"] == [("slow", 0, 900)]


@pytest.mark.parametrize("script", [{"exit_code": 256}, {"duration": -1}, {"ready_after": float("nan")}])
def test_a_mock_rejects_what_no_job_can_do(script: dict[str, float]) -> None:
    with pytest.raises(jci.BadConfig):
        executors.Mock().script("x", **script)  # type: ignore[arg-type]
