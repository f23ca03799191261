# SPDX-License-Identifier: MIT
"""`jci fetch` and `jci publish --push`: reports that are kept in git travel between repositories, and none is lost."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from git_servers import free_port, git_daemon, hanging_server, ssh_server
from project import JCI, Finished, Project, make_project, until

__all__ = ["make_project"]

NOBODY = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}


class Repository:
    """One of several that exchange reports."""

    def __init__(self, world: World, path: Path) -> None:
        self.world = world
        self.path = path

    def git(self, *arguments: str, stdin: str = "", when: int | None = None) -> str:
        moment = {} if when is None else {"GIT_AUTHOR_DATE": f"@{when} +0000", "GIT_COMMITTER_DATE": f"@{when} +0000"}
        return subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=self.world.environment | moment,
            input=stdin,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def store(self, text: str, *, when: int, sha: str = "") -> None:
        """Does what a run does at its end: adds a report to the chain of a commit."""
        sha = sha or self.world.sha
        blob = self.git("hash-object", "-w", "--stdin", stdin=text)
        tree = self.git("mktree", stdin=f"100644 blob {blob}\treport.txt\n")
        before = self.git("for-each-ref", "--format=%(objectname)", f"refs/jayporeci/{sha}").split()
        parents = [word for parent in before for word in ("-p", parent)]
        message = f"Jaypore CI: PASSED\n\nReport of commit {sha}\n"
        commit = self.git("commit-tree", tree, *parents, stdin=message, when=when)
        self.git("update-ref", f"refs/jayporeci/{sha}", commit, *before)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [JCI, *arguments],
            cwd=self.path,
            env=self.world.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def jci(self, *arguments: str, **variables: str) -> Finished:
        return Project.finish(self.start(*arguments, **variables))

    def said(self, *arguments: str, **variables: str) -> str:
        """What a call that succeeds prints."""
        done = self.jci(*arguments, **variables)
        assert (done.err, done.code) == ("", 0)
        return done.out

    def tip(self, sha: str = "") -> str:
        return self.git("rev-parse", f"refs/jayporeci/{sha or self.world.sha}")

    def all_reports(self, sha: str = "") -> set[str]:
        """The texts of all reports that the chain of a commit holds."""
        commits = self.git("rev-list", f"refs/jayporeci/{sha or self.world.sha}").split()
        return {self.git("show", f"{commit}:report.txt") for commit in commits}

    def hook(self, name: str, script: str) -> None:
        hooks = Path(self.git("rev-parse", "--path-format=absolute", "--git-path", "hooks"))
        hooks.mkdir(exist_ok=True)
        (hooks / name).write_text(f"#!/bin/sh\n{script}\n")
        (hooks / name).chmod(0o755)


class World:
    """A server's repository and clones of it, all with one commit."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        (scratch / "home").mkdir()
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("JAYPORE_", "GIT_"))}
        self.environment = {**ours, **NOBODY, "HOME": str(scratch / "home"), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        self.server = Repository(self, scratch / "server.git")
        self.sha = ""
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(self.server.path)], env=self.environment, check=True)
        first = self.clone("first")
        first.git("checkout", "-q", "-b", "main")
        first.git("commit", "-q", "--allow-empty", "-m", "Begin")
        first.git("push", "-q", "-u", "origin", "main")
        self.sha = first.git("rev-parse", "HEAD")

    def clone(self, name: str, *arguments: str) -> Repository:
        subprocess.run(
            ["git", "clone", "-q", *arguments, str(self.server.path), name], cwd=self.scratch, env=self.environment, check=True, capture_output=True
        )
        return Repository(self, self.scratch / name)

    @property
    def first(self) -> Repository:
        return Repository(self, self.scratch / "first")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def other_sha(number: int) -> str:
    return f"{number:040x}"


# ---- there and back


