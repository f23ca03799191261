# SPDX-License-Identifier: MIT
"""`jci init` beside programs that manage hooks, which are the real ones: husky, lefthook, pre-commit."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from npm import installed
from project import JCI, Finished, Project, make_project, until
from test_doctor import findings
from test_init import init, snapshot

__all__ = ["make_project"]

CONFIG = "from jaypore_ci import executors, jci\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job('Good', 'test ! -e bad')\n"
HOLDS = "from jaypore_ci import executors, jci\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job('Holds', 'until test -e $SCRATCH/go; do sleep 0.01; done')\n"
TRACE = 'echo "$@" >"$SCRATCH/theirs"; cat >>"$SCRATCH/theirs"'


class Managed:
    """A repository with a remote, whose hooks a program manages."""

    name = ""
    gets_stdin = True  # a hook of the user's own sees all that git tells

    def __init__(self, project: Project) -> None:
        self.project = project
        self.path = project.path
        project.environment["PATH"] = f"{Path(JCI).parent}:{project.environment['PATH']}"
        project.environment["JAYPORE_SCRATCH"] = str(project.scratch)
        project.environment["DOCKER_HOST"] = f"unix://{project.scratch}/none.sock"
        subprocess.run(["git", "init", "-q", "--bare", str(project.scratch / "origin.git")], check=True)
        project.git("init", "-q", "-b", "main")
        project.git("config", "user.name", "A")
        project.git("config", "user.email", "a@example.org")
        project.git("remote", "add", "origin", "../origin.git")

    def install(self) -> None:
        """What users do once, and again with most updates of what their project depends on."""
        raise NotImplementedError

    def give_hook(self) -> None:
        """A pre-push hook of the user's own, before the program is installed."""
        raise NotImplementedError

    def do(self, *command: str) -> Finished:
        done = self.project.finish(self.project.start(list(command)))
        assert done.code == 0, done.out + done.err
        return done

    def set_up(self, *arguments: str) -> Finished:
        """`jci init`, with a script that keeps what it is called with."""
        told = init(self.project, *arguments)
        script = self.path / "cicd/pre-push.sh"
        text = script.read_text()
        if "$SCRATCH/ours" not in text:
            script.write_text(text.replace("set -eu\n", 'set -eu\necho "$@" >>"$SCRATCH/ours"\n', 1))
        self.project.write("cicd/cicd.py", CONFIG)
        return told

    def push(self, *arguments: str) -> Finished:
        return self.project.finish(self.project.start(["git", "push", "-u", *(arguments or ("origin", "main"))]))

    def at_origin(self, branch: str = "main") -> str | None:
        told = subprocess.run(["git", "rev-parse", "-q", "--verify", branch], cwd=self.project.scratch / "origin.git", capture_output=True, text=True, check=False)
        return told.stdout.strip() or None

    def said(self, name: str) -> str:
        path = self.project.scratch / name
        return path.read_text() if path.exists() else ""

    def runs(self) -> list[tuple[str, str]]:
        listed = self.project.jci("runs", "--json").out.splitlines()
        return [(run["status"], run["sha"]) for run in map(json.loads, reversed(listed))]

    def checks_pushes(self) -> None:
        """A good commit arrives, after both hooks have seen it, and a bad one does not."""
        for trace in ("theirs", "ours"):
            (self.project.scratch / trace).unlink(missing_ok=True)
        before = self.at_origin() or "0" * 40
        self.project.write("good", before)
        (self.path / "bad").unlink(missing_ok=True)
        good = self.project.commit()
        pushed = self.push()
        assert (pushed.code, self.at_origin()) == (0, good), pushed.out + pushed.err
        refs = f"refs/heads/main {good} refs/heads/main {before}\n" if self.gets_stdin else ""
        assert self.said("theirs") == f"origin ../origin.git\n{refs}"
        assert self.said("ours") == "hook origin ../origin.git\n"
        assert self.runs()[-1] == ("PASSED", good)
        self.project.write("bad", good)
        bad = self.project.commit()
        refused = self.push()
        assert (refused.code, self.at_origin()) == (1, good), refused.out + refused.err
        assert self.runs()[-1] == ("FAILED", bad)

    def doctor_on_hook(self) -> tuple[str, str, str]:
        return findings(self.project.jci("doctor"), "hook")[0]


class Npm(Managed):
    script = ""  # what `npm install` runs at its end

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        modules = installed("hooks") / "node_modules"
        (self.path / "node_modules").symlink_to(modules)
        project.write(".gitignore", "node_modules\n")
        project.write("package.json", json.dumps({"private": True, "scripts": {"prepare": self.script}}))

    def install(self) -> None:
        self.do("npm", "run", "--silent", "prepare")


