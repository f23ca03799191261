# SPDX-License-Identifier: MIT
"""Gitea, GitHub and GitLab: the pull request of the branch, and the commit's status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from forge_server import SHA, TOKEN, ForgeServer, Prism, Pull
from http_server import Request

from jaypore_ci import executors, interfaces, jci, remotes, repos

BEGIN = "<!-- jaypore-ci:begin jaypore_ci -->\n"
END = "<!-- jaypore-ci:end jaypore_ci -->\n"
CLASSES = {"gitea": remotes.Gitea, "github": remotes.Github, "gitlab": remotes.Gitlab}


def block(report: str) -> str:
    return f"{BEGIN}{report}\n{END}"


@pytest.fixture(params=["gitea", "github", "gitlab"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest) -> Iterator[ForgeServer]:
    """One server of each kind; GitHub's is held against GitHub's description."""
    prism: Prism | None = request.getfixturevalue("prism") if kind == "github" else None
    with ForgeServer(kind, prism=prism) as server:
        yield server


@pytest.fixture
def github(prism: Prism) -> Iterator[ForgeServer]:
    with ForgeServer("github", prism=prism) as server:
        yield server


@pytest.fixture
def gitea() -> Iterator[ForgeServer]:
    with ForgeServer("gitea") as server:
        yield server


def remote_at(server: ForgeServer, **given: Any) -> Any:
    settings: dict[str, Any] = {
        "root": server.root, "owner": "team", "repo": "widgets", "branch": "feature", "token": TOKEN, "sha": SHA,
        "title": "Fix the door\n\nIt squeaked.", "timeout": 20,
    }  # fmt: skip
    return CLASSES[server.kind](**{**settings, **given})


def shown(server: ForgeServer) -> str:
    """Where the report is: in the body, or in GitLab's note."""
    if server.kind == "gitlab":
        (note,) = server.repository.comments.values()
        return str(note["body"])
    return str(server.repository.pulls[-1].body)


def why_not(call: Callable[[], object]) -> str:
    with pytest.raises(interfaces.RemoteApiFailed) as failed:
        call()
    assert TOKEN not in str(failed.value)
    return str(failed.value)


# ---- the pull request


def test_a_pull_request_is_opened_against_the_default_branch(server: ForgeServer) -> None:
    remote_at(server).publish("all is well", "success")
    (pull,) = server.repository.pulls
    assert (pull.head, pull.base, pull.title) == ("feature", "trunk", "Fix the door")
    assert shown(server) == block("all is well")


def test_an_open_pull_request_is_found(server: ForgeServer) -> None:
    server.repository.pulls = [
        Pull(1, "feature", "trunk", state="closed"),
        Pull(2, "feature", "elsewhere"),
        Pull(3, "feature", "trunk"),
    ]
    remote_at(server).publish("all is well", "success")
    assert shown(server) == block("all is well")
    assert [pull.body for pull in server.repository.pulls[:2]] == ["", ""]
    assert len(server.repository.pulls) == 3


def test_a_pull_request_without_a_body_is_none_to_stumble_over(github: ForgeServer) -> None:
    github.repository.pulls = [Pull(1, "feature", "trunk", body=None)]
    remote_at(github).publish("all is well", "success")
    assert shown(github) == block("all is well")


def test_a_forks_branch_of_the_same_name_is_not_ours(gitea: ForgeServer) -> None:
    gitea.repository.pulls = [Pull(1, "feature", "trunk", repository=8), Pull(2, "feature", "trunk")]
    remote_at(gitea).publish("all is well", "success")
    assert [pull.body for pull in gitea.repository.pulls] == ["", block("all is well")]


def test_a_pull_request_is_found_among_hundreds(gitea: ForgeServer) -> None:
    gitea.repository.pulls = [Pull(number, f"branch-{number}", "trunk") for number in range(1, 120)]
    gitea.repository.pulls.append(Pull(120, "feature", "trunk"))
    remote_at(gitea).publish("all is well", "success")
    assert shown(gitea) == block("all is well")


@pytest.mark.parametrize("kind", ["gitea", "github"])
def test_the_text_of_people_stays_as_it_is(server: ForgeServer) -> None:
    around, behind = "Fixes #1\r\n\r\n- [x] done\r\n\r\n", "\r\n  Signed-off-by: me"
    server.repository.pulls = [Pull(1, "feature", "trunk", body=f"{around}{block('old')}{behind}")]
    remote = remote_at(server)
    remote.publish("one", "pending")
    remote.publish("two", "success")
    assert shown(server) == f"{around}{block('two')}{behind}"


@pytest.mark.parametrize("kind", ["gitea", "github"])
def test_what_people_write_meanwhile_is_not_lost(server: ForgeServer) -> None:
    remote = remote_at(server)
    remote.publish("one", "pending")
    pull = server.repository.pulls[0]
    pull.body = f"My words.\n\n{pull.body}"
    remote.publish("two", "success")
    assert shown(server) == f"My words.\n\n{block('two')}"


