# SPDX-License-Identifier: MIT
"""Podman in Docker's place: `podman system service` on a socket of its own, and behind ssh."""

from __future__ import annotations

import contextlib
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


@contextlib.contextmanager
def podman_service(hidden: Path | None = None, rootless: bool = False) -> Iterator[Engine]:
    """One that does not see what is in `hidden`; `rootless`: of a user without rights."""
    tools = ["podman", "runc", "catatonit", "docker", *(["newuidmap", "slirp4netns"] if rootless else [])]
    if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in tools):
        pytest.skip(f"not all of {', '.join(tools)} are here, or we are not root")
    image = subprocess.run([HERE.parent / "engine/make-image", "busybox"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="jci-podman-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        (directory / "containers.conf").write_text(SETTINGS)
        socket = directory / "podman.sock"
        command = ["podman", *places(directory), "system", "service", "--time", "0", f"unix://{socket}"]
        if hidden is not None:
            command = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"', str(hidden), *command]
        if rootless:
            command = as_a_user(directory, command)
        environment = os.environ | {"CONTAINERS_CONF": str(directory / "containers.conf")}
        with (directory / "log").open("wb") as log:
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


def places(directory: Path) -> list[str]:
    return [word for place in ("root", "runroot", "tmpdir") for word in (f"--{place}", str(directory / place))]


# A user of this machine who is seen by nobody else, as he has an /etc of his own; with what rootless Podman needs: ids for containers, a
# runtime directory below /run, and the right to open /dev/net/tun, without which there is no network but the host's. What he starts ends with him.
USER_ID = 4711
USER = f"""\
set -e
mount -t tmpfs tmpfs "$1"
cp -a /etc "$1/etc"
echo 'jci-podman:x:{USER_ID}:{USER_ID}::/:/bin/sh' >>"$1/etc/passwd"
echo 'jci-podman:x:{USER_ID}:' >>"$1/etc/group"
for ids in subuid subgid; do echo 'jci-podman:1000000:65536' >"$1/etc/$ids"; done
mount --bind "$1/etc" /etc
mkdir -p /run/user
mount -t tmpfs tmpfs /run/user
install -d -m 700 -o {USER_ID} -g {USER_ID} /run/user/{USER_ID}
mount -t tmpfs -o mode=755,dev tmpfs /dev/net
mknod -m 666 /dev/net/tun c 10 200
chown {USER_ID}:{USER_ID} "$2"
shift 2
exec setpriv --reuid {USER_ID} --regid {USER_ID} --clear-groups env XDG_RUNTIME_DIR=/run/user/{USER_ID} "$@"
"""


def as_a_user(directory: Path, command: list[str]) -> list[str]:
    """Such a one runs `command`, and owns `directory`."""
    etc = directory / "etc"
    etc.mkdir()
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "slave"]
    return [*apart, "sh", "-c", USER, "sh", str(etc), str(directory), "env", f"HOME={directory}", *command]


@pytest.fixture(name="podman", scope="module")
def make_podman() -> Iterator[Engine]:
    with podman_service() as engine:
        yield engine


@pytest.fixture(name="podman_elsewhere", scope="module")
def make_podman_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with podman_service(tmp_path_factory.getbasetemp()) as engine:
        yield engine


@pytest.fixture(name="podman_rootless", scope="module")
def make_podman_rootless() -> Iterator[Engine]:
    with podman_service(rootless=True) as engine:
        yield engine


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> None:
    for name in ("podman", "podman_elsewhere", "podman_rootless"):
        if name in request.fixturenames:
            request.getfixturevalue(name).clear()


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
    assert reasons(run)["Fails"] == "exit code 3"
    assert reasons(run)["None"].startswith("could not start: the engine cannot start the container; ") and "/no/such/program" in reasons(run)["None"]
    assert (output(run, "Tests", "stdout"), output(run, "Tests", "stderr"), output(run, "Later")) == ("tested\n", "wrong\n", "Tests.txt\n")
    assert job_events(run, "job_finished")["Tests"]["report"] == "told\n"
    assert sorted(name.rpartition("__")[2] for name in podman.left()) == ["Fails", "None"], run.err


def test_rootless_jobs_services_and_files(project: Project, podman_rootless: Engine) -> None:
    """They have a network of their own, and files: of a user who may not read those of this one."""
    project.write("of-commit", "committed\n")
    project.config(
        'p.job("Service", "mkdir -p www; echo served >www/page; exec httpd -f -p 8000 -h www", is_service=True, ready=8000)\n'
        'p.job("Tests", "read id user rest </proc/self/uid_map; echo $user; cat of-commit; wget -qO- http://service:8000/page; echo told >Tests.txt; echo made >made", depends_on=["Service"])\n'
        'p.job("Fails", "exit 3")\np.job("Later", "ls Tests.txt", depends_on=["Tests"])\n',
        arguments=IMAGE,
    )  # fmt: skip
    run = docker_run(project, DOCKER_HOST=podman_rootless.host)
    assert statuses(run) == {"Service": "PASSED", "Tests": "PASSED", "Fails": "FAILED", "Later": "PASSED"}, (run.err, reasons(run))
    assert (output(run, "Tests"), output(run, "Later"), reasons(run)["Fails"]) == (f"{USER_ID}\ncommitted\nserved\n", "Tests.txt\n", "exit code 3")
    assert job_events(run, "job_finished")["Tests"]["report"] == "told\n"
    assert (Path(run.events[0]["workspace"]) / "made").read_text() == "made\n", run.err
    assert [name.rpartition("__")[2] for name in podman_rootless.containers()] == ["Fails"], run.err


def test_an_interrupted_run_leaves_nothing(project: Project, podman: Engine) -> None:
    project.config('p.job("Waits", "sleep 1000")', arguments=IMAGE)
    with project.running(*RUN, DOCKER_HOST=podman.host) as process:
        until(lambda: podman.container_of("Waits"))
        process.send_signal(signal.SIGINT)
        run = project.finish(process)
    assert (run.code, statuses(run)) == (130, {"Waits": "CANCELLED"}), run.err
    assert podman.left() == []


def test_behind_ssh_no_line_is_lost_when_the_connection_drops(project: Project, podman: Engine) -> None:
    project.config(f'p.job("Counts", "{COUNT}")', arguments=IMAGE)
    with sshd(engine=podman.host) as far:
        with project.running(*RUN, **far.way()) as process:
            until(lambda: podman.container_of("Counts") and "out 9\n" in podman.log_of("Counts"))
            with far.away():
                until(lambda: not podman.container_of("Counts"))
            run = project.finish(process)
        assert far.logins() > 1
    assert (counted(run), statuses(run)) == (COUNTED, {"Counts": "PASSED"}), run.err


LOOKS = "cat of-commit; wc -c <big; test -e made && echo old; echo told >Looks.txt; echo made >made"


def test_one_on_another_machine_gets_the_files_and_gives_back_what_jobs_wrote(project: Project, podman_elsewhere: Engine) -> None:
    project.write("of-commit", "committed\n")
    (project.path / "big").write_bytes(os.urandom(1_000_000))
    project.config(f'p.job("Looks", "{LOOKS}")', arguments=IMAGE)
    with sshd(engine=podman_elsewhere.host) as far:
        for _ in range(2):
            run = docker_run(project, **far.way())
            assert (statuses(run), output(run, "Looks")) == ({"Looks": "PASSED"}, "committed\n1000000\n"), (run.err, reasons(run))
            assert job_events(run, "job_finished")["Looks"]["report"] == "told\n"
            assert (Path(run.events[0]["workspace"]) / "made").read_text() == "made\n"
    assert podman_elsewhere.left() == []