class Husky(Npm):
    name = "husky"
    script = "husky"

    def give_hook(self) -> None:
        self.project.write(".husky/pre-push", f"{TRACE}\n")


class Husky8(Npm):
    name = "husky 8"
    script = "node node_modules/husky8/lib/bin.js install"

    def give_hook(self) -> None:
        self.project.write(".husky/pre-push", f'#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\n{TRACE}\n').chmod(0o755)


class Lefthook(Npm):
    name = "lefthook"
    script = "lefthook install"
    hook = "pre-push:\n  commands:\n    theirs:\n      run: set -- {1} {2}; @\n      use_stdin: true"

    def give_hook(self) -> None:
        self.project.write("trace.sh", TRACE)
        self.project.write("lefthook.yml", self.hook.replace("@", ". ./trace.sh"))


class PreCommit(Managed):
    name = "pre-commit"
    gets_stdin = False

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        if shutil.which("pre-commit") is None:
            pytest.skip("no pre-commit on PATH: `jci init` beside it cannot be tried")

    def give_hook(self) -> None:
        hook = {"id": "theirs", "name": "theirs", "language": "system", "entry": "sh trace.sh", "always_run": True, "pass_filenames": False, "stages": ["push"]}
        self.project.write("trace.sh", 'echo "$PRE_COMMIT_REMOTE_NAME $PRE_COMMIT_REMOTE_URL" >"$SCRATCH/theirs"\n')
        self.project.write(".pre-commit-config.yaml", json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))

    def install(self) -> None:
        self.do("pre-commit", "install", "--hook-type", "pre-push")


@pytest.fixture(name="managed", params=[Husky, Husky8, Lefthook, PreCommit], ids=["husky", "husky 8", "lefthook", "pre-commit"])
def make_managed(request: pytest.FixtureRequest, project: Project) -> Managed:
    kind: Callable[[Project], Managed] = request.param
    return kind(project)


# ---- every one of them


def test_both_hooks_run_and_either_may_refuse(managed: Managed) -> None:
    managed.give_hook()
    managed.install()
    managed.set_up("--push=wait")
    managed.checks_pushes()
    assert managed.doctor_on_hook() == ("🟢", "a push calls us; it is set to wait", "")
    (managed.path / "bad").unlink()
    for script in (".husky/pre-push", "trace.sh"):
        if (managed.path / script).exists():
            with (managed.path / script).open("a") as hook:
                hook.write("exit 3\n")
    before = managed.at_origin()
    managed.project.commit()
    refused = managed.push()
    assert (refused.code, managed.at_origin()) == (1, before), refused.out + refused.err


def test_one_that_has_no_hook_for_pushes(managed: Managed) -> None:
    managed.give_hook()
    for file in (".husky/pre-push", "lefthook.yml"):
        (managed.path / file).unlink(missing_ok=True)
    if managed.name == "lefthook":
        managed.project.write("lefthook.yml", "pre-commit:\n  commands:\n    look:\n      run: ls\n")
    managed.install()
    if managed.name == "pre-commit":
        (managed.path / ".git/hooks/pre-push").unlink()
    managed.set_up("--push=wait")
    if managed.name == "lefthook":
        assert managed.doctor_on_hook()[2] == "`lefthook install` has git call it"
        managed.install()
    managed.project.write("bad", "x")
    managed.project.commit()
    refused = managed.push()
    assert (refused.code, managed.at_origin()) == (1, None), refused.out + refused.err
    assert managed.said("ours") == "hook origin ../origin.git\n"


def test_a_push_does_not_wait_for_what_runs_in_the_background(managed: Managed) -> None:
    managed.give_hook()
    managed.install()
    managed.set_up()
    managed.project.write("cicd/cicd.py", HOLDS)
    sha = managed.project.commit()
    pushed = managed.push()
    assert (pushed.code, managed.at_origin()) == (0, sha), pushed.out + pushed.err
    until(lambda: managed.runs() == [("RUNNING", sha)])
    (managed.project.scratch / "go").touch()
    until(lambda: managed.runs() == [("PASSED", sha)])


def test_a_second_init_changes_nothing_and_undo_leaves_nothing(managed: Managed) -> None:
    managed.give_hook()
    managed.install()
    before = snapshot(managed.project)
    init(managed.project, "--push=wait")
    after = snapshot(managed.project)
    assert init(managed.project).out.endswith("All of it is there.\n")
    assert snapshot(managed.project) == after
    init(managed.project, "--undo")
    assert snapshot(managed.project) == before