@pytest.mark.parametrize("kind", ["gitea", "github"])
def test_a_report_that_does_not_fit_says_so(server: ForgeServer) -> None:
    server.repository.pulls = [Pull(1, "feature", "trunk", body="x" * 65_000)]
    remote_at(server).publish("y" * 40_000, "success")
    body = shown(server)
    assert body.startswith("x" * 65_000 + "\n\n" + BEGIN)
    assert "The report itself does not fit here" in body and "**PASSED**" in body


def test_a_report_beside_a_long_text_of_people_is_shortened(github: ForgeServer, repo: repos.Mock) -> None:
    human = "x" * 60_000
    github.repository.pulls = [Pull(1, "feature", "trunk", body=human)]
    with jci.Pipeline(executor=executors.Mock(), remote=remote_at(github), repo=repo, poll_interval=0) as p:
        for number in range(200):
            p.job(f"Job-{number}", "true")
    body = shown(github)
    assert body.startswith(f"{human}\n\n{BEGIN}") and body.endswith(END)
    assert 61_000 < len(body) <= 65_536
    assert "Job-1" in body and "does not fit here" not in body


def test_a_comment_is_made_once_and_edited(kind: str, server: ForgeServer) -> None:
    def remote() -> Any:
        return remote_at(server) if kind == "gitlab" else remote_at(server, comment=True)

    server.repository.pulls = [Pull(1, "feature", "trunk", body="Mine.")]
    server.repository.comment(1, "me too")
    first = remote()
    first.publish("one", "pending")
    first.publish("two", "success")
    remote().publish("three", "success")  # the next run
    assert [comment["body"] for comment in server.repository.comments.values()] == ["me too", block("three")]
    assert server.repository.pulls[0].body == "Mine."


def test_a_comment_that_is_gone_is_made_anew(server: ForgeServer) -> None:
    remote = remote_at(server) if server.kind == "gitlab" else remote_at(server, comment=True)
    remote.publish("one", "pending")
    server.repository.comments.clear()
    remote.publish("two", "success")
    assert [comment["body"] for comment in server.repository.comments.values()] == [block("two")]


def test_our_comment_is_found_behind_hundreds_of_others(github: ForgeServer) -> None:
    github.repository.pulls = [Pull(1, "feature", "trunk")]
    for number in range(150):
        github.repository.comment(1, f"comment {number}")
    ours = github.repository.comment(1, block("old"))
    remote_at(github, comment=True).publish("new", "success")
    assert ours["body"] == block("new")


@pytest.mark.parametrize("branch", ["trunk", ""])
def test_the_default_branch_and_a_detached_head_have_only_a_status(server: ForgeServer, branch: str) -> None:
    remote_at(server, branch=branch).publish("all is well", "success")
    assert server.repository.pulls == []
    assert server.repository.states() == ["success"]


def test_a_branch_without_commits_of_its_own_has_only_a_status(github: ForgeServer) -> None:
    github.repository.empty_branches = {"feature"}
    remote_at(github).publish("all is well", "success")
    assert github.repository.pulls == []
    assert github.repository.states() == ["success"]


def test_two_pipelines_share_a_pull_request(gitea: ForgeServer) -> None:
    remote_at(gitea, context="nightly").publish("stars", "failure")
    remote_at(gitea).publish("sun", "success")
    assert "stars" in shown(gitea) and "sun" in shown(gitea)
    assert (gitea.repository.states("nightly"), gitea.repository.states()) == (["failure"], ["success"])


# ---- the status


def test_the_status_follows_the_run(server: ForgeServer) -> None:
    remote = remote_at(server)
    for report, status in [("one", "pending"), ("two", "failure")]:
        remote.publish(report, status)
    failed = "failed" if server.kind == "gitlab" else "failure"
    assert server.repository.states() == ["pending", failed]
    assert server.repository.statuses[-1]["target_url"].endswith("/1")


def test_what_is_there_already_makes_no_request(server: ForgeServer) -> None:
    remote = remote_at(server)
    remote.publish("one", "pending")
    before = len(server.requests)
    remote.publish("one", "pending")
    assert len(server.requests) == before


def test_a_status_that_gitlab_has_already_is_no_failure() -> None:
    with ForgeServer("gitlab") as server:
        for _ in range(2):
            remote_at(server).publish("one", "pending")
        assert server.repository.states() == ["pending"]


def run_pipeline(remote: Any, repo: repos.Mock) -> None:
    executor = executors.Mock()
    executor.script("Test", exit_code=3)
    with jci.Pipeline(executor=executor, remote=remote, repo=repo, poll_interval=0) as p:
        p.job("Lint", "lint")
        p.job("Test", "test")
        p.job("Ship", "ship", depends_on=["Test"])


