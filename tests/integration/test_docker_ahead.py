# SPDX-License-Identifier: MIT
"""What is done before it is needed: containers that are made while their jobs still wait; namespaces that are handed on where that pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docker_engine import IMAGE, Engine, docker_run, output, proxy, shared_engine, statuses
from project import Finished, Project, make_project, until

__all__ = ["make_project", "shared_engine"]

REBUILT = "jci-test-rebuilt:local"
# Until the test lets it go, by `end`: what the test looks at happens meanwhile. Bounded by the job's timeout.
UNTIL_GO = "until test -e go; do usleep 20000; done"


def container_of(engine: Engine, job: str, state: str) -> str:
    return engine.docker("ps", "-aq", "--filter", f"label=in.jayporeci.job={job}", "--filter", f"status={state}")


def end(engine: Engine, job: str) -> None:
    """Lets the job end that runs UNTIL_GO."""
    engine.docker("exec", until(lambda: container_of(engine, job, "running")), "touch", "go")


@contextmanager
def while_first_runs(project: Project, engine: Engine, then: str, act: Callable[[str], object], **variables: str) -> Iterator[Finished]:
    """A run of the job `First`, which ends when `act` has been called with the container that was made for the job `then` meanwhile."""
    with project.running("--executor", "docker", "--json", **variables) as run:
        act(until(lambda: container_of(engine, then, "created")))
        end(engine, "First")
        yield project.finish(run)


@pytest.fixture(name="rebuilt")
def image_that_is_made_anew(engine: Engine) -> Iterator[Callable[[str], None]]:
    def make(text: str) -> None:
        container = engine.docker("run", "-d", "busybox:local", "sh", "-c", "mkdir /data; touch /data/of-the-image")
        engine.docker("wait", container)
        engine.docker("commit", "-c", f"ENV TEXT={text}", container, REBUILT)
        engine.docker("rm", container)

    yield make
    engine.docker("rmi", "-f", REBUILT, check=False)


def test_a_container_is_made_while_the_job_before_runs(project: Project, engine: Engine) -> None:
    project.config(f'p.job("First", "{UNTIL_GO}")\np.job("Second", "hostname", depends_on=["First"])\n', arguments=IMAGE)
    made: list[str] = []
    with while_first_runs(project, engine, "Second", made.append) as run:
        assert set(statuses(run).values()) == {"PASSED"}
        assert output(run, "Second").strip() == made[0]  # the very one
    assert engine.left() == []


def test_a_container_made_for_a_job_that_never_runs_is_removed(project: Project, engine: Engine) -> None:
    project.config(f'p.job("First", "{UNTIL_GO}; exit 3")\np.job("Second", "true", depends_on=["First"])\n', arguments=IMAGE)
    with while_first_runs(project, engine, "Second", lambda _: None) as run:
        assert statuses(run) == {"First": "FAILED", "Second": "SKIPPED"}
    assert [name.rpartition("__")[2] for name in engine.left()] == ["First"]


def test_a_container_that_somebody_removes_before_its_turn_is_made_again(project: Project, engine: Engine) -> None:
    project.config(f'p.job("First", "{UNTIL_GO}")\np.job("Second", "echo done", depends_on=["First"])\n', arguments=IMAGE)

    def remove(made: str) -> None:
        # An engine lists a container a moment before it knows it by its id.
        assert until(lambda: engine.docker("rm", made, check=False)) == made

    with while_first_runs(project, engine, "Second", remove) as run:
        assert (statuses(run)["Second"], output(run, "Second")) == ("PASSED", "done\n")
    assert engine.left() == []


def test_a_connection_that_is_cut_before_its_turn_costs_no_line(project: Project, engine: Engine, tmp_path: Path) -> None:
    project.config(f'p.job("First", "{UNTIL_GO}")\np.job("Second", "echo done", depends_on=["First"])\n', arguments=IMAGE)
    with proxy(tmp_path, engine.host) as way:
        with while_first_runs(project, engine, "Second", lambda _: way.cut(), DOCKER_HOST=way.host) as run:
            assert (statuses(run)["Second"], output(run, "Second")) == ("PASSED", "done\n")
    assert engine.left() == []


def test_an_image_that_the_job_before_builds_anew_is_the_one_that_runs(
    project: Project, engine: Engine, rebuilt: Callable[[str], None]
) -> None:
    rebuilt("old")
    project.config(
        f'p.job("First", "{UNTIL_GO}")\np.job("Second", "echo $TEXT", image="{REBUILT}", depends_on=["First"])\n', arguments=IMAGE
    )
    with while_first_runs(project, engine, "Second", lambda _: rebuilt("new")) as run:
        assert (statuses(run)["Second"], output(run, "Second")) == ("PASSED", "new\n")
    assert engine.left() == []


def test_a_volume_that_a_job_fills_is_not_filled_from_the_next_jobs_image(
    project: Project, engine: Engine, rebuilt: Callable[[str], None]
) -> None:
    """An engine does that when a container is made whose volume is still empty."""
    rebuilt("any")
    volume = 'executor_kwargs={"volumes": {"jci-test-data": {"bind": "/data", "mode": "rw"}}}'
    project.config(  # First leaves time for making Second's container, which must not be made
        f'p.job("First", "sleep 1; touch /data/first", {volume})\n'
        f'p.job("Second", "ls /data", image="{REBUILT}", depends_on=["First"], {volume})\n',
        arguments=IMAGE,
    )
    try:
        run = docker_run(project)
        assert (statuses(run)["Second"], output(run, "Second")) == ("PASSED", "first\n")
    finally:
        engine.docker("volume", "rm", "-f", "jci-test-data")


def test_jobs_that_lasted_before_share_no_namespaces(project: Project, engine: Engine) -> None:
    jobs = 'for number in range(8):\n    p.job(f"Job{number}", "sleep 1")\n'
    project.config(jobs + 'p.job("Look", "sleep 1")\n', arguments=IMAGE)

    def holders() -> int:
        with project.running("--executor", "docker", "--json") as run:
            until(lambda: container_of(engine, "Look", "running"))
            seen = len(engine.containers("name=jayporeci__hold__"))
            assert project.finish(run).code == 0
        return seen

    assert holders() > 0  # nothing is known of them
    assert holders() == 0
    assert docker_run(project).code == 0
    assert engine.left() == []
