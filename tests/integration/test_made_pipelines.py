# SPDX-License-Identifier: MIT
"""The pipelines that `jci init` makes do what they are for, in containers: a sound project passes, a broken one does not."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker_engine import Engine, shared_engine
from project import Finished, Project, make_project
from test_docker_examples import give_python
from test_docker_socket import needs_static_docker

__all__ = ["make_project", "shared_engine"]

# What a Python image is given, of this machine's packages: with them pip finds all that the made Dockerfile asks it for, and builds packages.
PYTHON_PACKAGES = (
    "python3-attr", "python3-coverage", "python3-iniconfig", "python3-packaging", "python3-pip", "python3-pkg-resources", "python3-pluggy",
    "python3-pytest", "python3-pytest-cov", "python3-setuptools", "python3-wheel",
)  # fmt: skip

# No package of Debian has ruff: this one only compiles.
RUFF = """\
#!/bin/sh
[ "$*" = "check ." ] && exec python3 -m compileall -q .
"""

PYTHON_DOCKERFILE = """\
FROM python:3.11
COPY root /
ENV PIP_BREAK_SYSTEM_PACKAGES=1 PIP_NO_BUILD_ISOLATION=0 PIP_NO_INDEX=1
"""


def stand_in_for_python(engine: Engine, context: Path) -> None:
    give_python(engine)
    root = context / "root"
    listed = subprocess.run(["dpkg", "-L", *PYTHON_PACKAGES], capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip(f"a Python image takes Debian's packages: {listed.stderr.strip()}")
    for path in map(Path, listed.stdout.split("\n")):
        if path.is_file() and path.is_relative_to("/usr/lib/python3/dist-packages"):
            copy = root / path.relative_to("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    programs = root / "usr/bin"
    programs.mkdir(parents=True)
    metadata = root / "usr/lib/python3/dist-packages/ruff-0.1.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: ruff\nVersion: 0.1\n")
    for name, text in (("ruff", RUFF), ("pip", '#!/bin/sh\nexec python3 -m pip "$@"\n')):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (context / "Dockerfile").write_text(PYTHON_DOCKERFILE)
    engine.docker("build", "-q", "-t", "python:3.12-slim", str(context))


def is_there(engine: Engine, image: str) -> bool:
    return engine.docker("image", "inspect", image, check=False) not in ("", "[]")


def stand_in_for_node(engine: Engine, context: Path) -> None:
    """This machine's node, with its libraries, and its npm."""
    node, npm = (Path(shutil.which(name) or "/none").resolve() for name in ("node", "npm"))
    package = npm.parents[1]
    if not node.exists() or not (package / "node_modules").is_dir():
        pytest.skip("no node here, or no npm that is all in one directory: there is nothing to make an image of")
    linked = subprocess.run(["ldd", node], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"(/\S+) \(0x", linked):
        copy = context / "root" / library.removeprefix("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)
    programs = context / "root/bin"
    programs.mkdir(exist_ok=True)
    shutil.copy(node, programs / "node")
    shutil.copytree(package, context / "root/npm", symlinks=True)
    (programs / "npm").write_text(f'#!/bin/sh\nexec node /npm/{npm.relative_to(package)} "$@"\n')
    (programs / "npm").chmod(0o755)
    (context / "Dockerfile").write_text("FROM busybox:local\nCOPY root /\nENV NPM_CONFIG_OFFLINE=true NPM_CONFIG_UPDATE_NOTIFIER=false\n")
    engine.docker("build", "-q", "-t", "node:22-slim", str(context))


@pytest.fixture(name="images")
def make_images(engine: Engine) -> Iterator[None]:
    """What every made pipeline names; of this machine's where the engine has none, and then gone afterwards."""
    missing = [name for name in ("docker:cli", "debian:12-slim") if not is_there(engine, name)]
    if "docker:cli" in missing:
        needs_static_docker()
    for name in missing:
        engine.docker("tag", "busybox:local", name)
    yield
    made = engine.lines("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=project-ci")
    engine.docker("rmi", "-f", *made, *missing, check=False)


@contextlib.contextmanager
def one_that_stands_in(engine: Engine, name: str, make: Callable[[Engine, Path], None], context: Path) -> Iterator[None]:
    if is_there(engine, name):
        yield
        return
    context.mkdir()
    make(engine, context)
    yield
    engine.docker("rmi", "-f", name, check=False)


@pytest.fixture(name="python_image")
def make_python_image(engine: Engine, images: None, tmp_path: Path) -> Iterator[None]:
    with one_that_stands_in(engine, "python:3.12-slim", stand_in_for_python, tmp_path / "context"):
        yield


@pytest.fixture(name="node_image")
def make_node_image(engine: Engine, images: None, tmp_path: Path) -> Iterator[None]:
    with one_that_stands_in(engine, "node:22-slim", stand_in_for_node, tmp_path / "context"):
        yield


def set_up(project: Project, files: dict[str, str]) -> Finished:
    for name, text in files.items():
        project.write(name, text)
    project.git("init", "-q", "-b", "main")
    told = project.jci("init", "-y")
    assert told.code == 0, told.err
    return built(project)


def built(project: Project) -> Finished:
    project.commit()
    return project.run("--executor", "docker")


@pytest.mark.usefixtures("python_image")
def test_of_a_python_package(project: Project, engine: Engine) -> None:
    source = "src/greeting/__init__.py"
    good = set_up(
        project,
        {
            "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "greeting"\nversion = "1"\n',
            source: 'def greet(name):\n    return f"Hello {name}"\n\n\ndef unused():\n    return 1\n',
            "tests/test_greeting.py": 'from greeting import greet\n\n\ndef test_greets():\n    assert greet("A") == "Hello A"\n',
        },
    )
    assert good.code == 0, good.out + good.err
    assert project.statuses() == {"BuildImage": "PASSED", "Lint": "PASSED", "PyTest": "PASSED"}
    assert "PyTest: tests: 1 passed; coverage: 85.7%" in good.out  # of seven lines, those of the tests included, one does not run
    project.write(source, (project.path / source).read_text().replace("Hello", "Bye"))
    bad = built(project)
    assert (bad.code, project.statuses()) == (1, {"BuildImage": "PASSED", "Lint": "PASSED", "PyTest": "FAILED"})
    assert "AssertionError: assert 'Bye A' == 'Hello A'" in bad.out
    engine.clear_kept()
    assert engine.left() == []


@pytest.mark.usefixtures("node_image")
def test_of_a_node_package(project: Project, engine: Engine) -> None:
    good = set_up(
        project,
        {
            "package.json": '{"name": "greeting", "scripts": {"build": "node --check index.js", "test": "node --test"}}\n',
            "index.js": "exports.greet = (name) => `Hello ${name}`;\n",
            "greeting.test.js": 'const test = require("node:test");\nconst { greet } = require("./index.js");\ntest("greets", () => require("node:assert").equal(greet("A"), "Hello A"));\n',
        },
    )
    assert good.code == 0, good.out + good.err
    assert project.statuses() == {"BuildImage": "PASSED", "Install": "PASSED", "Build": "PASSED", "Test": "PASSED"}
    project.write("index.js", (project.path / "index.js").read_text().replace("Hello", "Bye"))
    bad = built(project)
    assert (bad.code, project.statuses()) == (1, {"BuildImage": "PASSED", "Install": "PASSED", "Build": "PASSED", "Test": "FAILED"})
    engine.clear_kept()
    assert engine.left() == []


@pytest.mark.usefixtures("images")
def test_of_a_project_of_no_kind(project: Project, engine: Engine) -> None:
    good = set_up(project, {"notes": "x"})
    assert (good.code, project.statuses()) == (0, {"BuildImage": "PASSED", "Look": "PASSED"}), good.out + good.err
    project.write("cicd/Dockerfile", "FROM debian:12-slim\nRUN false\n")
    bad = built(project)
    assert (bad.code, project.statuses()) == (1, {"BuildImage": "FAILED", "Look": "SKIPPED"})
    engine.clear_kept()
    assert engine.left() == []