def there_and_back(world: World, **variables: str) -> None:
    """A report goes from one clone to another."""
    second = world.clone("second")
    second.git("remote", "set-url", "origin", world.first.git("remote", "get-url", "origin"))
    world.first.store("one\n", when=100)
    assert world.first.said("publish", "--push", **variables) == "sent 1 report to origin\n"
    assert world.first.said("publish", "--push", **variables) == "origin has all reports\n"
    assert second.jci("show").code == 2
    assert second.said("fetch", **variables) == "received 1 report from origin\n"
    assert second.said("fetch", **variables) == "no new reports from origin\n"
    assert second.said("show") == "one\n"
    second.store("two\n", when=101)
    assert second.said("publish", "--push", **variables) == "sent 1 report to origin\n"
    assert world.first.said("fetch", "origin", **variables) == "received 1 report from origin\n"
    assert world.first.said("show", world.sha) == "two\n"
    assert world.first.git("log", "--format=%s", f"refs/jayporeci/{world.sha}") == "Jaypore CI: PASSED\nJaypore CI: PASSED"


def test_reports_travel_by_a_path(world: World) -> None:
    there_and_back(world)


def test_reports_travel_by_git_daemon(world: World) -> None:
    with git_daemon(world.scratch) as url:
        world.first.git("remote", "set-url", "origin", f"{url}/server.git")
        there_and_back(world)


def test_reports_travel_by_ssh_with_the_users_own_configuration(world: World) -> None:
    with ssh_server(world.scratch) as server:
        world.first.git("remote", "set-url", "origin", f"{server.url}{world.server.path}")
        there_and_back(world, GIT_SSH_COMMAND=server.command)
        assert server.logins == 6  # one connection a call


def test_the_report_of_a_real_run_travels(project: Project, tmp_path: Path) -> None:
    sha = project.config('p.job("Test", "true")')
    project.git("clone", "-q", "--bare", ".", str(tmp_path / "server.git"))
    project.git("remote", "add", "origin", str(tmp_path / "server.git"))
    run = project.run()
    assert run.code == 0
    assert project.jci("publish", "--push").out == "sent 1 report to origin\n"
    project.git("clone", "-q", str(tmp_path / "server.git"), str(tmp_path / "elsewhere"))
    assert project.jci("fetch", where=str(tmp_path / "elsewhere")).out == "received 1 report from origin\n"
    assert project.jci("show", where=str(tmp_path / "elsewhere")).out == project.jci("show", sha).out == run.report


def test_nothing_to_exchange_says_so(world: World) -> None:
    assert world.first.said("publish", "--push") == "origin has all reports\n"
    assert world.first.said("fetch") == "no new reports from origin\n"


def test_bare_repositories_and_worktrees_exchange_reports(world: World) -> None:
    world.first.store("one\n", when=100)
    world.first.git("worktree", "add", "-q", "-b", "side", "../side")
    side = Repository(world, world.scratch / "side")
    assert side.said("publish", "--push") == "sent 1 report to origin\n"
    bare = world.clone("bare.git", "--bare")
    bare.git("update-ref", "-d", f"refs/jayporeci/{world.sha}")
    assert bare.said("fetch") == "received 1 report from origin\n"
    bare.store("two\n", when=101)
    assert bare.said("publish", "--push") == "sent 1 report to origin\n"
    assert side.said("fetch") == "received 1 report from origin\n"
    assert side.said("show") == "two\n"


def test_a_report_can_come_before_its_commit(world: World) -> None:
    world.server.store("early\n", when=100, sha=other_sha(7))
    assert world.first.said("fetch") == "received 1 report from origin\n"
    assert world.first.said("show", other_sha(7)) == "early\n"


def test_what_git_itself_fetched_is_shown_too(world: World) -> None:
    world.first.store("old\n", when=100)
    world.first.said("publish", "--push")
    world.server.store("new\n", when=101)
    world.first.git("fetch", "-q", "origin", "+refs/jayporeci/*:refs/jayporeci-remotes/origin/*")
    assert world.first.said("show") == "new\n"
    world.first.store("another, on the older one\n", when=150)
    assert world.first.said("show") == "another, on the older one\n"
    world.first.git("update-ref", f"refs/jayporeci-remotes/origin/{world.sha}", world.first.git("hash-object", "-w", "--stdin", stdin="no commit"))
    assert world.first.said("show") == "another, on the older one\n"


# ---- which remote


