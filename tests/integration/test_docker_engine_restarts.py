# SPDX-License-Identifier: MIT
"""Engines that are stopped or killed, and started again, while a pipeline runs."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Iterator

import pytest
from docker_engine import COUNT, COUNTED, IMAGE, PrivateEngine, counted, docker_run, output, private_engine, reasons, statuses
from project import Finished, Project, make_project, until

__all__ = ["make_project"]

RUN = ["--executor", "docker", "--json"]


@pytest.fixture(name="own", scope="module")
def own_engine() -> Iterator[PrivateEngine]:
    if os.geteuid() != 0:
        pytest.skip("an engine of our own to stop and start takes root")
    with private_engine() as engine:
        yield engine


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> None:
    if "own" in request.fixturenames:
        request.getfixturevalue("own").clear()


LOST = re.compile(r"lost: ended with exit code \d+ while the engine was away, which may have stopped it")
STOPPED = "lost: ended with exit code 143 while the engine was away, which may have stopped it"


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_engine_that_is_started_again_ends_what_ran_and_runs_the_rest(project: Project, own: PrivateEngine, how: str) -> None:
    project.config(
        'p.job("Runs", "sleep 1000")\np.job("Holds", "sleep 1000")\nfor n in range(4): p.job(f"Rest{n}", "true")\n', arguments=IMAGE
    )
    with project.running(*RUN, "--jobs", "2", DOCKER_HOST=own.host) as process:  # the rest waits for the two to be over
        until(lambda: len(own.containers("label=in.jayporeci.job", "status=running")) == 2)
        own.control(how, "start")
        run = project.finish(process)
    rest = {f"Rest{n}": "PASSED" for n in range(4)}
    assert statuses(run) == {"Runs": "FAILED", "Holds": "FAILED"} | rest, run.err
    assert reasons(run) == {"Runs": STOPPED, "Holds": STOPPED}
    assert sorted(name.rpartition("__")[2] for name in own.left()) == ["Holds", "Runs"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_engine_that_goes_while_jobs_start_makes_no_result_up(project: Project, own: PrivateEngine, how: str) -> None:
    project.config(
        'p.job("Runs", "sleep 1000")\np.job("Other", "sleep 1; exit 0")\n'
        'p.job("Later", "echo later", depends_on=["Other"])\nfor n in range(4): p.job(f"More{n}", "true", depends_on=["Later"])\n',
        arguments=IMAGE,
    )
    with project.running(*RUN, DOCKER_HOST=own.host) as process:
        until(lambda: own.container_of("Runs") and own.containers("status=exited"))
        until(lambda: own.containers("label=in.jayporeci.job=Later"))
        own.control(how, "start")
        run = project.finish(process)
    ended, told = statuses(run), reasons(run)
    assert (ended["Runs"], told["Runs"], ended["Other"]) == ("FAILED", STOPPED, "PASSED"), run.err
    begun = ["Later"] + [f"More{n}" for n in range(4) if ended["Later"] == "PASSED"]
    for job in begun:  # one that the engine took with it is told as that, and no other fails
        assert ended[job] == "PASSED" or LOST.fullmatch(told[job]), (job, told)
    assert {ended[f"More{n}"] for n in range(4) if f"More{n}" not in begun} <= {"SKIPPED"}
    lost = {job for job in ended if ended[job] == "FAILED"}
    assert {"Runs"} <= {name.rpartition("__")[2] for name in own.left()} <= lost


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_with_live_restore_jobs_outlive_the_engine(project: Project, how: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("an engine of our own to stop and start takes root")
    with private_engine("--live-restore") as own:
        project.config(f'p.job("Counts", "{COUNT}; exit 3")\np.job("Waits", "sleep 3")\np.job("Later", "true", depends_on=["Waits"])\n', arguments=IMAGE)
        with project.running(*RUN, DOCKER_HOST=own.host) as process:
            until(lambda: own.container_of("Waits") and "out 4\n" in own.log_of("Counts"))
            own.control(how, "start")
            run = project.finish(process)
        assert counted(run) == COUNTED
        assert statuses(run) == {"Counts": "FAILED", "Waits": "PASSED", "Later": "PASSED"}
        assert [name.rpartition("__")[2] for name in own.left()] == ["Counts"]


PARENTS = {"Job2": "Job0", "Job4": "Job2"}
# How a run ends that found no engine to begin on, or lost it while it prepared itself.
NOT_BEGUN = re.compile(
    r"^jci: error: (the Docker engine at .* does not answer: |cannot make a network for this run: |cannot load an image of our own: "
    r"|cannot find out whether the engine sees the Workspace: )", re.MULTILINE
)  # fmt: skip


def assert_true_results(run: Finished) -> None:
    """Of the jobs of `test_chaos`: each is what its command made it, or lost to the engine, or skipped for its parent's sake."""
    ended, told = statuses(run), reasons(run)
    for job, status in ended.items():
        if LOST.fullmatch(told.get(job, "")):
            assert status == "FAILED", job
        elif job == "Service":
            assert status == "PASSED", told
        elif ended.get(PARENTS.get(job, ""), "PASSED") != "PASSED":
            assert (status, output(run, job)) == ("SKIPPED", ""), told
        else:
            number = int(job[3:])
            expected = ("PASSED", None) if number % 2 == 0 else ("FAILED", "exit code 1")
            assert (status, told.get(job), output(run, job)) == (*expected, f"{number}\n"), told


def test_chaos(project: Project, own: PrivateEngine) -> None:
    """At random moments `jci` is killed, or the engine is, and started again: no run loses a result, and nothing is left."""
    seed = int(os.environ.get("JCI_CHAOS_SEED", random.randrange(1_000_000)))
    print(f"JCI_CHAOS_SEED={seed}")
    chance = random.Random(seed)
    project.config(
        'p.job("Service", "sleep 1000", is_service=True, ready="true")\n'
        f'parents = { {job: [parent] for job, parent in PARENTS.items()} }\n'
        'for n in range(6): p.job(f"Job{n}", f"echo {n}; exit {n % 2}", depends_on=parents.get(f"Job{n}", []))\n'
        'p.job("Job6", "sleep 5; echo 6")\n',
        arguments=IMAGE,
    )
    for turn in range(int(os.environ.get("JCI_CHAOS_ROUNDS", "8"))):
        what = chance.choice(["jci", "jci", "kill", "stop"])
        if what != "jci":
            # Docker 20.10 that ends while it removes a network panics at each start from then on (libnetwork, reservePools): so there is
            # none of an earlier run to be swept, and this run is not over yet either.
            own.clear()
        with project.running(*RUN, DOCKER_HOST=own.host) as process:
            if what != "jci":
                until(own.networks)
            time.sleep(chance.uniform(0, 4 if what == "jci" else 2))  # not waiting for anything: the moment is what chance chooses
            if what == "jci":
                process.kill()
                process.wait()
                continue
            own.control(what, "start")
            run = project.finish(process)
        if NOT_BEGUN.search(run.err):  # the engine went away before anything had begun
            assert (run.code, set(statuses(run).values()) - {"SKIPPED"}) == (1, set()), run.err
            continue
        assert_true_results(run)
    own.clear_kept()
    project.config('p.job("Clean", "true")', arguments=IMAGE)
    assert statuses(docker_run(project, DOCKER_HOST=own.host)) == {"Clean": "PASSED"}
    assert own.left() == []
