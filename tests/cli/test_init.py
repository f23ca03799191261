# SPDX-License-Identifier: MIT
"""`jci init` sets a repository up, and `jci init --undo` takes that back."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
from pathlib import Path

import pytest
from project import JCI, ROOT, Finished, Project, make_project

__all__ = ["make_project"]

MADE = [
    ".gitattributes",
    ".gitignore",
    "cicd/Dockerfile",
    "cicd/cicd.py",
    "cicd/pre-push.sh",
    "secrets/bin/edit_env.sh",
    "secrets/bin/set_env.sh",
    "secrets/ci.key",
]


@pytest.fixture(name="repository")
def make_repository(project: Project) -> Project:
    project.environment["PATH"] = f"{Path(JCI).parent}:{project.environment['PATH']}"
    project.git("init", "-q", "-b", "main")
    project.git("config", "user.name", "A")
    project.git("config", "user.email", "a@example.org")
    return project


def snapshot(project: Project) -> dict[str, tuple[int, str | bytes]]:
    """Every file and directory, git's own but for objects too: its mode and what it holds."""
    found: dict[str, tuple[int, str | bytes]] = {}
    for path in sorted(project.path.rglob("*")):
        name = str(path.relative_to(project.path))
        if name.startswith(".git/objects"):
            continue
        held: str | bytes = os.readlink(path) if path.is_symlink() else b"" if path.is_dir() else path.read_bytes()
        found[name] = (path.lstat().st_mode, held)
    return found


def files(project: Project) -> list[str]:
    return sorted(str(p.relative_to(project.path)) for p in project.path.rglob("*") if p.is_file() and ".git/" not in str(p))


def init(project: Project, *arguments: str) -> Finished:
    finished = project.jci("init", "-y", *arguments)
    assert finished.code == 0, finished.err
    return finished


def planned(project: Project) -> dict[str, list[str]]:
    """Stage and jobs of the config, as `jci plan` reads it."""
    project.commit()
    told = project.jci("plan", "--json")
    assert told.code == 0, told.err
    return {stage["name"]: [job["name"] for job in stage["jobs"]] for stage in json.loads(told.out)["stages"]}


# ---- what is made


def test_a_new_repository_has_all_that_a_push_needs(repository: Project) -> None:
    told = init(repository)
    assert files(repository) == MADE
    key = repository.path / "secrets/ci.key"
    assert (stat.S_IMODE(key.stat().st_mode), "AGE-SECRET-KEY-1" in key.read_text()) == (0o600, True)
    umask = os.umask(0)
    os.umask(umask)
    modes = {name: stat.S_IMODE((repository.path / name).stat().st_mode) for name in (".gitignore", "cicd/cicd.py", "cicd/pre-push.sh")}
    assert modes == {".gitignore": 0o666 & ~umask, "cicd/cicd.py": 0o666 & ~umask, "cicd/pre-push.sh": 0o777 & ~umask}
    assert repository.git("check-ignore", "secrets/ci.key") == "secrets/ci.key"
    for program in ("cicd/pre-push.sh", "secrets/bin/edit_env.sh", "secrets/bin/set_env.sh", ".git/hooks/pre-push"):
        assert os.access(repository.path / program, os.X_OK)
    assert "git push" in told.out


def test_a_commit_and_a_push_run_the_pipeline(repository: Project) -> None:
    init(repository, "--push", "wait")
    repository.write("cicd/cicd.py", "from jaypore_ci import executors, jci\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job('Good', 'test ! -e bad')\n")
    subprocess.run(["git", "init", "-q", "--bare", str(repository.scratch / "origin.git")], check=True)
    repository.git("remote", "add", "origin", str(repository.scratch / "origin.git"))
    repository.commit()
    pushed = repository.finish(repository.start(["git", "push", "-u", "origin", "main"]))
    assert (pushed.code, "🟢 : Good" in pushed.err) == (0, True), pushed.err
    repository.write("bad", "x")
    repository.commit()
    assert repository.finish(repository.start(["git", "push"])).code == 1
    assert repository.finish(repository.start(["cicd/pre-push.sh", "run"])).code == 1
    usage = repository.finish(repository.start(["cicd/pre-push.sh"]))
    assert (usage.code, usage.err.startswith("usage: cicd/pre-push.sh hook")) == (2, True)