def test_reports_go_where_git_push_goes(world: World) -> None:
    world.first.store("one\n", when=100)
    for name in ("a", "b", "c"):
        world.clone(f"{name}.git", "--bare")
        world.first.git("remote", "add", name, f"../{name}.git")
    assert world.first.said("publish", "--push") == "sent 1 report to origin\n"
    world.first.git("config", "branch.main.remote", "a")
    assert world.first.said("publish", "--push") == "sent 1 report to a\n"
    world.first.git("config", "remote.pushDefault", "b")
    assert world.first.said("publish", "--push") == "sent 1 report to b\n"
    world.first.git("config", "branch.main.pushRemote", "c")
    assert world.first.said("publish", "--push") == "sent 1 report to c\n"
    assert world.first.said("fetch", "a") == "no new reports from a\n"


def test_the_only_remote_needs_no_name(world: World) -> None:
    world.first.store("one\n", when=100)
    world.first.git("remote", "rename", "origin", "upstream")
    assert world.first.said("publish", "--push") == "sent 1 report to upstream\n"


def test_what_the_remote_is_configured_for_changes_nothing(world: World) -> None:
    """A clone that mirrors all refs would write over reports of ours; prune would remove them."""
    mirror = world.clone("mirror.git", "--mirror")
    world.server.store("theirs\n", when=100)
    mirror.store("ours\n", when=101)
    mirror.store("ours alone\n", when=102, sha=other_sha(1))
    mirror.git("config", "fetch.prune", "true")
    mirror.git("config", "push.followTags", "true")
    mirror.git("tag", "-m", "v1", "v1", world.sha)
    assert mirror.said("fetch") == "received 1 report from origin, 1 merged with ours\n"
    assert mirror.said("publish", "--push") == "sent 2 reports to origin\n"
    assert world.server.all_reports() == {"theirs", "ours"}
    assert world.server.git("tag") == ""


def test_a_partial_clone_gets_reports_with_their_texts(world: World) -> None:
    world.server.git("config", "uploadpack.allowFilter", "true")
    world.server.store("whole\n", when=100)
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", f"file://{world.server.path}", "partial"], cwd=world.scratch, env=world.environment, check=True
    )
    partial = Repository(world, world.scratch / "partial")
    partial.said("fetch")
    world.server.path.rename(world.scratch / "gone")
    assert partial.said("show") == "whole\n"


def test_the_users_own_hooks_are_not_asked(world: World) -> None:
    world.first.store("one\n", when=100)
    world.first.hook("pre-push", "exit 1")
    assert world.first.said("publish", "--push") == "sent 1 report to origin\n"


# ---- several who write at once


def diverged(world: World) -> tuple[Repository, Repository]:
    first, second = world.first, world.clone("second")
    first.store("older\n", when=100)
    second.store("newer\n", when=200)
    return first, second


def test_reports_of_two_places_are_joined_and_the_newer_shown(world: World) -> None:
    first, second = diverged(world)
    assert second.said("publish", "--push") == "sent 1 report to origin\n"
    assert first.said("publish", "--push") == "sent 1 report to origin, received 1 report\n"
    assert second.said("fetch") == "received 1 report from origin\n"
    for repository in (first, second, world.server):
        assert repository.all_reports() == {"older", "newer"}
    assert first.tip() == second.tip() == world.server.tip()
    assert first.said("show") == second.said("show") == "newer\n"
    assert first.git("log", "-1", "--format=%an %ae %at%n%B", f"refs/jayporeci/{world.sha}") == (
        f"Jaypore CI jayporeci@localhost 200\nJaypore CI: PASSED\n\nThe newer of two reports of commit {world.sha}"
    )
    assert first.git("fsck", "--strict") == ""


def test_whoever_joins_the_same_reports_makes_the_same_commit(world: World) -> None:
    first, second = diverged(world)
    first.git("remote", "add", "second", "../second")
    second.git("remote", "add", "first", "../first")
    subprocess.run(["cp", "-a", "second", "second-before"], cwd=world.scratch, check=True)
    first.git("remote", "set-url", "second", "../second-before")
    assert second.said("fetch", "first") == "received 1 report from first, 1 merged with ours\n"
    assert first.said("fetch", "second") == "received 1 report from second, 1 merged with ours\n"
    assert first.tip() == second.tip()


