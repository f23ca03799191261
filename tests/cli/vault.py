# SPDX-License-Identifier: MIT
"""A repository with secrets, and the real `jci secrets`."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import DEADLINE, JCI, ROOT, Finished, Project

SAMPLES = ROOT / "tests/data/sops"  # what real sops wrote
KEY_A = (SAMPLES / "a.key").read_text().strip()
KEY_B = (SAMPLES / "b.key").read_text().strip()
AGE_A = "age19q4exes0jqmqgqxnyeydu6gfsuxrv7zsyw2k9s3ek7ru5vxrj5aql8pd35"
AGE_B = "age1ak4xgt6hmyzn69nccx8gc5fkyz2yssurqjcjsfmgq8kv67e4py5ql9qv4j"


class Vault(Project):
    """Has `secrets/ci.key`; `secrets/ci.enc` once something is set."""

    def __init__(self, scratch: Path, memory: Path) -> None:
        super().__init__(scratch)
        self.memory = memory
        self.enc = self.path / "secrets/ci.enc"
        self.key = self.path / "secrets/ci.key"
        for name in ("SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "EDITOR", "VISUAL", "ENV", "BASH_ENV"):
            self.environment.pop(name, None)
        self.environment["XDG_RUNTIME_DIR"] = str(memory)
        self.git("init", "-q", "-b", "main")
        self.use_key(KEY_A)

    def use_key(self, key: str) -> None:
        self.write("secrets/ci.key", key + "\n").chmod(0o600)

    def use_sample(self, name: str) -> bytes:
        """Takes a file of real sops; gives its bytes."""
        shutil.copy(SAMPLES / name, self.enc)
        return self.enc.read_bytes()

    def say(self, command: list[str], *, stdin: str = "", where: str = ".", **variables: str) -> Finished:
        """Runs a command. Bytes come as they are: no line end is made another."""
        done = subprocess.run(
            command,
            input=stdin.encode(errors="surrogateescape"),
            cwd=self.path / where,
            env=self.environment | variables,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape"))

    def secrets(self, *arguments: str, stdin: str = "", where: str = ".", **variables: str) -> Finished:
        return self.say([JCI, "secrets", *arguments], stdin=stdin, where=where, **variables)

    def said(self, *arguments: str, stdin: str = "", **variables: str) -> str:
        """What a call prints that succeeds and has nothing to say besides."""
        done = self.secrets(*arguments, stdin=stdin, **variables)
        assert (done.code, done.err) == (0, "")
        return done.out

    def set_all(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            assert self.said("set", "ci", name, stdin=value) == ""

    def values(self) -> dict[str, str]:
        """What a process gets, each value as it is."""
        names = self.said("list", "ci").split()
        dump = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.environb[n.encode()] for n in sys.argv[1:]))"
        found = self.said("exec", "ci", "--", sys.executable, "-c", dump, *names)
        return dict(zip(names, found.split("\0"), strict=True)) if names else {}

    def editor(self, script: str) -> str:
        """An editor that is a shell script; `$1` is the file. Its name has a space in it."""
        file = self.scratch / "my editor"
        file.write_text(f"#!/bin/sh\nset -eu\n{script}\n")
        file.chmod(0o755)
        return f"'{file}'"

    def add_scripts(self) -> None:
        """Those of `secrets/bin`, with `jci` on PATH."""
        for name, text in scripts().items():
            self.write(f"secrets/bin/{name}.sh", text).chmod(0o755)
        self.environment["PATH"] = f"{Path(JCI).parent}:{self.environment['PATH']}"

    def left_in_memory(self) -> list[str]:
        # Unlike Path.rglob, os.walk bears that something goes away meanwhile.
        found = [Path(folder, name) for folder, folders, files in os.walk(self.memory) for name in folders + files]
        return sorted(str(path.relative_to(self.memory)) for path in found)

    def files_with(self, text: str) -> list[Path]:
        """All files that this vault's commands could have written that have `text` in them."""
        files = (file for place in (self.scratch, self.memory) for file in place.rglob("*"))
        return [file for file in files if file.is_file() and text.encode() in file.read_bytes()]


def scripts() -> dict[str, str]:
    """The texts of the scripts in `secrets/bin`, from where the program has them."""
    source = (ROOT / "src/jci/secrets/shell.cpp").read_text()
    return dict(re.findall(r'k_(\w+)_script =\s+R"\((.*?)\)"', source, re.DOTALL))


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture(name="vault")
def make_vault(tmp_path: Path) -> Iterator[Vault]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        yield Vault(tmp_path, Path(memory))

