# SPDX-License-Identifier: MIT
"""The commit and its reports, in a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jaypore_ci import interfaces, jci, remotes, repos


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def sha() -> str:
    """Of the second commit of a repository in the working directory."""
    git("init", "-q", "-b", "trunk")
    git("commit", "-q", "--allow-empty", "-m", "First")
    for name in ("b.txt", "a.txt"):
        Path(name).write_text(name)
    git("add", ".")
    git("commit", "-q", "-m", "Second\n\nMore of it.")
    return git("rev-parse", "HEAD")


def test_a_repo_knows_the_commit(sha: str) -> None:
    repo = repos.Git.from_env()
    assert (repo.sha, repo.branch, repo.remote) == (sha, "trunk", "")
    assert repo.commit_message == "Second\n\nMore of it.\n"
    assert repo.commit_message.contains("More")
    assert repo.files_changed("HEAD~1") == ["a.txt", "b.txt"]


def test_an_unknown_revision_is_a_bad_config(sha: str) -> None:
    with pytest.raises(jci.BadConfig, match="`nowhere`"):
        repos.Git().files_changed("nowhere")


def test_no_repository_is_a_bad_config() -> None:
    with pytest.raises(jci.BadConfig, match="is not in a git repository"):
        repos.Git.from_env()


def test_a_report_is_kept_beside_its_commit(sha: str) -> None:
    remote = remotes.GitRemote.from_env(repo=repos.Git.from_env())
    remote.publish("all is well\n", "success")
    assert git("show", f"refs/jayporeci/{sha}:report.txt") == "all is well"


def test_what_is_derived_from_a_built_in_is_made_by_its_own_from_env(sha: str) -> None:
    class MyGit(repos.Git):
        def files_changed(self, target: str) -> list[str]:
            return [*super().files_changed(target), "mine"]

    class MyRemote(remotes.GitRemote):
        def publish(self, report: str, status: str) -> None:
            super().publish(f"{report}({status})\n", status)

    repo = MyGit.from_env()
    assert (type(repo), repo.files_changed("HEAD~1")) == (MyGit, ["a.txt", "b.txt", "mine"])
    remote = MyRemote.from_env(repo=repo)
    remote.publish("well ", "success")
    assert git("show", f"refs/jayporeci/{sha}:report.txt") == "well (success)"


def test_a_git_remote_needs_a_repository(repo: repos.Mock) -> None:
    with pytest.raises(jci.BadConfig, match="needs a repo that is on disk"):
        remotes.GitRemote(repo=repo)


@pytest.mark.parametrize("word", ["", "PASSED"])
def test_a_word_that_is_no_status_is_named(word: str) -> None:
    with pytest.raises(interfaces.BadConfig, match=f"`{word}` is no status"):
        remotes.Mock().publish("report", word)
