#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run clang-tidy over the sources in a compilation database; skip those found clean before and unchanged since.

usage: tidy.py BUILD_DIR [JOBS]

What is remembered of a clean source lies in the user's cache directory, so that all clones share it: the files of ours that
it includes, and a digest of these, of the rules and of the compile command.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jaypore-ci-tidy"
CHECKED = ("src/", "bindings/")
LIBRARY_BODIES = ("src/jci/util/asio.cpp", "src/jci/util/boost_json.cpp", "src/jci/util/http_bodies_beast.cpp", "src/jci/util/asio_tls.cpp")


class Source:
    """One translation unit and what is known of it."""

    def __init__(self, entry: dict[str, str], build: Path) -> None:
        self.build = build
        self.name = str(Path(entry["file"]).relative_to(ROOT))
        self.arguments = shlex.split(entry["command"])
        while not self.arguments[0].endswith("c++"):  # the compiler launcher
            self.arguments.pop(0)
        self.memory = CACHE / (self.name.replace("/", "+") + ".json")

    def includes(self) -> list[str]:
        """The files of ours that this one consists of, itself first."""
        output = self.arguments.index("-o")
        command = self.arguments[:output] + self.arguments[output + 2 :] + ["-MM"]
        rule = subprocess.run(command, cwd=self.build, check=True, capture_output=True, text=True)
        files = [Path(word).resolve() for word in rule.stdout.replace("\\\n", " ").split()[1:]]
        return [str(f.relative_to(ROOT)) for f in files if f.is_relative_to(ROOT) and f.is_file()]

    def digest(self, files: list[str]) -> str:
        command = " ".join(self.arguments).replace(str(ROOT), "")
        text = hashlib.sha256(command.encode())
        for file in [".clang-tidy", *files]:
            path = ROOT / file
            text.update(path.read_bytes() if path.exists() else b"gone")
        return text.hexdigest()

    def known_clean(self) -> bool:
        try:
            memory = json.loads(self.memory.read_text())
        except (OSError, ValueError):
            return False
        return bool(memory["digest"] == self.digest(memory["files"]))

    def remember(self) -> None:
        files = [f for f in self.includes() if not f.startswith("build/")]
        text = json.dumps({"files": files, "digest": self.digest(files)})
        unique = self.memory.with_suffix(f".{os.getpid()}")
        unique.write_text(text)
        unique.replace(self.memory)

    def check(self) -> bool:
        command = ["clang-tidy-19", "--quiet", "-p", str(self.build), "--extra-arg=-Wno-unknown-warning-option"]
        result = subprocess.run([*command, str(ROOT / self.name)], capture_output=True, text=True)
        clean = result.returncode == 0
        print(f"clang-tidy: {self.name}: {'clean' if clean else 'FAILED'}", flush=True)
        if clean:
            self.remember()
        else:
            print(result.stdout, result.stderr, flush=True)
        return clean


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    CACHE.mkdir(parents=True, exist_ok=True)
    database = json.loads((build / "compile_commands.json").read_text())
    sources = [Source(entry, build) for entry in database if is_ours(entry["file"])]
    changed = [source for source in sources if not source.known_clean()]
    with ThreadPoolExecutor(jobs) as pool:
        failed = list(pool.map(Source.check, changed)).count(False)
    print(f"clang-tidy: {len(sources)} sources, {len(changed)} looked at, {failed} with findings")
    return 1 if failed else 0


def is_ours(file: str) -> bool:
    name = os.path.relpath(file, ROOT)
    return name.startswith(CHECKED) and name not in LIBRARY_BODIES


if __name__ == "__main__":
    sys.exit(main())
