# SPDX-License-Identifier: MIT
"""A `git push` is checked: by the hook that git calls, or by `jci push`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from project import DEADLINE, JCI, Finished, Project, make_project, until

__all__ = ["make_project"]

PASSES_UNLESS_BAD = 'p.job("Build", "test ! -e bad")'
ZEROS = "0" * 40


class Pushing:
    """A repository whose pushes to `origin`, a bare one beside it, are checked by the hook."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.origin = project.scratch / "origin.git"
        subprocess.run(["git", "init", "-q", "--bare", str(self.origin)], check=True)
        project.environment["PATH"] = f"{Path(JCI).parent}:{project.environment['PATH']}"
        project.git("init", "-q", "-b", "main")
        project.git("remote", "add", "origin", str(self.origin))
        self.hook('exec jci hook pre-push "$@"')

    def hook(self, command: str) -> None:
        hook = self.project.path / ".git/hooks/pre-push"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{command}\n")
        hook.chmod(0o755)

    def mode(self, mode: str) -> None:
        self.project.git("config", "jaypore.push", mode)

    def config(self, body: str = PASSES_UNLESS_BAD) -> str:
        return self.project.config(body, arguments="executor=executors.Shell()")

    def commit(self, *, bad: bool) -> str:
        mark = self.project.path / "bad"
        if bad:
            mark.write_text("x")
        else:
            mark.unlink(missing_ok=True)
        return self.project.commit()

    def push(self, *arguments: str, where: str = ".", **variables: str) -> Finished:
        process = self.project.start(["git", "push", *(arguments or ("origin", "main"))], where=where, **variables)
        return self.project.finish(process)

    def at_origin(self, ref: str = "refs/heads/main") -> str | None:
        told = subprocess.run(["git", "rev-parse", "-q", "--verify", ref], cwd=self.origin, capture_output=True, text=True, check=False)
        return told.stdout.strip() or None

    def runs(self) -> list[tuple[str, str, str]]:
        """Status, commit and branch of each, the oldest first."""
        listed = self.project.jci("runs", "--json").out.splitlines()
        runs = [json.loads(line) for line in reversed(listed)]
        return [(run["status"], run["sha"], run["branch"]) for run in runs]

    def ended(self, *expected: tuple[str, str, str]) -> bool:
        """Waits until that many runs are over, and compares."""

        def all_over() -> list[tuple[str, str, str]] | None:
            runs = self.runs()
            return runs if len(runs) == len(expected) and all(status != "RUNNING" for status, _, _ in runs) else None

        return bool(until(all_over) == list(expected))

    def log(self) -> str:
        return "".join(path.read_text() for path in sorted((self.project.scratch / "state/jaypore/pushes").glob("*/*.log")))


@pytest.fixture(name="pushing")
def make_pushing(project: Project) -> Pushing:
    return Pushing(project)


def ours(finished: Finished) -> list[str]:
    """What we said, without git's words and the progress of runs."""
    return [line for line in finished.err.splitlines() if line.startswith("jci: ")]


def without_ids(lines: list[str]) -> list[str]:
    """Times and the ids of runs differ."""
    return [re.sub(r"run [0-9a-z]{10}", "run RUN", re.sub(r"[0-9.]+ (ms|s) ago", "TIME ago", line)) for line in lines]


# ---- waiting for it


def test_where_a_push_waits_good_commits_arrive_and_bad_ones_do_not(pushing: Pushing) -> None:
    pushing.mode("wait")
    good = pushing.config()
    pushed = pushing.push()
    assert (pushed.code, ours(pushed)) == (0, [f"jci: checking {good[:10]} (main) before it is pushed"])
    assert "🟢 : Build" in pushed.err
    assert pushing.at_origin() == good

    bad = pushing.commit(bad=True)
    refused = pushing.push()
    assert (refused.code, ours(refused)) == (
        1,
        [
            f"jci: checking {bad[:10]} (main) before it is pushed",
            f"jci: {bad[:10]} (main) failed: nothing is pushed (`git push --no-verify` pushes all the same)",
        ],
    )
    assert pushing.at_origin() == good
    assert pushing.runs() == [("PASSED", good, "main"), ("FAILED", bad, "main")]


