# SPDX-License-Identifier: MIT
"""Declaring a pipeline: what jobs inherit, and what a mistake is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from jaypore_ci import executors, interfaces, jci, remotes


def pipeline(**arguments: Any) -> jci.Pipeline:
    return jci.Pipeline(executor=executors.Mock(), **arguments)


def test_a_job_knows_what_it_was_declared_with() -> None:
    p = pipeline()
    first = p.job("Lint it", "pylint src")
    job = p.job("Test", ["pytest", "tests"], depends_on="Lint it", image="python:3.11", timeout=2.5, env={"A": 1})
    assert first.name == "Lint-it"
    assert (job.name, job.command, job.stage, job.depends_on, job.parents) == (
        "Test",
        ["pytest", "tests"],
        "Pipeline",
        ["Lint-it"],
        ["Lint-it"],
    )
    assert (job.image, job.timeout, job.env, job.is_service) == ("python:3.11", 2.5, {"A": "1"}, False)
    assert (job.status, job.run_id, job.run_state, job.exit_code) == (jci.Status.PENDING, "", None, None)
    assert not job.is_complete()


def test_a_job_that_says_nothing_has_the_defaults() -> None:
    job = pipeline().job("x", "x")
    assert (job.image, job.timeout, job.env, job.executor_kwargs) == ("arjoonn/jci", 900, {}, {})


def test_arguments_are_inherited_from_pipeline_to_stage_to_job() -> None:
    p = pipeline(image="outer", timeout=10, env={"A": "pipeline", "B": "pipeline"}, executor_kwargs={"k": [1, None]})
    with p.stage("Build", image="inner", env={"B": "stage"}) as stage:
        job = p.job("x", "x", env={"C": "job"}, image=None)
    assert (job.image, job.timeout, job.env) == ("inner", 10, {"A": "pipeline", "B": "stage", "C": "job"})
    assert job.executor_kwargs == {"k": [1, None]}
    assert (stage.name, stage.jobs, stage.status) == ("Build", [job], jci.Status.PENDING)


def test_what_only_executors_understand_reaches_them_as_their_arguments() -> None:
    p = pipeline(docker_socket=False, pull="never", executor_kwargs={"ports": {80: ("127.0.0.1", 8080)}})
    with p.stage("Services", is_service=True, ready=5432, ready_timeout=2.5):
        db = p.job("db", None, pull="always")
    assert db.executor_kwargs == {
        "docker_socket": False,
        "ports": {"80": ["127.0.0.1", 8080]},
        "pull": "always",
        "ready": 5432,
        "ready_timeout": 2.5,
    }


def test_jobs_stages_and_services_are_listed_in_order() -> None:
    p = pipeline()
    a = p.job("a", "a")
    with p.stage("Services", is_service=True):
        db = p.job("db", None)
    with p.stage("Testing"):
        b = p.job("b", "b")
    late = p.job("late", "x", stage="Services")
    assert p.stages == ["Pipeline", "Services", "Testing"]
    assert dict(p.jobs) == {"a": a, "db": db, "b": b, "late": late}
    assert p.services == [db, late]
    with pytest.raises(TypeError):
        p.jobs["x"] = a  # type: ignore[index]
    later = p.job("later", "x")
    assert list(p.jobs.values()) == [a, db, b, late, later]


def test_a_parent_may_be_given_as_a_name_or_as_a_job_or_as_several() -> None:
    p = pipeline()
    a = p.job("a a", "x")
    b = p.job("b", "x", depends_on=a)
    c = p.job("c", "x", depends_on=("a a", b))
    assert (b.depends_on, c.depends_on) == (["a-a"], ["a-a", "b"])


def test_a_matrix_is_every_combination_in_a_stable_order() -> None:
    expected = [{"B": "1", "A": "x"}, {"B": "1", "A": "y"}, {"B": "2", "A": "x"}, {"B": "2", "A": "y"}]
    assert jci.Pipeline.env_matrix(B=[1, 2], A=["x", "y"]) == expected
    assert pipeline().env_matrix(B=(n for n in "12"), A=["x", "y"]) == expected
    assert jci.Pipeline.env_matrix() == [{}]
    assert jci.Pipeline.env_matrix(A=[]) == []


def test_threads_may_declare_at_once() -> None:
    p = pipeline()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: p.job(f"job{n}", "x"), range(400)))
    assert len(p.jobs) == 400


def test_text_that_is_not_utf8_survives() -> None:
    job = pipeline().job("x", "echo \udcff", env={"A": "\udcfe"})
    assert (job.command, job.env) == ("echo \udcff", {"A": "\udcfe"})


Mistake = Callable[[jci.Pipeline], object]


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda p: p.job("y", "y", depnds_on=["x"]), "job `y`: unknown argument `depnds_on`; did you mean `depends_on`?"),
        (lambda p: p.job("y", "y", imgae=object()), "job `y`: unknown argument `imgae`; did you mean `image`?"),
        (lambda p: p.stage("s", tiemout=1).__enter__(), "stage `s`: unknown argument `tiemout`; did you mean `timeout`?"),
        (lambda p: pipeline(reporte=1), "pipeline: unknown argument `reporte`; did you mean `reporter`?"),
        (lambda p: p.job("y", "y", timeout="9"), "job `y`: `timeout` takes seconds as an int or a float, not a str"),
        (lambda p: p.job("y", "y", env={"A": {1}}), "job `y`: `env` cannot be of type set"),
        (lambda p: p.job("y", "y", env={1: "A"}), "job `y`: the keys of `env` must be str, not int"),
        (
            lambda p: p.job("y", "y", pull="never", executor_kwargs={"pull": "always"}),
            "job `y`: `pull` is given in `executor_kwargs` too; say it once",
        ),
        (lambda p: p.job("y", "y", timeout=1 << 70), "job `y`: `timeout` has a number beyond 64 bits"),
        (lambda p: p.job("y", 3), "job `y`: the command must be a str, or a list of str, not int"),
        (lambda p: p.job("y", ["a", 3]), "job `y`: every word of the command must be a str, not int"),
        (lambda p: p.job(7, "y"), "a job name must be a str, not int"),
        (lambda p: p.job("y", "y", depends_on=[3]), "job `y`: `depends_on` must be a name or a list of names, not int"),
        (lambda p: p.job("\ud800", "y"), "a str has lone surrogates: it cannot be written as UTF-8"),
        (lambda p: pipeline(poll_interval="1"), "pipeline: `poll_interval` must be a number of seconds, not str"),
        (lambda p: pipeline(poll_interval=-1), "pipeline: `poll_interval` must be 0 to 1000000 seconds, not -1"),
        (lambda p: pipeline(max_parallel=0), "pipeline: `max_parallel` must be an int of at least 1, or None, not 0"),
        (lambda p: pipeline(remote=remotes.Mock), "`remote` needs an instance, not the class `Mock`: write `remote=Mock()`"),
        (lambda p: pipeline(remote=3), "`remote` is a `int`, which has no `publish`: see `jaypore_ci.interfaces`"),
        (lambda p: p.env_matrix(A="abc"), "env_matrix: `A` must be a list, not a str"),
    ],
)
def test_a_mistake_is_named_where_it_is_made(mistake: Mistake, message: str) -> None:
    p = pipeline()
    p.job("x", "x")
    with pytest.raises(jci.BadConfig, match=re.escape(message) + "$"):
        mistake(p)
    assert list(p.jobs) == ["x"]


def test_a_mistake_is_an_assertion_error_as_tests_of_configs_expect() -> None:
    p = pipeline()
    p.job("x", "x")
    with pytest.raises(AssertionError, match="`x`"):
        p.job("x", "x")
    assert issubclass(interfaces.BadConfig, AssertionError)


def test_a_stage_is_closed_also_by_an_exception() -> None:
    p = pipeline()
    with pytest.raises(ZeroDivisionError), p.stage("s"):
        raise ZeroDivisionError
    assert p.job("x", "x").stage == "Pipeline"


def test_jobs_are_equal_if_they_are_the_same_job() -> None:
    p = pipeline()
    with p.stage("s") as stage:
        x = p.job("x", "x")
        y = p.job("y", "y")
    assert stage.jobs[0] == x != y
    assert {x: 1}[stage.jobs[0]] == 1
    assert x != "x"
