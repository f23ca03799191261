# SPDX-License-Identifier: MIT
"""The engine that the tests run jobs on, seen through the `docker` command: what is left on it, and ways to disturb it."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from project import Finished, Project

HERE = Path(__file__).resolve().parent
OURS = "label=in.jayporeci.run"
IMAGE = 'image="busybox:local"'

# A job that takes six seconds and tells them, and what it says on each stream.
COUNT = "i=0; while test $i -lt 60; do echo out $i; echo err $i >&2; i=$((i+1)); usleep 100000; done"
COUNTED = {stream: "".join(f"{stream} {number}\n" for number in range(60)) for stream in ("out", "err")}


class Engine:
    def __init__(self, host: str) -> None:
        self.host = host

    def docker(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(["docker", "-H", self.host, *arguments], capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def lines(self, *arguments: str) -> list[str]:
        return self.docker(*arguments).splitlines()

    # ---- what is on it

    def containers(self, *filters: str) -> list[str]:
        """Names of ours, running or not."""
        chosen = [word for each in filters for word in ("--filter", each)]
        return sorted(self.lines("ps", "-a", "--filter", OURS, *chosen, "--format", "{{.Names}}"))

    def networks(self) -> set[str]:
        """Names of ours."""
        return set(self.lines("network", "ls", "--filter", OURS, "--format", "{{.Name}}"))

    def left(self) -> list[str]:
        """All that is ours: none of it should outlive a run, but for kept containers."""
        return [
            *(f"container {name}" for name in self.containers()),
            *(f"network {name}" for name in self.lines("network", "ls", "--filter", OURS, "--format", "{{.Name}}")),
            *(f"volume {name}" for name in self.lines("volume", "ls", "--filter", OURS, "--format", "{{.Name}}")),
        ]

    def everything(self) -> list[str]:
        """Ours and others'."""
        return sorted(
            self.lines("ps", "-aq", "--no-trunc") + self.lines("network", "ls", "-q", "--no-trunc")
            + self.lines("volume", "ls", "-q") + self.lines("images", "-q", "--no-trunc")
        )  # fmt: skip

    def clear(self) -> None:
        """Removes all that is ours, so that the next test sees only its own."""
        if containers := self.lines("ps", "-aq", "--filter", OURS):
            self.docker("rm", "-f", "-v", *containers, check=False)
        for kind, listing in (("network", ["network", "ls", "-q"]), ("volume", ["volume", "ls", "-q"])):
            if found := self.lines(*listing, "--filter", OURS):
                self.docker(kind, "rm", *found, check=False)

    def clear_kept(self) -> None:
        """Removes the containers of failed jobs of runs that ended in good order: those whose network is gone."""
        running = set(self.lines("network", "ls", "--filter", OURS, "--format", '{{.Label "in.jayporeci.run"}}'))
        for line in self.lines("ps", "-a", "--filter", OURS, "--format", '{{.ID}} {{.Label "in.jayporeci.run"}}'):
            container, run = line.split()
            if run not in running:
                self.docker("rm", "-f", container)

    def container_of(self, job: str) -> str:
        """The id of the job's container while there is one, else an empty text."""
        return self.docker("ps", "-q", "--filter", f"label=in.jayporeci.job={job}", check=False)

    def log_of(self, job: str) -> str:
        """What the job's container has written to its stdout up to now."""
        container = self.container_of(job)
        return self.docker("logs", container, check=False) + "\n" if container else ""


class PrivateEngine(Engine):
    """One of ours, which can be stopped and started."""

    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__(environment["DOCKER_HOST"])
        self.environment = environment
        self.address = environment["ENGINE_ADDRESS"]

    def control(self, *commands: str) -> None:
        for command in commands:
            subprocess.run([str(HERE.parent / "engine/engine"), command], env=self.environment, check=True)


