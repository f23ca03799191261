# SPDX-License-Identifier: MIT
"""Engines at their limits: a registry that breaks off, a disk that is full."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import select
import socket
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import IMAGE, Engine, PrivateEngine, docker_run, output, private_engine, reasons, shared_engine, statuses
from project import Project, make_project

__all__ = ["make_project", "shared_engine"]

MB = 1_000_000


@pytest.fixture(autouse=True)
def needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("an engine of our own takes root")


class BreakingProxy:
    """In front of a registry: cuts each connection when it has passed on more than `most` bytes of answers."""

    def __init__(self, registry: str, most: int) -> None:
        host, _, port = registry.partition(":")
        self.registry = (host, int(port))
        self.most = most
        self.listener = socket.create_server(("0.0.0.0", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def seen_from(self, engine: PrivateEngine) -> str:
        """Its address, for that engine."""
        return f"{engine.address.rpartition('.')[0]}.1:{self.listener.getsockname()[1]}"

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        passed = 0
        with client, contextlib.suppress(OSError), socket.create_connection(self.registry) as server:
            while passed <= self.most:
                for source in select.select([client, server], [], [])[0]:
                    if not (data := source.recv(65536)):
                        return
                    (server if source is client else client).sendall(data)
                    passed += len(data) if source is server else 0


@contextlib.contextmanager
def breaking_proxy(registry: str, most: int) -> Iterator[BreakingProxy]:
    proxy = BreakingProxy(registry, most)
    try:
        yield proxy
    finally:
        proxy.close()


def import_image(engine: Engine, name: str, size: int) -> None:
    """Gives the engine an image of one file that cannot be compressed."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        file = tarfile.TarInfo("data")
        file.size = size
        archive.addfile(file, io.BytesIO(os.urandom(size)))
    subprocess.run(["docker", "-H", engine.host, "import", "-", name], input=tar.getvalue(), check=True, capture_output=True)


def docker_config(directory: Path, registry: str) -> str:
    """One with the credentials of with-registry; returns what DOCKER_CONFIG takes."""
    directory.mkdir()
    auth = base64.b64encode(b"jci:secret").decode()
    (directory / "config.json").write_text(json.dumps({"auths": {registry: {"auth": auth}}}))
    return str(directory)


@pytest.fixture(name="big_image")
def push_big_image(project: Project, engine: Engine) -> str:
    """In the registry only."""
    if not (registry := os.environ.get("REGISTRY")):
        pytest.skip("no registry; run this below tests/engine/with-registry, as ./dev test does")
    name = f"{registry}/some/big:{project.scratch.name.lower()}"
    import_image(engine, name, 16 * MB)
    config = docker_config(project.scratch / "push", registry)
    subprocess.run(["docker", "--config", config, "-H", engine.host, "push", "-q", name], check=True, capture_output=True)
    engine.docker("rmi", name)
    return name


def test_a_pull_that_breaks_off_fails_its_jobs_and_no_others(project: Project, big_image: str) -> None:
    registry, _, rest = big_image.partition("/")
    # Tried once: each further attempt comes after a longer wait.
    with private_engine("--max-download-attempts=1") as own, breaking_proxy(registry, MB) as way:
        through = way.seen_from(own)
        config = docker_config(project.scratch / "pull", through)
        project.config(
            f'p.job("Big", ["true"], image="{through}/{rest}")\np.job("Same", ["true"], image="{through}/{rest}")\n'
            'p.job("Other", "true")\np.job("After", "true", depends_on=["Other"])\np.job("Skipped", "true", depends_on=["Big"])\n',
            arguments=IMAGE,
        )
        run = docker_run(project, DOCKER_HOST=own.host, DOCKER_CONFIG=config)
        left = own.left()
    told = reasons(run)
    assert (statuses(run), run.code) == (
        {"Big": "FAILED", "Same": "FAILED", "Other": "PASSED", "After": "PASSED", "Skipped": "SKIPPED"},
        1,
    ), told
    assert told["Big"].startswith(f"could not start: the pull of image `{through}/{rest}` broke off: "), told
    assert told["Big"].endswith(f"; run again, or look after registry `{through}` and the engine's disk")
    assert told["Same"] == told["Big"]
    assert left == []


@contextlib.contextmanager
def small_disk(directory: Path, size: str) -> Iterator[Path]:
    directory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)


def test_a_full_disk_is_told_and_nothing_stays_on_it(project: Project, big_image: str) -> None:
    arguments = f'{IMAGE}, executor=executors.Docker(keep="never")'
    one_by_one = ["-j", "1"]
    with small_disk(project.scratch / "disk", "24m") as disk, private_engine(f"--data-root={disk}/data") as own:
        project.config('p.job("Fills", "cat /dev/zero >/big || exit 7")\np.job("Next", "true")\n', arguments=arguments)
        run = docker_run(project, *one_by_one, DOCKER_HOST=own.host)
        assert (statuses(run), reasons(run)["Fills"], run.code) == ({"Fills": "FAILED", "Next": "FAILED"}, "exit code 7", 1)
        assert output(run, "Fills") == "cat: write error: No space left on device\n"
        assert reasons(run)["Next"].startswith(
            "could not start: the engine cannot start the container; see whether its disk is full, and the job's arguments: "
        )
        assert reasons(run)["Next"].endswith("no space left on device)")
        assert own.left() == []

        registry, _, rest = big_image.partition("/")
        with breaking_proxy(registry, 1000 * MB) as way:  # that is: never
            image = f"{way.seen_from(own)}/{rest}"
            config = docker_config(project.scratch / "pull", way.seen_from(own))
            project.config(f'p.job("Big", ["true"], image="{image}")\np.job("Next", "true")\n', arguments=arguments)
            run = docker_run(project, *one_by_one, DOCKER_HOST=own.host, DOCKER_CONFIG=config)
        assert statuses(run) == {"Big": "FAILED", "Next": "PASSED"}, reasons(run)
        assert reasons(run)["Big"].startswith(f"could not start: the pull of image `{image}` broke off: ")
        assert "no space left on device; run again, or look after registry" in reasons(run)["Big"]
        assert own.left() == []