def test_each_job_has_a_status_where_asked(server: ForgeServer, repo: repos.Mock) -> None:
    run_pipeline(remote_at(server, job_statuses=True), repo)
    ends = {name: server.repository.states(name)[-1] for name in ("jaypore-ci / Lint", "jaypore-ci / Test", "jaypore-ci / Ship")}
    passed, failed, skipped = {
        "gitea": ("success", "failure", "warning"),
        "github": ("success", "failure", "error"),
        "gitlab": ("success", "failed", "canceled"),
    }[server.kind]
    assert ends == {"jaypore-ci / Lint": passed, "jaypore-ci / Test": failed, "jaypore-ci / Ship": skipped}
    said = {status.get("context", status.get("name")): status["description"] for status in server.repository.statuses}
    assert said["jaypore-ci"].startswith("Test failed; 1 of 3 jobs passed in ")
    assert said["jaypore-ci / Test"].startswith("exit code 3 after ")


# ---- check runs


def test_check_runs_take_the_place_of_statuses(github: ForgeServer, repo: repos.Mock) -> None:
    github.repository.may_write_checks = True
    run_pipeline(remote_at(github, checks=True, job_statuses=True), repo)
    checks = {check["name"]: check for check in github.repository.checks.values()}
    assert {name: check["conclusion"] for name, check in checks.items()} == {
        "jaypore-ci": "failure",
        "jaypore-ci / Lint": "success",
        "jaypore-ci / Test": "failure",
        "jaypore-ci / Ship": "skipped",
    }
    assert all((check["head_sha"], check["status"]) == (SHA, "completed") for check in checks.values())
    assert "**failed**" in checks["jaypore-ci"]["output"]["summary"]
    assert github.repository.statuses == []


def test_a_token_that_may_not_write_check_runs_sets_statuses_and_says_so(github: ForgeServer) -> None:
    remote = remote_at(github, checks=True)
    remote.publish("one", "success")
    assert github.repository.states() == ["success"]
    assert why_not(remote.teardown) == (
        "the token in `JAYPORE_GITHUB_TOKEN` may not write check runs, which only the tokens of apps may "
        "(right `checks: write`); commit statuses were set in their place"
    )


def test_the_description_of_github_refuses_what_is_wrong(prism_process: str) -> None:
    """Else none of these tests would say anything of GitHub."""
    path = f"/repos/team/widgets/statuses/{SHA}"
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json", "accept": "application/vnd.github+json"}
    for wrong in ({"state": "warning"}, {"state": "success", "contxt": "typo"}, {"context": "no state"}):
        prism = Prism(prism_process)
        prism.check(Request("POST", path, {}, headers, json.dumps(wrong).encode()))
        assert len(prism.violations) == 1, wrong
    right = Prism(prism_process)
    right.check(Request("POST", path, {}, headers, b'{"state": "success"}'))
    assert right.violations == []


# ---- what goes wrong


def test_a_wrong_token_is_named_but_not_shown(server: ForgeServer) -> None:
    why = why_not(lambda: remote_at(server, token="wr0ng-one").publish("one", "success"))
    service = {"gitea": "Gitea", "github": "GitHub", "gitlab": "GitLab"}[server.kind]
    assert why.endswith(
        f"{service} at `{server.url}` answered 401, Bad credentials; "
        f"the token in `JAYPORE_{service.upper()}_TOKEN` is wrong or no longer valid"
    )
    assert "wr0ng-one" not in why


def test_a_repository_that_is_not_there_is_named(server: ForgeServer) -> None:
    why = why_not(lambda: remote_at(server, repo="gadgets").publish("one", "success"))
    assert "`team/gadgets`" in why and "404" in why and "it is not there, or the token in" in why


def test_a_branch_that_was_not_pushed_yet_is_named(server: ForgeServer) -> None:
    server.repository.branches.remove("feature")
    why = why_not(lambda: remote_at(server).publish("one", "success"))
    assert why.endswith(f"commit `{SHA[:10]}` or its branch may not have been pushed yet")


def test_a_server_below_a_path_is_reached() -> None:
    with ForgeServer("gitea", path="/below/here") as server:
        remote_at(server).publish("all is well", "success")
        assert server.repository.states() == ["success"]


# ---- where the settings come from


@pytest.mark.parametrize("kind", ["gitea", "gitlab"])
def test_the_environment_tells_all(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"JAYPORE_{kind.upper()}_TOKEN", f" {TOKEN}\n")
    with ForgeServer(kind) as server:
        repo = repos.Mock(sha=SHA, branch="feature", remote=f"{server.url}/team/widgets.git")
        CLASSES[kind].from_env(repo=repo).publish("all is well", "success")
        assert shown(server) == block("all is well")


def test_github_enterprise_is_where_the_environment_says(github: ForgeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAYPORE_GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("JAYPORE_GITHUB_API", github.root)
    repo = repos.Mock(sha=SHA, branch="feature", remote="git@ghe.example.org:team/widgets.git")
    remotes.Github.from_env(repo=repo).publish("all is well", "success")
    assert shown(github) == block("all is well")


@pytest.mark.parametrize("kind", ["gitea", "github", "gitlab"])
def test_a_missing_token_is_named(kind: str) -> None:
    repo = repos.Mock(sha=SHA, branch="feature", remote="https://git.example.org/team/widgets.git")
    with pytest.raises(jci.BadConfig, match=f"`JAYPORE_{kind.upper()}_TOKEN`"):
        CLASSES[kind].from_env(repo=repo)
