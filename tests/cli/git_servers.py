# SPDX-License-Identifier: MIT
"""Git servers on loopback: git's own daemon, one behind ssh, and one that takes calls and says nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project import until


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


@contextmanager
def git_daemon(directory: Path) -> Iterator[str]:
    """Serves the repositories of `directory`, for writing too; the url of the directory."""
    port = free_port()
    served = [f"--base-path={directory}", "--export-all", "--enable=receive-pack"]
    with subprocess.Popen(
        ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", "--reuseaddr", *served],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    ) as daemon:
        try:
            until(lambda: answers(port))
            yield f"git://127.0.0.1:{port}"
        finally:
            os.killpg(daemon.pid, 15)


@contextmanager
def hanging_server() -> Iterator[str]:
    """Takes every call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"git://127.0.0.1:{server.getsockname()[1]}"


@dataclass
class SshServer:
    url: str  # of the root directory
    command: str  # git's GIT_SSH_COMMAND
    directory: Path

    @property
    def logins(self) -> int:
        return len((self.directory / "logins").read_text().splitlines())


@contextmanager
def ssh_server(scratch: Path) -> Iterator[SshServer]:
    directory = scratch / "ssh"
    directory.mkdir()
    program = [sys.executable, str(Path(__file__).parent / "ssh_server.py"), str(directory)]
    with subprocess.Popen(program, start_new_session=True, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            known = f"-o UserKnownHostsFile={directory}/known_hosts -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes"
            command = f"ssh -F none -i {directory}/id -o IdentitiesOnly=yes -o BatchMode=yes {known}"
            yield SshServer(f"ssh://git@127.0.0.1:{port}", command, directory)
        finally:
            os.killpg(server.pid, 15)
