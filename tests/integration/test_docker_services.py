# SPDX-License-Identifier: MIT
"""Services: how jobs reach them, when jobs wait for them, and what is told when they end."""

from __future__ import annotations

import os
import subprocess

from docker_engine import IMAGE, Engine, docker_run, job_events, output, reasons, shared_engine, statuses
from project import Project, make_project, until

__all__ = ["make_project", "shared_engine"]

SERVE = "mkdir -p /www/deep && echo hello >/www/deep/page && exec httpd -f -p 80 -h /www"
FETCH = "wget -q -O - http://web/deep/page"


def test_jobs_reach_services_by_name_wherever_they_run(project: Project, engine: Engine) -> None:
    project.config(
        'with p.stage("Up", is_service=True):\n'
        f'    p.job("Web", "{SERVE}", ready="http://:80/deep/page")\n'
        '    p.job("ByPort", "sleep 1; while :; do nc -l -p 5000; done", ready=5000)\n'
        '    p.job("ByCommand", "sleep 1; touch /tmp/up; sleep 1000", ready="test -e /tmp/up")\n'
        '    p.job("ByImage", "sleep 1; touch /tmp/up; sleep 1000", executor_kwargs={"healthcheck": '
        '{"test": "test -e /tmp/up", "interval": 200000000}})\n'
        '    p.job("Bare", "sleep 1000")\n'
        'with p.stage("Use"):\n'
        '    for number in range(5):\n'
        f'        p.job(f"Fetch{{number}}", "{FETCH}; hostname", depends_on=[f"Fetch{{number - 1}}"] if number else [])\n'
        f'    p.job("Own", "{FETCH}", executor_kwargs={{"hostname": "mine"}})\n',
        arguments=IMAGE,
    )
    run = docker_run(project)
    assert set(statuses(run).values()) == {"PASSED"}, reasons(run)
    fetched = [output(run, f"Fetch{number}").splitlines() for number in range(5)]
    assert [lines[0] for lines in fetched] == ["hello"] * 5
    assert len({lines[1] for lines in fetched}) < 5  # some were given the namespace of another
    assert output(run, "Own") == "hello\n"
    up = {job: told["took_ms"] for job, told in job_events(run, "service_up").items()}
    assert up.keys() == {"Web", "ByPort", "ByCommand", "ByImage", "Bare"}
    assert min(up["ByPort"], up["ByCommand"]) >= 1000
    assert engine.left() == []


def test_a_service_that_is_not_ready_or_dies_is_told_with_its_last_lines(project: Project, engine: Engine) -> None:
    project.config(
        'with p.stage("Up", is_service=True):\n'
        '    p.job("Never", "echo waiting; sleep 1000", ready=1, ready_timeout=1)\n'
        '    p.job("DiesBefore", "echo no config >&2; exit 4", ready=1)\n'
        'with p.stage("Use"):\n'
        '    p.job("Waits", "true")\n',
        arguments=IMAGE,
    )
    run = project.run("--executor", "docker")
    assert project.statuses() == {"Never": "FAILED", "DiesBefore": "FAILED", "Waits": "SKIPPED"}
    assert "── Never: could not start: was not ready within 1 s; see its log, or give it more `ready_timeout` ──\nwaiting\n" in run.out.replace("  ", "")
    assert "── DiesBefore: exit code 4 ──\nno config\n" in run.out.replace("  ", "")
    assert {name.rpartition("__")[2] for name in engine.left()} == {"Never", "DiesBefore"}


def test_a_service_that_dies_while_it_is_used_fails_the_run(project: Project, engine: Engine) -> None:
    project.config(
        'p.job("Dies", "echo up; sleep 1; echo gone >&2; exit 6", is_service=True)\np.job("Uses", "sleep 4")\n', arguments=IMAGE
    )
    run = project.run("--executor", "docker")
    assert (project.statuses(), run.code) == ({"Dies": "FAILED", "Uses": "PASSED"}, 1)
    assert "── Dies: exit code 6 ──\nup\ngone\n" in run.out.replace("  ", "")
    assert [name.rpartition("__")[2] for name in engine.left()] == ["Dies"]


def test_a_namespace_is_handed_on_empty_and_to_one_job_at_a_time(project: Project, engine: Engine) -> None:
    """Each job listens at the same port, which only works alone, leaves the listener behind, and finds none of a former job."""
    listens = "hostname; netstat -tln | grep -c :7000; nc -l -p 7000 & sleep 0.3; netstat -tln | grep -c :7000"
    project.config(
        "for number in range(8):\n"
        f'    p.job(f"Job{{number}}", "{listens}", depends_on=[f"Job{{number - 2}}"] if number > 1 else [])\n',
        arguments=IMAGE,
    )
    run = docker_run(project)
    told = [output(run, f"Job{number}").split() for number in range(8)]
    assert [lines[1:] for lines in told] == [["0", "1"]] * 8
    assert len({lines[0] for lines in told}) < 8
    assert engine.left() == []


def test_a_service_given_as_text_ends_when_it_is_told_to(project: Project, engine: Engine) -> None:
    project.config('p.job("Service", "sleep 1000", is_service=True)\np.job("Job", "sleep 1")', arguments=IMAGE)
    with project.running("--executor", "docker", "--json") as process:
        container = until(lambda: engine.container_of("Service"))
        with subprocess.Popen(
            ["docker", "wait", container], env=os.environ | {"DOCKER_HOST": engine.host}, stdout=subprocess.PIPE, text=True
        ) as waits:
            assert project.finish(process).code == 0
            assert waits.communicate()[0] == "143\n"  # by SIGTERM, where 137 would be SIGKILL after five seconds
    assert engine.left() == []
