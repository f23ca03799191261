# SPDX-License-Identifier: MIT
"""A run whose config names no remote publishes to the forge whose token is in the environment."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from forge_server import TOKEN, ForgeServer
from project import Project, make_project  # noqa: F401


@pytest.fixture
def gitea() -> Iterator[ForgeServer]:
    with ForgeServer("gitea") as server:
        yield server


def pushed(project: Project, server: ForgeServer, branch: str = "feature") -> None:
    """A commit of `branch`, which the server knows."""
    server.repository.commits = {project.config('p.job("Test", "env | grep -i token; true")')}
    project.git("checkout", "-q", "-B", branch)
    project.git("remote", "add", "origin", f"{server.url}/team/widgets.git")


def test_a_run_publishes_to_gitea_where_its_token_is_set(project: Project, gitea: ForgeServer) -> None:
    pushed(project, gitea)
    done = project.run(JAYPORE_GITEA_TOKEN=TOKEN)
    assert done.code == 0
    assert "jci: reports go to gitea, whose token is in the environment\n" in done.err
    (pull,) = gitea.repository.pulls
    assert (pull.head, pull.base, pull.title) == ("feature", "trunk", "Change things")
    assert "```mermaid" in str(pull.body) and "Test" in str(pull.body)
    assert gitea.repository.states()[-1] == "success"
    assert gitea.repository.statuses[-1]["description"].startswith("1 job passed in ")


def test_no_job_gets_the_token(project: Project, gitea: ForgeServer) -> None:
    pushed(project, gitea)
    done = project.run(JAYPORE_GITEA_TOKEN=TOKEN)
    assert TOKEN not in done.out + done.err + project.jci("logs").out


def test_a_run_without_a_token_says_nothing_of_remotes(project: Project, gitea: ForgeServer) -> None:
    pushed(project, gitea)
    assert "jci: reports go to" not in project.run().err
    assert gitea.requests == []


def test_a_program_that_reads_events_is_told_nothing_else(project: Project, gitea: ForgeServer) -> None:
    pushed(project, gitea)
    done = project.run("--json", JAYPORE_GITEA_TOKEN=TOKEN)
    assert [json.loads(line)["event"] for line in done.out.splitlines()][-1] == "run_finished"
    assert "reports go to" not in done.err
    assert gitea.repository.states()[-1] == "success"


def test_a_commit_that_was_not_pushed_yet_is_tried_again(project: Project, gitea: ForgeServer) -> None:
    """As where a hook runs the pipeline before the push goes on: the branch comes after the first try."""
    pushed(project, gitea)
    gitea.repository.branches.remove("feature")
    tries = 0
    give = gitea.open_pull

    def push_comes_meanwhile(request: object) -> object:
        nonlocal tries
        tries += 1
        if tries == 2:
            gitea.repository.branches.add("feature")
        return give(request)  # type: ignore[arg-type]

    gitea.instead["POST /pulls"] = push_comes_meanwhile
    done = project.run(JAYPORE_GITEA_TOKEN=TOKEN)
    assert "was not published" not in done.err
    assert gitea.repository.states()[-1] == "success"
