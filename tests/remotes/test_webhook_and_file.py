# SPDX-License-Identifier: MIT
"""Webhooks get reports, signed where there is a secret; files are always whole."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_server import Answer, HttpServer

from jaypore_ci import executors, interfaces, jci, remotes, repos


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer(lambda _: Answer(200, b"ok")) as server:
        yield server


# ---- webhooks


def test_a_json_report_is_posted_as_it_is(server: HttpServer, repo: repos.Mock) -> None:
    remotes.Webhook(repo=repo, url=f"{server.url}/hook").publish('{"status": "PASSED"}', "success")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("jaypore-ci/")
    assert request.body == b'{"status": "PASSED"}'
    assert "x-jaypore-signature-256" not in request.headers


def test_a_report_is_signed_where_there_is_a_secret(server: HttpServer, repo: repos.Mock) -> None:
    remotes.Webhook(repo=repo, url=server.url, secret="s3cret").publish("all is well", "success")
    (request,) = server.requests
    signature = hmac.new(b"s3cret", request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-jaypore-signature-256"] == f"sha256={signature}"
    assert b"s3cret" not in request.body


def test_only_the_final_report_is_posted_unless_asked(server: HttpServer, repo: repos.Mock) -> None:
    final_only = remotes.Webhook(repo=repo, url=server.url)
    with_progress = remotes.Webhook(repo=repo, url=f"{server.url}/all", progress=True)
    for remote in (final_only, with_progress):
        for report, status in [("one", "pending"), ("two", "success"), ("two", "success")]:
            remote.publish(report, status)
    posted = [(request.path, request.json["report"]) for request in server.requests]
    assert posted == [("/", "two"), ("/all", "one"), ("/all", "two")]


@pytest.mark.parametrize(("format", "field"), [("slack", "text"), ("mattermost", "text"), ("discord", "content"), ("matrix", "text")])
def test_a_chat_gets_a_message(server: HttpServer, repo: repos.Mock, format: str, field: str) -> None:
    remotes.Webhook(repo=repo, url=server.url, format=format).publish("all is well", "success")
    message = server.requests[0].json[field]
    assert message.startswith("🟢 PASSED repository [feature 01234567]: passed\n")
    assert "all is well" in message


def test_the_environment_may_tell_of_several(server: HttpServer, repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAYPORE_WEBHOOK_URL", f"{server.url}/build")
    monkeypatch.setenv("JAYPORE_WEBHOOK_DOCS_URL", f"{server.url}/docs")
    monkeypatch.setenv("JAYPORE_WEBHOOK_DOCS_FORMAT", "slack")
    remotes.Webhook.from_env(repo=repo).publish("one", "success")
    remotes.Webhook.from_env(repo=repo, variables="JAYPORE_WEBHOOK_DOCS").publish("two", "success")
    assert [(request.path, sorted(request.json)[0]) for request in server.requests] == [("/build", "branch"), ("/docs", "text")]


def test_mistakes_in_settings_are_named(repo: repos.Mock) -> None:
    with pytest.raises(jci.BadConfig, match="`JAYPORE_WEBHOOK_URL`"):
        remotes.Webhook.from_env(repo=repo)
    with pytest.raises(jci.BadConfig, match="does not begin with `JAYPORE_WEBHOOK`"):
        remotes.Webhook.from_env(repo=repo, variables="JAYPORE_DOCS")
    with pytest.raises(jci.BadConfig, match="there are json, slack, mattermost, discord, matrix"):
        remotes.Webhook(repo=repo, url="https://host/", format="irc")
    with pytest.raises(jci.BadConfig) as refused:
        remotes.Webhook(repo=repo, url="host/s3cret")
    assert "s3cret" not in str(refused.value)


def test_the_address_of_a_webhook_is_never_shown(repo: repos.Mock) -> None:
    with HttpServer(lambda request: Answer(404, f"no {request.path}".encode())) as server:
        with pytest.raises(interfaces.RemoteApiFailed) as failed:
            remotes.Webhook(repo=repo, url=f"{server.url}/s3cret").publish("one", "success")
        assert str(failed.value) == (
            f"cannot post the report: the webhook at `{server.url}` answered 404; see whether `url` is still right"
        )


def test_a_run_posts_the_json_report(server: HttpServer, repo: repos.Mock) -> None:
    with jci.Pipeline(executor=executors.Mock(), remote=remotes.Webhook(repo=repo, url=server.url), repo=repo) as p:
        p.job("Test", "test")
    (request,) = server.requests
    assert (request.json["status"], request.json["sha"]) == ("PASSED", repo.sha)


# ---- redirects


def test_a_post_is_not_redirected(repo: repos.Mock, server: HttpServer) -> None:
    with HttpServer(lambda _: Answer(307, headers={"Location": f"{server.url}/elsewhere"})) as moved:
        with pytest.raises(interfaces.RemoteApiFailed, match="answered 307"):
            remotes.Webhook(repo=repo, url=moved.url).publish("one", "success")
    assert server.requests == []


def test_a_token_is_not_sent_to_another_server(server: HttpServer) -> None:
    with HttpServer(lambda _: Answer(301, headers={"Location": f"{server.url}/elsewhere"})) as moved:
        remote = remotes.Gitea(root=moved.url, owner="team", repo="widgets", branch="b", token="t0ken", sha="0123")
        with pytest.raises(interfaces.RemoteApiFailed) as failed:
            remote.publish("one", "success")
    assert f"`{moved.url}` has moved to `{server.url}`" in str(failed.value)
    assert server.requests == []


# ---- proxies


def test_a_proxy_of_the_environment_is_used(server: HttpServer, repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "no.example.org")
    remotes.Webhook(repo=repo, url="http://ci.example.org/hook").publish("one", "success")
    assert [request.headers["host"] for request in server.requests] == ["ci.example.org"]


# ---- files


def test_a_file_has_the_newest_report(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.txt"
    remote = remotes.File(path)
    remote.publish("one\n", "pending")
    remote.publish("two\n", "success")
    assert path.read_text() == "two\n"
    assert os.listdir(path.parent) == ["report.txt"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize(
    ("name", "beginning"), [("r.md", "🟢"), ("r.html", "<!doctype html>"), ("r.json", "{"), ("r.xml", "<?xml"), ("r.txt", "╔")]
)
def test_the_name_of_a_file_says_what_it_holds(tmp_path: Path, repo: repos.Mock, name: str, beginning: str) -> None:
    with jci.Pipeline(executor=executors.Mock(), remote=remotes.File(tmp_path / name), repo=repo) as p:
        p.job("Test", "test")
    assert (tmp_path / name).read_text().lower().startswith(beginning.lower())


def test_a_reader_never_sees_half_a_report(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    remote = remotes.File(path)
    remote.publish("one\n", "pending")
    with path.open() as reader:
        remote.publish("two\n", "success")
        assert reader.read() == "one\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    remote = remotes.File(tmp_path / "taken" / "report.txt")
    with pytest.raises(interfaces.RemoteApiFailed, match=f"cannot write `{tmp_path}/taken/report.txt`: Not a directory"):
        remote.publish("one", "success")


def test_stdout_gets_the_final_report(repo: repos.Mock, capfd: pytest.CaptureFixture[str]) -> None:
    class Report(interfaces.Reporter):
        def render(self, pipeline: object) -> str:
            return json.dumps({"status": str(pipeline.get_status())}) + "\n"  # type: ignore[attr-defined]

    with jci.Pipeline(executor=executors.Mock(), remote=remotes.Stdout(), repo=repo, reporter=Report()) as p:
        p.job("Test", "test")
    assert len(capfd.readouterr().out.splitlines()) == 1