def test_it_is_the_commit_that_counts_and_not_what_lies_about(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    (pushing.project.path / "bad").write_text("not committed")
    assert pushing.push().code == 0


def test_every_ref_of_a_push_is_checked_for_the_branch_it_goes_to(pushing: Pushing) -> None:
    pushing.mode("wait")
    good = pushing.config()
    bad = pushing.commit(bad=True)
    refused = pushing.push("origin", f"{good}:refs/heads/one", f"{bad}:refs/heads/two")
    assert refused.code == 1
    assert pushing.runs() == [("PASSED", good, "one"), ("FAILED", bad, "two")]
    assert (pushing.at_origin("refs/heads/one"), pushing.at_origin("refs/heads/two")) == (None, None)


def test_a_tag_counts_as_its_commit(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    bad = pushing.commit(bad=True)
    pushing.project.git("tag", "-a", "v1", "-m", "One")
    refused = pushing.push("origin", "v1")
    assert (refused.code, pushing.runs()) == (1, [("FAILED", bad, "main")])


def test_a_forced_push_is_checked_and_a_deletion_is_not(pushing: Pushing) -> None:
    pushing.mode("wait")
    first = pushing.config()
    pushing.commit(bad=False)
    assert pushing.push("origin", "main", "main:other").code == 0
    pushing.project.git("reset", "-q", "--hard", first)
    bad = pushing.commit(bad=True)
    assert pushing.push("--force", "origin", "main").code == 1
    deleted = pushing.push("origin", ":other")
    assert (deleted.code, ours(deleted), pushing.at_origin("refs/heads/other")) == (0, [], None)
    assert pushing.runs()[-1] == ("FAILED", bad, "main")


def test_a_commit_without_a_pipeline_is_pushed(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.project.write("file", "x")
    sha = pushing.project.commit()
    pushed = pushing.push()
    assert (pushed.code, ours(pushed), pushing.at_origin()) == (0, [], sha)


def test_a_submodule_and_an_lfs_pointer_are_pushed_as_git_has_them(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.project.write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 99\n")
    pushing.project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (pushing.project.path / "sub").mkdir()
    pushing.project.git("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},sub")
    pushing.config('p.job("Look", "grep -q git-lfs big.bin && test -d sub && test -z \\"$(ls sub)\\"")')
    pushed = pushing.push()
    assert pushed.code == 0, pushed.err


def test_a_push_from_a_worktree_is_checked(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    pushing.project.git("worktree", "add", "-q", "-b", "side", "../side")
    (pushing.project.scratch / "side/bad").write_text("x")
    side = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", "../side"]
    for command in (["add", "-A"], ["commit", "-qm", "Bad"]):
        subprocess.run([*side, *command], cwd=pushing.project.path, env=pushing.project.environment, check=True)
    refused = pushing.push("origin", "side", where="../side")
    assert (refused.code, pushing.at_origin("refs/heads/side")) == (1, None)


def test_a_push_from_a_repository_whose_files_lie_elsewhere_is_checked(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    bad = pushing.commit(bad=True)
    apart = pushing.project.scratch / "apart.git"
    pushing.project.git("init", "-q", "--separate-git-dir", str(apart))
    assert pushing.push().code == 1
    (pushing.project.path / ".git").unlink()  # now it is found by variables alone, as one for the files of a home directory
    refused = pushing.push(GIT_DIR=str(apart), GIT_WORK_TREE=str(pushing.project.path))
    assert refused.code == 1
    assert ours(refused)[0] == f"jci: checking {bad[:10]} (main) before it is pushed"


def test_a_push_from_a_bare_repository_is_checked(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    pushing.commit(bad=True)
    (pushing.project.path / ".git").rename(pushing.project.scratch / "bare.git")
    settings = ["git", "-C", str(pushing.project.scratch / "bare.git"), "config", "core.bare", "true"]
    subprocess.run(settings, check=True)
    assert pushing.push(where="../bare.git").code == 1


def test_what_is_not_in_this_repository_is_not_waved_through(pushing: Pushing) -> None:
    pushing.config()
    lines = f"refs/heads/main {'1' * 40} refs/heads/main {ZEROS}\n"
    told = subprocess.run([JCI, "hook", "pre-push"], input=lines, cwd=pushing.project.path, env=pushing.project.environment, text=True, capture_output=True, check=False)
    assert (told.returncode, told.stderr) == (2, f"jci: error: what is pushed, {'1' * 40}, is not in the repository `{pushing.project.path}`\n")


def test_what_git_tells_its_hooks_does_not_reach_the_pipeline(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.project.write("cicd/cicd.py", "import os\nleft = sorted(n for n in os.environ if n in ('GIT_DIR', 'GIT_PREFIX', 'GIT_INDEX_FILE'))\nraise SystemExit(3 if left else 0)\n")
    pushing.project.commit()
    pushed = pushing.push(GIT_DIR=str(pushing.project.path / ".git"), GIT_INDEX_FILE=str(pushing.project.path / ".git/index"))
    assert pushed.code == 0, pushed.err


def test_ctrl_c_while_a_push_waits_stops_the_jobs_and_pushes_nothing(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config('p.job("Long", "touch $SCRATCH/begun; sleep 600")')
    pushing.project.environment["JAYPORE_SCRATCH"] = str(pushing.project.scratch)
    process = subprocess.Popen(
        ["git", "push", "origin", "main"],
        cwd=pushing.project.path,
        env=pushing.project.environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until((pushing.project.scratch / "begun").exists)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=DEADLINE)
    until(lambda: [status for status, _, _ in pushing.runs()] == ["CANCELLED"])
    assert pushing.at_origin() is None


# ---- at once


def test_files_that_have_passed_pass_at_once(pushing: Pushing) -> None:
    pushing.mode("wait")
    first = pushing.config()
    assert pushing.push().code == 0
    again = pushing.commit(bad=False)  # another commit of the same files
    pushed = pushing.push()
    assert (pushed.code, without_ids(ours(pushed))) == (0, [f"jci: {again[:10]} (main) has passed, TIME ago (run RUN)"])
    assert (pushing.at_origin(), pushing.runs()) == (again, [("PASSED", first, "main")])


def test_a_run_by_hand_counts_but_not_one_that_says_nothing_of_the_commit(pushing: Pushing) -> None:
    pushing.mode("wait")
    sha = pushing.project.config(PASSES_UNLESS_BAD)
    assert pushing.project.jci("run", "--executor", "mock").code == 0
    assert pushing.project.jci("run", "--executor", "shell", "--dirty").code == 0
    process = pushing.project.start([JCI, "hook", "pre-push", "--wait"])
    pushing.project.finish(process)
    lines = f"refs/heads/main {sha} refs/heads/main {ZEROS}\n"
    without_engine = {"DOCKER_HOST": f"unix://{pushing.project.scratch}/none.sock"}

    def hook() -> int:
        environment = pushing.project.environment | without_engine
        return subprocess.run([JCI, "hook", "pre-push", "--wait"], input=lines, cwd=pushing.project.path, env=environment, text=True, check=False, capture_output=True).returncode

    assert hook() == 1
    assert pushing.project.jci("run", "--executor", "shell").code == 0
    assert hook() == 0


# ---- in the background


def test_a_push_does_not_wait_unless_told_to(pushing: Pushing) -> None:
    sha = pushing.config('p.job("Build", "until test -e $SCRATCH/go; do sleep 0.01; done")')
    pushing.project.environment["JAYPORE_SCRATCH"] = str(pushing.project.scratch)
    pushed = pushing.push()
    assert (pushed.code, ours(pushed)) == (0, [f"jci: {sha[:10]} (main) is checked in the background; `jci runs` tells how it goes"])
    assert pushing.at_origin() == sha
    until(lambda: pushing.runs() == [("RUNNING", sha, "main")])
    (pushing.project.scratch / "go").touch()
    assert pushing.ended(("PASSED", sha, "main"))
    assert until(lambda: "┗━" in pushing.log())


def test_what_failed_in_the_background_is_told_at_the_next_push_once(pushing: Pushing) -> None:
    pushing.config()
    bad = pushing.commit(bad=True)
    assert pushing.push().code == 0
    news = pushing.project.scratch / "state/jaypore/pushes"
    until(lambda: list(news.glob("*/*.news")))
    good = pushing.commit(bad=False)
    told = f"jci: {bad[:10]} (main) failed after its push; `jci report {bad[:10]}` shows how"
    assert ours(pushing.push())[:1] == [told]
    assert pushing.ended(("FAILED", bad, "main"), ("PASSED", good, "main"))
    pushing.project.write("more", "x")
    pushing.project.commit()
    assert told not in ours(pushing.push())
    assert pushing.project.jci("report", bad[:10]).code in (0, 1)


def test_of_a_push_every_failure_is_told(pushing: Pushing) -> None:
    pushing.config()
    one = pushing.commit(bad=True)
    pushing.project.git("checkout", "-q", "-b", "other")
    pushing.project.write("more", "x")
    two = pushing.project.commit()
    assert pushing.push("origin", "main", "other").code == 0
    assert pushing.ended(("FAILED", one, "main"), ("FAILED", two, "other"))
    until(lambda: not list((pushing.project.scratch / "state/jaypore/pushes").glob("*/*.begun")))
    pushing.commit(bad=False)
    told = ours(pushing.push("origin", "other"))
    assert [line.split(";")[0] for line in told[:2]] == [f"jci: {one[:10]} (main) failed after its push", f"jci: {two[:10]} (other) failed after its push"]


def test_a_check_that_cannot_even_begin_is_told_too(pushing: Pushing) -> None:
    pushing.project.write("cicd/cicd.py", "this is no python\n")
    sha = pushing.project.commit()
    assert pushing.push().code == 0
    until(lambda: list((pushing.project.scratch / "state/jaypore/pushes").glob("*/*.news")))
    pushing.config()
    [told, *_] = ours(pushing.push())
    found = re.fullmatch(rf"jci: {sha[:10]} \(main\) could not be checked after its push; `(.*)` tells why", told)
    assert found and "SyntaxError" in Path(found[1]).read_text()


def test_a_check_that_dies_with_the_machine_is_told_at_the_next_push_once(pushing: Pushing) -> None:
    sha = pushing.config('p.job("Long", "sleep 600")')
    pushing.project.environment["MARK"] = str(pushing.project.scratch)
    assert pushing.push().code == 0
    until(lambda: pushing.runs() == [("RUNNING", sha, "main")])
    pushing.project.write("more", "x")
    pushing.project.commit()
    told = f"jci: the check of {sha[:10]} (main) after its push was interrupted; `jci run --commit {sha[:10]}` does it again"
    assert told not in ours(pushing.push("origin", "main:one"))  # it goes on
    while left := pushing.project.processes_marked(f"MARK={pushing.project.scratch}"):
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    pushing.project.write("more", "y")
    pushing.project.commit()
    assert told in ours(pushing.push())
    assert pushing.runs()[0] == ("INTERRUPTED", sha, "main")
    pushing.project.write("more", "z")
    pushing.project.commit()
    assert told not in ours(pushing.push())
    for process in pushing.project.processes_marked(f"MARK={pushing.project.scratch}"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def test_two_pushes_at_once_are_both_checked(pushing: Pushing) -> None:
    first = pushing.config()
    pushing.project.git("checkout", "-q", "-b", "other")
    second = pushing.commit(bad=True)
    started = [pushing.project.start(["git", "push", "origin", branch]) for branch in ("main", "other")]
    assert [pushing.project.finish(process).code for process in started] == [0, 0]
    until(lambda: sorted(pushing.runs()) == sorted([("PASSED", first, "main"), ("FAILED", second, "other")]))


def test_a_check_in_the_background_outlives_the_terminal_it_came_from(pushing: Pushing) -> None:
    sha = pushing.config('p.job("Build", "until test -e $SCRATCH/go; do sleep 0.01; done")')
    environment = pushing.project.environment | {"JAYPORE_SCRATCH": str(pushing.project.scratch)}
    # script(1) gives the push a terminal, which is gone when it returns
    subprocess.run(["script", "-qec", "git push origin main", "/dev/null"], cwd=pushing.project.path, env=environment, check=True, capture_output=True, timeout=DEADLINE)
    until(lambda: pushing.runs() == [("RUNNING", sha, "main")])
    (pushing.project.scratch / "go").touch()
    assert pushing.ended(("PASSED", sha, "main"))


def test_a_desktop_is_told(pushing: Pushing) -> None:
    notify = pushing.project.scratch / "bin/notify-send"
    notify.parent.mkdir()
    notify.write_text('#!/bin/sh\nprintf "%s|" "$@" >"$SCRATCH/told.new" && mv "$SCRATCH/told.new" "$SCRATCH/told"\n')
    notify.chmod(0o755)
    pushing.project.environment["PATH"] = f"{notify.parent}:{pushing.project.environment['PATH']}"
    sha = pushing.config()
    assert pushing.push(DISPLAY=":9").code == 0
    told = pushing.project.scratch / "told"
    until(told.exists)
    assert told.read_text() == f"--app-name=Jaypore CI|--|{sha[:10]} (main) passed|project|"


# ---- without a check


def test_a_skipped_check_leaves_a_trace(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    bad = pushing.commit(bad=True)
    pushed = pushing.push(JAYPORE_SKIP="1")
    assert (pushed.code, ours(pushed)) == (0, [f"jci: {bad[:10]} (main) is not checked, for JAYPORE_SKIP is set; `jci runs` shows that"])
    assert (pushing.at_origin(), pushing.runs()) == (bad, [("SKIPPED", bad, "main")])


def test_no_verify_pushes_what_fails(pushing: Pushing) -> None:
    pushing.mode("wait")
    pushing.config()
    bad = pushing.commit(bad=True)
    assert (pushing.push("--no-verify", "origin", "main").code, pushing.at_origin(), pushing.runs()) == (0, bad, [])


# ---- what goes wrong


def test_a_mode_that_does_not_exist_is_named(pushing: Pushing) -> None:
    pushing.mode("later")
    pushing.config()
    refused = pushing.push()
    assert ours(refused) == ["jci: error: jaypore.push is `later`, and may be `detach` or `wait`: `git config jaypore.push detach`"]
    assert (refused.code, pushing.at_origin()) == (1, None)


def test_a_script_for_another_version_says_what_to_do(pushing: Pushing) -> None:
    pushing.config()
    version = pushing.project.jci("--version").out.split()[1]
    refused = pushing.push(EXPECTED_JAYPORECI_VERSION="99.1")
    assert ours(refused) == [
        f"jci: error: EXPECTED_JAYPORECI_VERSION asks for Jaypore CI `99.1`, and this is `{version}`: install that one, "
        "or change the line (it may be in `cicd/pre-push.sh`)"
    ]
    assert refused.code == 1
    for fits in (version, "latest", ""):
        assert pushing.push(EXPECTED_JAYPORECI_VERSION=fits).code == 0


def test_a_history_that_cannot_be_read_costs_a_run_and_no_push(pushing: Pushing) -> None:
    pushing.mode("wait")
    sha = pushing.config()
    state = pushing.project.scratch / "state/jaypore"
    state.mkdir(parents=True)
    (state / "history.db").write_text("no database at all, but long enough to be looked at" * 100)
    pushed = pushing.push()
    assert (pushed.code, pushing.at_origin()) == (0, sha)
    assert "what has passed before is not known" in pushed.err


def test_hook_input_by_hand_is_explained(pushing: Pushing) -> None:
    pushing.config()
    told = subprocess.run([JCI, "hook", "pre-push"], input="x\n", cwd=pushing.project.path, env=pushing.project.environment, text=True, capture_output=True, check=False)
    assert (told.returncode, told.stderr) == (2, "jci: error: a pre-push hook reads `LOCAL-REF ID REMOTE-REF ID` lines from git, not `x`\n")


# ---- jci push


def test_jci_push_checks_and_then_pushes(pushing: Pushing) -> None:
    shutil.rmtree(pushing.project.path / ".git/hooks")
    good = pushing.config()
    pushed = pushing.project.jci("push", "-u", "origin", "main")
    assert (pushed.code, pushing.at_origin()) == (0, good), pushed.err
    assert pushing.project.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main"
    bad = pushing.commit(bad=True)
    refused = pushing.project.jci("push")
    assert (refused.code, pushing.at_origin(), pushing.runs()) == (1, good, [("PASSED", good, "main"), ("FAILED", bad, "main")])


def test_jci_push_and_the_hook_run_the_pipeline_once(pushing: Pushing) -> None:
    pushing.mode("wait")
    sha = pushing.config()
    pushed = pushing.project.jci("push", "origin", "HEAD:refs/heads/new")
    assert (pushed.code, pushing.at_origin("refs/heads/new"), pushing.runs()) == (0, sha, [("PASSED", sha, "new")]), pushed.err


def test_jci_push_runs_nothing_that_git_would_not_push(pushing: Pushing) -> None:
    pushing.config()
    told = pushing.project.jci("push", "nowhere", "main")
    assert (told.code, pushing.runs()) == (128, [])
    assert "'nowhere' does not appear to be a git repository" in told.err
    assert told.err.endswith("jci: git would not push this, so nothing is checked\n")


# ---- secrets


def with_secret(pushing: Pushing, environment: str, value: str) -> None:
    assert pushing.project.jci("secrets", "keygen", environment).code == 0
    process = subprocess.run(
        [JCI, "secrets", "set", environment, "JAYPORE_PIN"], input=value, cwd=pushing.project.path, env=pushing.project.environment, text=True, capture_output=True, check=False
    )
    assert process.returncode == 0, process.stderr
    pushing.project.write(".gitignore", "secrets/*.key\n")


def test_a_check_has_the_secrets_and_masks_them(pushing: Pushing) -> None:
    pushing.mode("wait")
    with_secret(pushing, "ci", "geheim-4711")
    pushing.config('p.job("Say", "echo pin $PIN; test \\"$PIN\\" = geheim-4711; exit 1")')
    pushed = pushing.push()
    assert "pin ***" in pushed.err
    assert "geheim-4711" not in pushed.err


@pytest.mark.parametrize("command", [["git", "push", "origin", "main"], [JCI, "push", "origin", "main"]])
def test_env_names_the_secrets(pushing: Pushing, command: list[str]) -> None:
    pushing.mode("wait")
    with_secret(pushing, "ci", "of the ci environment")
    with_secret(pushing, "staging", "of the staging environment")
    sha = pushing.config('p.job("Say", "test \\"$PIN\\" = \\"of the staging environment\\"")')
    pushed = pushing.project.finish(pushing.project.start(command, ENV="staging"))
    assert (pushed.code, pushing.at_origin()) == (0, sha), pushed.err


def test_without_the_key_nothing_is_pushed_and_the_file_is_named(pushing: Pushing) -> None:
    with_secret(pushing, "ci", "geheim")
    (pushing.project.path / "secrets/ci.key").unlink()
    pushing.config()
    refused = pushing.push()
    assert (refused.code, pushing.at_origin(), pushing.runs()) == (1, None, [])
    [told] = ours(refused)
    assert "secrets/ci.key" in told
    assert pushing.push(JAYPORE_SKIP="1").code == 0  # what is not run needs no key