def test_many_who_publish_at_once_converge_without_loss(world: World) -> None:
    order = random.Random(4)
    clones = [world.clone(f"clone{number}") for number in range(3)]
    written = set()
    for turn in range(3):
        for number, clone in enumerate(clones):
            text = f"report {number} of turn {turn}"
            written.add(text)
            clone.store(f"{text}\n", when=order.randrange(1000))
        order.shuffle(clones)
        started = [clone.start("publish", "--push") for clone in clones]
        for process in started:
            done = Project.finish(process)
            assert (done.err, done.code) == ("", 0), done.out
        assert world.server.all_reports() == written
    for clone in clones:
        assert clone.jci("fetch").code == 0
    assert {clone.tip() for clone in clones} == {world.server.tip()}


LET_ANOTHER_IN = """
unset GIT_QUARANTINE_PATH GIT_QUARANTINE_ENVIRONMENT
[ ! -e ../turns ] || [ "$(wc -l <../turns)" -lt {turns} ] || exit 0
echo >>../turns
old=$(git rev-parse -q --verify "$1")
git update-ref "$1" "$(echo "sneaked in $(wc -l <../turns)" | git commit-tree "$(git rev-parse "$3^{{tree}}")" ${{old:+-p "$old"}})"
"""


def test_who_was_not_fast_enough_tries_again(world: World) -> None:
    world.server.hook("update", LET_ANOTHER_IN.format(turns=3))
    world.first.store("mine\n", when=100)
    done = world.first.jci("publish", "--push")
    assert (done.err, done.code) == ("", 0)
    assert done.out == "sent 1 report to origin, received 3 reports\n"
    subjects = world.server.git("log", "--format=%s", f"refs/jayporeci/{world.sha}")
    assert {"sneaked in 1", "sneaked in 2", "sneaked in 3", "Jaypore CI: PASSED"} == set(subjects.splitlines())
    assert world.first.tip() == world.server.tip()


def test_who_is_never_fast_enough_stops_and_loses_nothing(world: World) -> None:
    world.server.hook("update", LET_ANOTHER_IN.format(turns=1000))
    world.first.store("mine\n", when=100)
    done = world.first.jci("publish", "--push")
    assert done.code == 1
    assert done.out.startswith("sent 0 reports to origin, received ")
    assert f"refused {world.sha}: " in done.out
    assert "mine" in world.first.all_reports()
    world.server.hook("update", "exit 0")
    assert world.first.jci("publish", "--push").code == 0
    assert "mine" in world.server.all_reports()


def test_thousands_of_reports_take_one_call(world: World) -> None:
    world.first.store("one\n", when=100)
    tip = world.first.tip()
    lines = "".join(f"create refs/jayporeci/{other_sha(number)} {tip}\n" for number in range(1, 5000))
    world.first.git("update-ref", "--stdin", stdin=lines)
    world.first.git("pack-refs", "--all")
    assert world.first.said("publish", "--push") == "sent 5000 reports to origin\n"
    second = world.clone("second")
    assert second.said("fetch") == "received 5000 reports from origin\n"
    assert second.said("fetch") == "no new reports from origin\n"


# ---- what goes wrong


def failed(done: Finished, code: int) -> str:
    assert (done.out, done.code) == ("", code)
    return done.err


def test_a_server_that_is_not_there_is_named(world: World) -> None:
    world.first.git("remote", "set-url", "origin", f"git://127.0.0.1:{free_port()}/x.git")
    for call, doing in ((("fetch",), "fetch reports from"), (("publish", "--push"), "push reports to")):
        error = failed(world.first.jci(*call), 1)
        assert error.startswith(f"jci: error: cannot {doing} `origin`: ")
        assert "Connection refused" in error
        assert error.count("\n") == 1


