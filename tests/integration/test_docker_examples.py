# SPDX-License-Identifier: MIT
"""What the documentation shows first works in containers too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from docker_engine import HERE, Engine, shared_engine
from project import ROOT, Project

__all__ = ["shared_engine"]


def settled(report: str) -> str:
    """Without what differs from run to run: ids, times, and the size of a zip with times in it."""
    report = re.sub(r"\[[0-9a-f]+ *\] +\d+: ?\d+", "[ID] TIME", report)
    return re.sub(r"\[\d+ bytes\]", "[SIZE]", report)


def give_python(engine: Engine) -> None:
    """An engine that cannot reach a registry gets a python:3.11 of this machine's."""
    if engine.docker("image", "inspect", "python:3.11", check=False) in ("", "[]"):
        image = subprocess.run([HERE.parent / "engine/make-image", "python"], capture_output=True, text=True, check=True).stdout.strip()
        engine.docker("load", "-q", "-i", image)


def test_the_quickstart_reports_the_same_in_containers_and_as_processes(tmp_path: Path, engine: Engine) -> None:
    give_python(engine)
    project = Project(tmp_path)
    subprocess.run(["cp", "-rL", f"{ROOT}/examples/quickstart/.", str(project.path)], check=True)
    project.commit()
    in_containers = project.run("--executor", "docker")
    assert in_containers.code == 0, in_containers.out + in_containers.err
    as_processes = project.run("--executor", "shell")
    assert settled(in_containers.report) == settled(as_processes.report)
    assert "ApiTest         [ID] TIME ❮-- ['Api']" in settled(in_containers.report)
    assert engine.left() == [], in_containers.err