def test_installed_again_it_still_calls_us(managed: Managed) -> None:
    managed.give_hook()
    managed.install()
    before = snapshot(managed.project)
    init(managed.project, "--push=wait")
    managed.install()
    after = snapshot(managed.project)
    assert managed.doctor_on_hook() == ("🟢", "a push calls us; it is set to wait", "")
    assert init(managed.project).out.endswith("All of it is there.\n")
    assert snapshot(managed.project) == after
    init(managed.project, "--undo")
    assert files_of(managed) == {name: held for name, held in before.items() if not is_of_manager(name)}
    managed.set_up("--push=wait")
    managed.install()
    managed.checks_pushes()


def is_of_manager(name: str) -> bool:
    """What a manager writes at every installation."""
    return name.startswith((".git/info/lefthook", ".husky/_"))


def files_of(managed: Managed) -> dict[str, tuple[int, str | bytes]]:
    return {name: held for name, held in snapshot(managed.project).items() if not is_of_manager(name)}


def test_installed_after_us_it_calls_us_or_doctor_tells(managed: Managed) -> None:
    managed.give_hook()
    managed.project.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n").chmod(0o755)
    hidden = managed.path / "lefthook.yml"
    if managed.name == "lefthook":
        hidden = hidden.rename(managed.project.scratch / "lefthook.yml")
    managed.set_up("--push=wait")
    if managed.name == "lefthook":
        hidden.rename(managed.path / "lefthook.yml")
    assert managed.doctor_on_hook() == ("🟢", "a push calls us; it is set to wait", "")
    managed.install()
    if managed.name != "pre-commit":
        assert managed.doctor_on_hook() == ("🔴", "a push does not call us", "`jci init` sees to it")
        managed.set_up()
    assert managed.doctor_on_hook() == ("🟢", "a push calls us; it is set to wait", "")
    managed.checks_pushes()
    (managed.path / "cicd/pre-push.sh").unlink()
    init(managed.project, "--undo")
    left = {name for name, (_, held) in snapshot(managed.project).items() if b"jaypore" in (held if isinstance(held, bytes) else b"") and "/logs/" not in name}
    assert left <= {".git/index", "cicd/cicd.py"}
    theirs = {"husky": "pre-push", "husky 8": "pre-push", "lefthook": "pre-push.old", "pre-commit": "pre-push.legacy"}[managed.name]
    assert (managed.path / ".git/hooks" / theirs).read_text() == "#!/bin/sh\nexit 0\n"


# ---- one of them


def test_husky_that_is_not_installed_in_this_clone_is_told(project: Project) -> None:
    managed = Husky(project)
    managed.give_hook()
    managed.install()
    managed.set_up()
    shutil.rmtree(managed.path / ".husky/_")  # git ignores it, and so a clean removes it
    assert managed.doctor_on_hook() == ("🔴", "a push does not call us", "git calls `.husky/_/pre-push`, which husky has not made: `npx husky` does")
    managed.install()
    assert managed.doctor_on_hook()[0] == "🟢"


def test_husky_in_another_directory(project: Project) -> None:
    managed = Husky(project)
    managed.project.write("tools/hooks/pre-push", f"{TRACE}\n")
    managed.do("npx", "husky", "tools/hooks")
    managed.set_up("--push=wait")
    managed.checks_pushes()


@pytest.mark.parametrize("manager", [Husky, Husky8])
def test_what_husky_runs_sees_no_line_where_git_tells_nothing(project: Project, manager: type[Husky | Husky8]) -> None:
    managed = manager(project)
    managed.give_hook()
    managed.install()
    managed.set_up("--push=wait")
    managed.project.commit()
    assert managed.push().code == 0
    managed.push()  # all is there
    assert managed.said("theirs") == "origin ../origin.git\n"


LEFTHOOK_FILES = {
    "commands": "pre-push:\n  parallel: true\n  commands:\n    theirs:\n      run: @\n",
    "jobs": "# mine\npre-push: # before a push\n    jobs:\n\n    - run: @\n    - name: more\n      run: ls\n",
    "scripts": "pre-push:\n    follow: true\n    scripts:\n      theirs.sh:\n        runner: sh\npre-commit:\n  commands:\n    look:\n      run: ls\n",
    "nothing": "pre-commit:\n  jobs:\n    - run: ls",
    "empty": "",
}