@contextlib.contextmanager
def environment_inside(script: Sequence[str | Path], environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """What a script that runs a command beside something has that command see; the command goes on until the end."""
    show = ["sh", "-c", "env -0; printf '\\0\\0'; exec cat >/dev/null"]
    with subprocess.Popen([*script, "--", *show], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            told = b""
            while not told.endswith(b"\0\0\0") and (piece := os.read(process.stdout.fileno(), 65536)):
                told += piece
            pairs = (entry.split("=", 1) for entry in told.decode().strip("\0").split("\0"))
            yield dict(pair for pair in pairs if len(pair) == 2)
        finally:
            process.stdin.close()
            process.wait()


@contextlib.contextmanager
def private_engine(*arguments: str, hidden: Path | None = None, images: tuple[str, ...] = ("busybox",), nat: bool = False) -> Iterator[PrivateEngine]:
    """An engine for this test alone, which does not see what is in `hidden`; with `nat` what it builds reaches Debian's packages."""
    options = [word for argument in arguments for word in ("--arg", argument)]
    for image in images:
        made = subprocess.run([HERE.parent / "engine/make-image", image], stdout=subprocess.PIPE, text=True, check=True)
        options += ["--load", made.stdout.strip()]
    if nat:
        options.append("--nat")
    if hidden is not None:
        options += ["--hide", str(hidden)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "ENGINE_"))}
    with environment_inside([HERE.parent / "engine/with-engine", *options], environment) as inside:
        yield PrivateEngine(inside)


class Proxy:
    """A socket in front of the engine's, which can go away and come back, and tells of what is asked."""

    def __init__(self, path: Path, engine: str) -> None:
        self.path = path
        self.engine = engine.removeprefix("unix://")
        self.open: set[socket.socket] = set()
        self.listener: socket.socket | None = None
        self.on_request: Callable[[bytes], None] = lambda _: None  # before the engine sees it

    @property
    def host(self) -> str:
        return f"unix://{self.path}"

    def listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        return listener

    def connect(self) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.engine)
        return server

    def appear(self) -> None:
        listener = self.listen()
        listener.listen(64)
        self.listener = listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def vanish(self) -> None:
        if self.listener is None:
            return
        self.path.unlink(missing_ok=True)
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self.cut()

    def cut(self) -> None:
        """Ends all connections; new ones are welcome."""
        for each in list(self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), self.connect() as server:
            other = {client: server, server: client}
            self.open |= {client, server}
            try:
                while other:
                    for source in select.select(list(other), [], [])[0]:
                        if data := source.recv(65536):
                            if source is client:
                                self.on_request(data)
                            (server if source is client else client).sendall(data)
                            continue
                        (server if source is client else client).shutdown(socket.SHUT_WR)
                        other.pop(source)
            finally:
                self.open -= {client, server}


AnyProxy = TypeVar("AnyProxy", bound=Proxy)


class Road(Proxy):
    """A port of this machine in front of another one; while it is away it refuses, as a machine does whose server is not up."""

    def __init__(self, to: int) -> None:
        super().__init__(Path("/nonexistent"), "")
        self.to = to
        self.port = 0

    def listen(self) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        return listener

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.to))


@contextlib.contextmanager
def proxy(directory: Path, engine: str) -> Iterator[Proxy]:
    with apparent(Proxy(directory / "proxy.sock", engine)) as made:
        yield made


@contextlib.contextmanager
def apparent(made: AnyProxy) -> Iterator[AnyProxy]:
    made.appear()
    try:
        yield made
    finally:
        made.vanish()


# ---- runs


def job_events(run: Finished, event: str) -> dict[str, dict[str, Any]]:
    """By job."""
    return {told["job"]: told for told in run.events if told["event"] == event}


def statuses(run: Finished) -> dict[str, str]:
    return {job: told["status"] for job, told in job_events(run, "job_finished").items()}


def reasons(run: Finished) -> dict[str, str]:
    return {job: told["reason"] for job, told in job_events(run, "job_finished").items() if told["reason"] is not None}


def output(run: Finished, job: str, stream: str | None = None) -> str:
    return "".join(
        told["text"] for told in run.events
        if told["event"] == "job_output" and told["job"] == job and stream in (None, told["stream"])
    )  # fmt: skip


def warnings(run: Finished) -> list[str]:
    return [told["message"] for told in run.events if told["event"] == "warning"]


def counted(run: Finished, job: str = "Counts") -> dict[str, str]:
    return {"out": output(run, job, "stdout"), "err": output(run, job, "stderr")}


def docker_run(project: Project, *arguments: str, **variables: str) -> Finished:
    return project.run("--executor", "docker", "--json", *arguments, **variables)


@pytest.fixture(name="engine")
def shared_engine() -> Iterator[Engine]:
    """The one that all tests share, without anything of ours at the beginning."""
    host = os.environ.get("DOCKER_HOST", "")
    if not host or shutil.which("docker") is None:
        pytest.skip("DOCKER_HOST names no engine; run this below tests/engine/with-engine, as ./dev test does")
    engine = Engine(host)
    engine.clear()
    yield engine
    engine.clear()