def processes_with(variable: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and variable.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(entry.name)
        except OSError:
            continue  # it has ended
    return found


def test_a_server_that_hangs_is_given_up(world: World) -> None:
    with hanging_server() as url:
        world.first.git("remote", "set-url", "origin", f"{url}/x.git")
        for call in (("fetch",), ("publish", "--push")):
            error = failed(world.first.jci(*call, "--timeout", "0.3", JCI_MARK=str(world.scratch)), 1)
            assert error == "jci: error: `origin` gave no sign of life for 300 ms; `--timeout SECONDS` waits longer\n"
    until(lambda: not processes_with(f"JCI_MARK={world.scratch}"))


def test_passwords_in_urls_are_not_told(world: World) -> None:
    world.first.git("remote", "set-url", "origin", f"http://me:secret@127.0.0.1:{free_port()}/x.git")
    assert "secret" not in failed(world.first.jci("fetch"), 1)


def test_nobody_is_asked_for_a_password_without_a_terminal(world: World) -> None:
    world.first.git("remote", "set-url", "origin", f"http://127.0.0.1:{free_port()}/x.git")
    script = world.scratch / "git"
    script.write_text('#!/bin/sh\necho "prompts: $GIT_TERMINAL_PROMPT" >&2\nexit 3\n')
    script.chmod(0o755)
    path = f"{world.scratch}:{os.environ['PATH']}"
    assert failed(world.first.jci("fetch", PATH=path), 1) == "jci: error: cannot fetch reports from `origin`: prompts: 0\n"


def test_a_machine_without_git_is_told_so(world: World) -> None:
    error = failed(world.first.jci("fetch", PATH=str(world.scratch)), 1)
    assert error == "jci: error: cannot run `git`: No such file or directory\n"


def test_a_remote_that_is_not_known_is_a_mistake(world: World) -> None:
    error = "jci: error: no remote is called `orgin`; there is `origin`\n"
    assert failed(world.first.jci("fetch", "orgin"), 2) == error
    assert failed(world.first.jci("publish", "--push", "orgin"), 2) == error


def test_a_repository_without_remotes_says_how_to_add_one(world: World) -> None:
    world.first.git("remote", "remove", "origin")
    expected = f"jci: error: `{world.first.path}` has no remote to exchange reports with; `git remote add origin URL` makes one\n"
    assert failed(world.first.jci("fetch"), 2) == expected


def test_outside_of_a_repository_there_is_nothing_to_exchange(world: World) -> None:
    nowhere = Repository(world, world.scratch / "home")
    error = failed(nowhere.jci("fetch"), 2)
    assert f"`{nowhere.path}` is not in a git repository" in error


def test_publish_wants_to_know_what(world: World) -> None:
    error = failed(world.first.jci("publish"), 2)
    assert error == "jci: error: say what to publish: `jci publish --pending` or `jci publish --push`\n"


def test_what_a_hook_of_the_server_refuses_is_told_in_its_words(world: World) -> None:
    good, bad = other_sha(1), other_sha(2)
    world.first.store("good\n", when=100, sha=good)
    world.first.store("bad\n", when=100, sha=bad)
    world.server.hook("update", f'[ "$1" != refs/jayporeci/{bad} ] || {{ echo "not on a Sunday" >&2; exit 1; }}')
    done = world.first.jci("publish", "--push")
    assert (done.err, done.code) == ("", 1)
    assert done.out == f"sent 1 report to origin\norigin says: not on a Sunday\norigin says: error: hook declined to update refs/jayporeci/{bad}\nrefused {bad}: hook declined\n"
    assert world.server.all_reports(good) == {"good"}
    world.server.hook("pre-receive", "echo 'closed for today' >&2; exit 1")
    done = world.first.jci("publish", "--push")
    assert (done.out, done.code) == (f"sent 0 reports to origin\norigin says: closed for today\nrefused {bad}: pre-receive hook declined\n", 1)


def test_a_server_that_only_reads_is_told_in_its_words(world: World) -> None:
    world.first.store("one\n", when=100)
    with git_daemon(world.scratch) as url:
        world.server.git("config", "daemon.receivepack", "false")
        world.first.git("remote", "set-url", "origin", f"{url}/server.git")
        error = failed(world.first.jci("publish", "--push"), 1)
        assert error.startswith("jci: error: cannot push reports to `origin`: ")
        assert "access denied" in error or "service not enabled" in error


def test_what_is_no_report_is_told_and_spoils_nothing(world: World) -> None:
    blob = world.server.git("hash-object", "-w", "--stdin", stdin="no commit")
    world.server.git("update-ref", f"refs/jayporeci/{other_sha(9)}", blob)
    world.server.git("update-ref", "refs/jayporeci/no-id", world.sha)
    world.server.store("good\n", when=100)
    done = world.first.jci("fetch")
    assert (done.err, done.code) == ("", 1)
    assert done.out.startswith(f"received 1 report from origin\nrefused {other_sha(9)}: ")
    assert world.first.said("show") == "good\n"
