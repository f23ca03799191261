# SPDX-License-Identifier: MIT
"""Podman in Docker's place: `podman system service` on a socket of its own, and behind ssh."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import COUNT, COUNTED, HERE, IMAGE, Engine, counted, docker_run, job_events, output, reasons, statuses
from docker_ssh import sockets_directory, sshd
from project import Project, make_project, until

__all__ = ["make_project", "sockets_directory"]

RUN = ["--executor", "docker", "--json"]

# What it takes where the kernel has both kinds of cgroups, and nobody may raise limits: as in many containers and virtual machines.
SETTINGS = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1000:1000", "nproc=1000:1000"]
"""


@pytest.fixture(name="podman", scope="module")
def make_podman() -> Iterator[Engine]:
    if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in ("podman", "runc", "catatonit", "docker")):
        pytest.skip("podman, runc, catatonit and docker are not all here, or we are not root")
    image = subprocess.run([HERE.parent / "engine/make-image", "busybox"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="jci-podman-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "containers.conf").write_text(SETTINGS)
        places = [word for place in ("root", "runroot", "tmpdir") for word in (f"--{place}", str(directory / place))]
        environment = os.environ | {"CONTAINERS_CONF": str(directory / "containers.conf")}
        socket = directory / "podman.sock"
        with (directory / "log").open("wb") as log:
            command = ["podman", *places, "system", "service", "--time", "0", f"unix://{socket}"]
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            until(socket.exists)
            engine = Engine(f"unix://{socket}")
            until(lambda: engine.docker("version", check=False))
            engine.docker("load", "-qi", image)
            yield engine
            engine.clear()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            subprocess.run(["umount", "-l", directory / "root/overlay"], check=False, capture_output=True)


@pytest.fixture(autouse=True)
def clean(podman: Engine) -> None:
    podman.clear()


PIPELINE = """
p.job("Service", "while :; do echo served | nc -l -p 8000; done", is_service=True, ready="true")
p.job("Tests", "echo tested; echo told >Tests.txt; echo wrong >&2")
p.job("Fails", "exit 3")
p.job("Later", "ls Tests.txt", depends_on=["Tests"])
p.job("None", ["/no/such/program"])
"""


def test_jobs_services_and_files(project: Project, podman: Engine) -> None:
    project.config(PIPELINE, arguments=IMAGE)
    run = docker_run(project, DOCKER_HOST=podman.host)
    expected = {"Service": "PASSED", "Tests": "PASSED", "Fails": "FAILED", "Later": "PASSED", "None": "FAILED"}
    assert statuses(run) == expected, (run.err, reasons(run))
    assert reasons(run)["Fails"] == "exit code 3" and "not found in image" in reasons(run)["None"]
    assert (output(run, "Tests", "stdout"), output(run, "Tests", "stderr"), output(run, "Later")) == ("tested\n", "wrong\n", "Tests.txt\n")
    assert job_events(run, "job_finished")["Tests"]["report"] == "told\n"
    assert sorted(name.rpartition("__")[2] for name in podman.left()) == ["Fails", "None"]


def test_an_interrupted_run_leaves_nothing(project: Project, podman: Engine) -> None:
    project.config('p.job("Waits", "sleep 1000")', arguments=IMAGE)
    with project.running(*RUN, DOCKER_HOST=podman.host) as process:
        until(lambda: podman.container_of("Waits"))
        process.send_signal(signal.SIGINT)
        run = project.finish(process)
    assert (run.code, statuses(run)) == (130, {"Waits": "CANCELLED"}), run.err


def test_behind_ssh_no_line_is_lost_when_the_connection_drops(project: Project, podman: Engine) -> None:
    project.config(f'p.job("Counts", "{COUNT}; exit 3")', arguments=IMAGE)
    with sshd(engine=podman.host) as far:
        with project.running(*RUN, **far.way()) as process:
            until(lambda: podman.container_of("Counts") and "out 9\n" in podman.log_of("Counts"))
            with far.away():
                until(lambda: not podman.container_of("Counts"))
            run = project.finish(process)
        assert far.logins() > 1
    assert (counted(run), reasons(run)) == (COUNTED, {"Counts": "exit code 3"}), run.err
