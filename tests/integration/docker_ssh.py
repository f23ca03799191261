# SPDX-License-Identifier: MIT
"""Throw-away ssh servers on loopback, as tests see them: who logged in, and ways to disturb them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import HERE, environment_inside


class Sshd:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.directory = Path(environment["SSHD_DIR"])
        self.port = int(environment["SSHD"].rpartition(":")[2])

    def way(self, host: str = "ssh://far") -> dict[str, str]:
        """The variables of a `jci` that uses the engine behind this server, by an `ssh` that knows only what `config` says."""
        return {"DOCKER_HOST": host, "PATH": self.environment["PATH"]}

    def logins(self) -> int:
        return (self.directory / "log").read_text().count("\nAccepted ")

    def add_to_config(self, text: str) -> None:
        config = self.directory / "config"
        config.write_text(text + config.read_text())

    def become_another(self) -> None:
        """Has the user know another key by its name: as if his host were another one now."""
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.directory / "other"], check=True)
        key = " ".join((self.directory / "other.pub").read_text().split()[:2])
        (self.directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")

    def sessions(self) -> list[int]:
        pid = self.environment["SSHD_PID"]
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def drop(self) -> None:
        """Cuts all connections; new ones are welcome."""
        for session in self.sessions():
            with contextlib.suppress(ProcessLookupError):
                os.kill(session, signal.SIGKILL)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Cuts all connections, and answers none that are new until later."""
        pid = int(self.environment["SSHD_PID"])
        os.kill(pid, signal.SIGSTOP)
        try:
            self.drop()
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def clients(self) -> list[int]:
        """The `ssh` processes that use `config`, hops on the way included."""
        found = []
        mark = f"\0-F\0{self.directory / 'config'}\0".encode()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found


@contextlib.contextmanager
def sshd(*arguments: str, engine: str = "") -> Iterator[Sshd]:
    """A server whose sessions have `engine` as DOCKER_HOST."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "SSH"))}
    if engine:
        environment["DOCKER_HOST"] = engine
    with environment_inside([HERE.parent / "engine/with-sshd", *arguments], environment) as inside:
        yield Sshd(inside)


@pytest.fixture(name="sockets", autouse=True)
def sockets_directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the sockets of connections are; none is left."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="jci-t-") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        yield Path(name)
