# SPDX-License-Identifier: MIT
"""Jobs that use the engine themselves, through the socket that they get."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from docker_engine import IMAGE, Engine, docker_run, job_events, output, reasons, shared_engine, statuses
from project import Finished, Project, make_project

__all__ = ["make_project", "shared_engine"]

BUILT = "jci-test-built:local"


@pytest.fixture(name="without_image", autouse=True)
def remove_built_image(engine: Engine) -> Iterator[None]:
    engine.docker("rmi", "-f", BUILT, check=False)
    yield
    engine.docker("rmi", "-f", BUILT, check=False)


def needs_static_docker() -> None:
    if subprocess.run(["ldd", shutil.which("docker") or ""], capture_output=True, check=False).returncode == 0:
        pytest.skip("the `docker` of this machine runs in no image but its own, so jobs do not get it")


def build(project: Project, text: str) -> tuple[Finished, str]:
    """A run that builds an image with `text` in it and uses it; and the digest that the history has of it."""
    project.write("Dockerfile", "FROM busybox:local\nCOPY data.txt /of-the-image\n")
    project.write("data.txt", text)
    project.config(
        f'p.job("Docker", "docker build -t {BUILT} .")\n'
        f'p.job("Images", "docker images -q --no-trunc {BUILT}", depends_on=["Docker"])\n'
        f'p.job("PyTest", ["cat", "/of-the-image"], image="{BUILT}", depends_on=["Docker"])\n'
        'with p.stage("After"):\n'
        f'    p.job("Later", ["cat", "/of-the-image"], image="{BUILT}", pull="never")\n',
        arguments=IMAGE,
    )
    run = docker_run(project)
    newest = json.loads(project.jci("runs", "--json").out.splitlines()[0])
    return run, next(job["image_digest"] for job in newest["jobs"] if job["job"] == "PyTest")


def test_an_image_that_a_job_builds_is_the_next_jobs_image(project: Project, engine: Engine) -> None:
    needs_static_docker()
    for text in ("first\n", "second\n"):  # the second time there is one already when the run begins
        run, digest = build(project, text)
        assert set(statuses(run).values()) == {"PASSED"}, (reasons(run), output(run, "Docker"))
        assert (output(run, "PyTest"), output(run, "Later")) == (text, text)
        assert output(run, "Images") == digest + "\n"
    assert engine.left() == []


def test_an_image_that_is_not_built_after_all_is_told_once_it_is_wanted(project: Project, engine: Engine) -> None:
    project.config(
        f'p.job("Docker", "true")\np.job("PyTest", "true", image="{BUILT}", pull="never", depends_on=["Docker"])\n', arguments=IMAGE
    )
    run = docker_run(project)
    assert (statuses(run), reasons(run)["PyTest"]) == (
        {"Docker": "PASSED", "PyTest": "FAILED"},
        f'could not start: the engine has no image `{BUILT}`, and pull="never" forbids to pull it; build or pull it first',
    )


def test_without_the_socket_jobs_cannot_use_the_engine(project: Project, engine: Engine) -> None:
    project.write("Dockerfile", "FROM busybox:local\n")
    project.config(
        f'p.job("Docker", "docker build -t {BUILT} .")\np.job("Socket", "ls /var/run/docker.sock", image="busybox:local")\n',
        arguments=f"{IMAGE}, docker_socket=False",
    )
    run = docker_run(project)
    assert statuses(run) == {"Docker": "FAILED", "Socket": "FAILED"}
    assert output(run, "Docker") == "/bin/sh: docker: not found\n"
    assert output(run, "Socket") == "ls: /var/run/docker.sock: No such file or directory\n"
    assert job_events(run, "job_finished")["Docker"]["reason"] == "exit code 127"
    assert BUILT not in engine.lines("images", "--format", "{{.Repository}}:{{.Tag}}")
