# SPDX-License-Identifier: MIT
"""Packages of npm that tests ask for another opinion."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from project import ROOT


def installed(name: str) -> Path:
    """Where Node finds what the programs of `tests/NAME` need, and they are; made once. Skips the test where that cannot be had."""
    source = ROOT / "tests" / name
    place = ROOT / "build/npm" / name
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip(f"no npm and node on PATH: tests/{name} cannot be asked")
    wanted = (source / "package.json").read_text()
    if not (place / "done").exists() or (place / "done").read_text() != wanted:
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / "package.json", place)
        npm = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=place, capture_output=True, text=True, check=False)
        if npm.returncode != 0:
            pytest.skip(f"npm cannot install what tests/{name} needs: {npm.stderr.strip()[-300:]}")
        (place / "done").write_text(wanted)
    for program in source.glob("*.mjs"):
        shutil.copy(program, place)
    return place


def answer(place: Path, program: str, *arguments: str, stdin: str = "") -> Any:
    """The JSON that it prints."""
    done = subprocess.run(["node", str(place / program), *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