@pytest.mark.parametrize("text", LEFTHOOK_FILES.values(), ids=LEFTHOOK_FILES)
def test_lefthook_files_of_every_shape(project: Project, text: str) -> None:
    managed = Lefthook(project)
    project.write(".lefthook/pre-push/theirs.sh", "touch theirs\n")
    project.write(".gitignore", "node_modules\ntheirs\n")
    project.write("lefthook.yml", text.replace("@", "touch theirs"))
    before = (managed.path / "lefthook.yml").read_bytes()
    managed.set_up("--push=wait")
    managed.install()
    managed.do("npx", "lefthook", "validate")
    good = project.commit()
    pushed = managed.push()
    assert (pushed.code, managed.at_origin(), managed.said("ours")) == (0, good, "hook origin ../origin.git\n"), pushed.out + pushed.err
    assert (managed.path / "theirs").exists() == ("theirs" in text or "@" in text)
    project.write("bad", "x")
    project.commit()
    assert (managed.push().code, managed.at_origin()) == (1, good)
    init(project, "--undo")
    assert (managed.path / "lefthook.yml").read_bytes() == before


def test_lefthook_has_us_check_what_is_not_checked_out(project: Project) -> None:
    managed = Lefthook(project)
    managed.give_hook()
    managed.install()
    managed.set_up("--push=wait")
    good = project.commit()
    assert managed.push().code == 0
    project.git("checkout", "-q", "-b", "side")
    project.write("bad", "x")
    project.commit()
    project.git("checkout", "-q", "main")
    refused = managed.push("origin", "side")
    assert "theirs (skip) no matching push files" in refused.out
    assert (refused.code, managed.at_origin("side"), managed.at_origin()) == (1, None, good)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("lefthook.yml", "pre-push: {commands: {theirs: {run: ls}}}\n"),
        ("lefthook.yml", "pre-push:\n  commands: {theirs: {run: ls}}\n"),
        (".lefthook.toml", '[pre-push.commands.theirs]\nrun = "ls"\n'),
        (".config/lefthook.json", '{"pre-push": {"commands": {"theirs": {"run": "ls"}}}}\n'),
    ],
)
def test_lefthook_files_that_only_their_owner_can_change(project: Project, file: str, text: str) -> None:
    managed = Lefthook(project)
    project.write(file, text)
    managed.install()
    told = managed.set_up()
    assert (managed.path / file).read_text() == text
    assert f"By hand: lefthook manages the hooks here: have `pre-push` in `{file}` run `cicd/pre-push.sh hook {{1}} {{2}} # {{files}}`" in told.out
    assert managed.doctor_on_hook()[2].startswith("lefthook manages the hooks here: ")


def test_lefthook_that_is_not_installed_is_told(project: Project) -> None:
    managed = Lefthook(project)
    managed.give_hook()
    told = managed.set_up()
    assert "By hand: `lefthook install` has git call it\n" in told.out
    assert "git add cicd secrets .gitignore .gitattributes lefthook.yml && " in told.out
    assert managed.doctor_on_hook() == ("🔴", "a push does not call us", "`lefthook install` has git call it")
    managed.install()
    assert managed.doctor_on_hook()[0] == "🟢"


def test_pre_commit_keeps_the_hook_that_it_had_found(project: Project) -> None:
    managed = PreCommit(project)
    managed.give_hook()
    project.write(".git/hooks/pre-push", '#!/bin/sh\ntouch "$SCRATCH/first"\n').chmod(0o755)
    managed.install()
    before = snapshot(project)
    managed.set_up("--push=wait")
    managed.install()
    managed.checks_pushes()
    assert (project.scratch / "first").exists()
    init(project, "--undo")
    after = snapshot(project)
    assert {name: after[name] for name in before if "/hooks/" in name} == {name: before[name] for name in before if "/hooks/" in name}


def test_pre_commit_that_throws_our_hook_away_is_told(project: Project) -> None:
    managed = PreCommit(project)
    managed.give_hook()
    managed.set_up("--push=wait")
    managed.do("pre-commit", "install", "-f", "--hook-type", "pre-push")
    managed.do("pre-commit", "install", "-f", "--hook-type", "pre-push")
    assert managed.doctor_on_hook() == ("🔴", "a push does not call us", "`jci init` sees to it")
    managed.set_up()
    managed.checks_pushes()


def test_pre_commit_that_is_uninstalled_leaves_us(project: Project) -> None:
    managed = PreCommit(project)
    managed.give_hook()
    managed.install()
    managed.set_up("--push=wait")
    managed.do("pre-commit", "uninstall", "--hook-type", "pre-push")
    assert managed.doctor_on_hook()[0] == "🟢"
    init(project, "--undo")
    assert not (managed.path / ".git/hooks/pre-push").exists()