@pytest.mark.parametrize(
    ("kind", "given", "jobs"),
    [
        ("Python", {"pyproject.toml": "", "tests/test_a.py": ""}, ["Lint", "PyTest"]),
        ("Python", {"a.py": ""}, ["Lint"]),
        ("Node", {"package.json": '{"scripts": {"test": "node t.js", "lint": "eslint ."}}'}, ["Install", "Lint", "Test"]),
        ("Node", {"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, ["Install"]),
        ("Node", {"package.json": "{ broken"}, ["Install"]),
        ("Go", {"go.mod": "module m\n"}, ["Format", "Vet", "Test"]),
        ("Rust", {"Cargo.toml": ""}, ["Format", "Clippy", "Test"]),
        ("CMake", {"CMakeLists.txt": "", "tools.py": ""}, ["Build", "Test"]),
        ("Make", {"Makefile": "all:\n\ncheck:\n\ntest:\n"}, ["Build", "Test"]),
        ("Maven", {"pom.xml": ""}, ["Verify"]),
        ("Gradle", {"build.gradle": ""}, ["Build"]),
        ("", {}, ["Look"]),
    ],
)
def test_the_pipeline_fits_the_project(repository: Project, kind: str, given: dict[str, str], jobs: list[str]) -> None:
    for file, text in given.items():
        repository.write(file, text)
    told = init(repository)
    assert (f", a {kind} project\n" in told.out) == (kind != "")
    assert planned(repository) == {"Image": ["BuildImage"], "Check": jobs}
    assert (repository.path / "cicd/Dockerfile").read_text().startswith("FROM ")


def test_a_file_of_requirements_may_name_others(repository: Project) -> None:
    repository.write("requirements.txt", "-r requirements-base.txt\n")
    repository.write("requirements-base.txt", "")
    init(repository)
    assert 'INPUTS = ["cicd/Dockerfile", "requirements-base.txt", "requirements.txt"]\n' in (repository.path / "cicd/cicd.py").read_text()
    assert "COPY requirements*.txt /tmp/\n" in (repository.path / "cicd/Dockerfile").read_text()


@pytest.mark.parametrize(("given", "option"), [("", "--cov=. "), ('[tool.coverage.run]\nsource = ["a"]\n', "--cov ")])
def test_coverage_is_of_the_project(repository: Project, given: str, option: str) -> None:
    repository.write("pyproject.toml", given)
    repository.write("test_a.py", "")
    init(repository)
    assert f" && python3 -m pytest --junitxml=pytest.xml {option}" in (repository.path / "cicd/cicd.py").read_text()


def test_a_config_in_cpp_is_a_config(repository: Project) -> None:
    repository.write("cicd/cicd.cpp", "// mine\n")
    init(repository)
    assert not (repository.path / "cicd/cicd.py").exists()


# ---- asking


def test_nobody_to_ask_is_a_no(repository: Project) -> None:
    before = snapshot(repository)
    told = repository.jci("init")
    assert (told.code, told.err) == (2, "jci: error: nobody is there to ask; `-y` says yes to all of it\n")
    assert snapshot(repository) == before


@pytest.mark.parametrize(("answer", "made"), [("y\n", True), ("\n", True), ("n\n", False), ("what?\n", False)])
def test_in_a_terminal_it_asks(repository: Project, answer: str, made: bool) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen([JCI, "init"], cwd=repository.path, env=repository.environment, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    while b"[Y/n] " not in shown:
        shown += os.read(master, 65536)
    os.write(master, answer.encode())
    assert process.wait(timeout=60) == (0 if made else 1)
    os.close(master)
    assert (repository.path / "cicd/cicd.py").exists() == made


# ---- what is there stays


def test_what_is_there_stays_as_it_is(repository: Project) -> None:
    repository.write("cicd/cicd.py", "# mine\n")
    repository.write("cicd/pre-push.sh", "# mine\n")
    repository.write(".gitignore", "*.o")
    init(repository)
    assert (repository.path / "cicd/cicd.py").read_text() == "# mine\n"
    assert (repository.path / "cicd/pre-push.sh").read_text() == "# mine\n"
    assert (repository.path / ".gitignore").read_text() == "*.o\nsecrets/*.key\n"


def test_a_second_run_changes_nothing_and_a_third_makes_what_is_missing(repository: Project) -> None:
    init(repository)
    before = snapshot(repository)
    assert init(repository).out.endswith("All of it is there.\n")
    assert snapshot(repository) == before
    (repository.path / "cicd/Dockerfile").unlink()
    init(repository)
    assert snapshot(repository) == {**before, ".git/jaypore/init.json": snapshot(repository)[".git/jaypore/init.json"]}


# ---- taking back


def test_undo_leaves_nothing(repository: Project) -> None:
    repository.write(".gitignore", "*.o")
    (repository.path / ".gitignore").chmod(0o640)
    repository.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n").chmod(0o755)
    before = snapshot(repository)
    init(repository, "--push", "wait")
    assert snapshot(repository) != before
    undone = init(repository, "--undo")
    assert (snapshot(repository), undone.code) == (before, 0)
    assert init(repository, "--undo").out == "`jci init` has changed nothing here.\n"


def test_undo_keeps_what_was_changed_and_keys_that_are_needed(repository: Project) -> None:
    init(repository)
    repository.write("cicd/cicd.py", "# mine now\n")
    subprocess.run([JCI, "secrets", "set", "ci", "A"], input="1", text=True, cwd=repository.path, env=repository.environment, check=True)
    told = init(repository, "--undo").out
    assert files(repository) == [".gitignore", "cicd/cicd.py", "secrets/ci.enc", "secrets/ci.key"]
    assert "secrets/ci.key" not in repository.git("status", "--short", "-uall")  # it would be committed soon
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "cicd/cicd.py kept: it was changed" in lines
    assert "secrets/ci.key kept: it opens `ci.enc`" in lines
    assert ".gitignore kept: there are keys, which must stay out of git" in lines
    assert "cicd kept: there are files in it" in lines


# ---- hooks of others


ARGUMENTS = "origin url"
PUSHED = f"refs/heads/main {'1' * 40} refs/heads/main {'0' * 40}\n"


def trace(project: Project, name: str) -> str:
    """A script that keeps what it is called with."""
    return f'#!/bin/sh\n{{ echo "$@"; cat; }} >"{project.scratch}/{name}"\n'


def called(project: Project, name: str) -> str | None:
    path = project.scratch / name
    return path.read_text() if path.exists() else None


def call_hook(project: Project, hook: str = ".git/hooks/pre-push", *, where: str = ".") -> int:
    return subprocess.run([str(project.path / hook), "origin", "url"], input=PUSHED, text=True, cwd=project.path / where, env=project.environment, check=False).returncode


def with_our_script_traced(project: Project) -> None:
    project.write("cicd/pre-push.sh", trace(project, "ours")).chmod(0o755)


def test_a_hook_that_is_there_is_called_first_with_all_that_git_told_it(repository: Project) -> None:
    repository.write(".git/hooks/pre-push", trace(repository, "theirs")).chmod(0o755)
    with_our_script_traced(repository)
    init(repository)
    assert call_hook(repository) == 0
    assert called(repository, "theirs") == f"{ARGUMENTS}\n{PUSHED}"
    assert called(repository, "ours") == f"hook {ARGUMENTS}\n{PUSHED}"


def test_a_hook_that_is_there_may_refuse(repository: Project) -> None:
    repository.write(".git/hooks/pre-push", "#!/bin/sh\nexit 7\n").chmod(0o755)
    with_our_script_traced(repository)
    init(repository)
    assert (call_hook(repository), called(repository, "ours")) == (7, None)


def test_a_hook_that_calls_us_already_is_left_alone(repository: Project) -> None:
    mine = "#!/bin/sh\nexec cicd/pre-push.sh hook \"$@\"\n"
    repository.write(".git/hooks/pre-push", mine).chmod(0o755)
    init(repository)
    assert (repository.path / ".git/hooks/pre-push").read_text() == mine


def test_a_hook_of_ours_that_git_may_not_run_is_told(repository: Project) -> None:
    init(repository)
    (repository.path / ".git/hooks/pre-push").chmod(0o644)
    assert init(repository).out.endswith("By hand: chmod +x .git/hooks/pre-push\n")


def test_hooks_in_a_directory_of_the_repository(repository: Project) -> None:
    repository.git("config", "core.hooksPath", "githooks")
    init(repository)
    assert (repository.path / "githooks/pre-push").exists()
    assert not (repository.path / ".git/hooks/pre-push").exists()


def test_hooks_that_other_repositories_share_are_left_alone(repository: Project) -> None:
    shared = repository.scratch / "hooks"
    shared.mkdir()
    repository.git("config", "core.hooksPath", str(shared))
    told = init(repository)
    assert list(shared.iterdir()) == []
    assert f"`core.hooksPath` points at `{shared}`" in told.out


def test_a_worktree_shares_the_hook(repository: Project) -> None:
    repository.write("a", "")
    repository.commit()
    repository.git("worktree", "add", "-q", "-b", "side", "../side")
    told = repository.jci("init", "-y", where="../side")
    assert told.code == 0, told.err
    assert (repository.path / ".git/hooks/pre-push").exists()
    assert (repository.scratch / "side/cicd/cicd.py").exists()
    assert repository.jci("init", "-y", "--undo", where="../side").code == 0
    assert not (repository.path / ".git/hooks/pre-push").exists()


@pytest.mark.parametrize("hooks_path", [".husky/_", ".husky"])
def test_husky(repository: Project, hooks_path: str) -> None:
    repository.git("config", "core.hooksPath", hooks_path)
    theirs = trace(repository, "theirs")
    repository.write(".husky/pre-push", theirs).chmod(0o755)
    with_our_script_traced(repository)
    init(repository)
    assert call_hook(repository, ".husky/pre-push") == 0
    assert called(repository, "theirs") == f"{ARGUMENTS}\n{PUSHED}"
    assert called(repository, "ours") == f"hook {ARGUMENTS}\n{PUSHED}"
    init(repository, "--undo")
    assert (repository.path / ".husky/pre-push").read_text() == theirs


def test_husky_without_a_script_for_pushes(repository: Project) -> None:
    repository.git("config", "core.hooksPath", ".husky/_")
    repository.write(".husky/_/h", "")
    with_our_script_traced(repository)
    init(repository)
    assert (call_hook(repository, ".husky/pre-push"), called(repository, "ours")) == (0, f"hook {ARGUMENTS}\n{PUSHED}")


# ---- what goes wrong


def test_outside_of_a_repository_it_says_so(project: Project) -> None:
    told = project.jci("init", "-y")
    assert (told.code, files(project)) == (2, [])
    assert "git repository" in told.err


def test_what_was_done_before_a_failure_is_taken_back(repository: Project) -> None:
    before = snapshot(repository)
    repository.write("secrets", "a file in the way\n")
    told = repository.jci("init", "-y")
    assert (told.code, "secrets" in told.err) == (1, True), told.err
    init(repository, "--undo")
    (repository.path / "secrets").unlink()
    assert snapshot(repository) == before


def test_a_damaged_record_is_named(repository: Project) -> None:
    init(repository)
    repository.write(".git/jaypore/init.json", "{")
    told = repository.jci("init", "-y", "--undo")
    assert (told.code, ".git/jaypore/init.json" in told.err) == (2, True)


# ---- setup.sh


def test_setup_sh_is_jci_init(repository: Project) -> None:
    told = repository.finish(repository.start(["bash", str(ROOT / "setup.sh"), "-y"]))
    assert (told.code, files(repository)) == (0, MADE), told.err


def test_setup_sh_without_anything_says_what_to_install(repository: Project) -> None:
    tools = repository.scratch / "tools"
    tools.mkdir()
    for tool in ("bash", "git"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")
    told = repository.finish(repository.start(["/bin/bash", str(ROOT / "setup.sh"), "-y"], PATH=str(tools)))
    assert (told.code, "neither jci nor docker is installed" in told.err) == (1, True)


def test_the_scripts_are_sound(repository: Project) -> None:
    init(repository)
    scripts = ["cicd/pre-push.sh", "secrets/bin/edit_env.sh", ".git/hooks/pre-push"]
    checked = repository.finish(repository.start(["shellcheck", *scripts]))
    assert (checked.out, checked.code) == ("", 0)
