# SPDX-License-Identifier: MIT
"""Telegram: one message a run, edited as it goes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from http_server import Answer, HttpServer, Request

from jaypore_ci import interfaces, jci, remotes, repos

TOKEN = "123456:ABC-def_1"
CHAT = "-1001"


def as_shown(html: str) -> str:
    """The text that people see. Fails on tags that do not match."""
    shown, open_tags = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

        def handle_data(self, data: str) -> None:
            shown.append(data)

    reader = Reader()
    reader.feed(html)
    reader.close()
    assert open_tags == []
    return "".join(shown)


class Telegram(HttpServer):
    """telegram-test-api, which validates nothing, behind what the Bot API says of a request."""

    def __init__(self, behind: str) -> None:
        super().__init__(self._pass_on)
        self._behind = behind

    def _pass_on(self, request: Request) -> Answer:
        if not request.path.startswith(f"/bot{TOKEN}/"):
            return Answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        self._check(request)
        return self._ask(request.path, request.body)

    @staticmethod
    def _check(request: Request) -> None:
        message = request.json
        known = {"chat_id", "text", "parse_mode", "link_preview_options"}
        if request.path.endswith("/editMessageText"):
            known.add("message_id")
            assert isinstance(message["message_id"], int)
        assert request.method == "POST" and set(message) == known
        assert isinstance(message["chat_id"], int) or message["chat_id"].startswith("@")
        assert 1 <= len(as_shown(message["text"]).encode("utf-16-le")) / 2 <= 4096

    def _ask(self, path: str, body: bytes) -> Answer:
        asked = urllib.request.Request(f"{self._behind}{path}", data=body, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())

    def messages(self) -> list[str]:
        """What the chat shows now."""
        history = json.loads(self._ask("/getUpdatesHistory", json.dumps({"token": TOKEN}).encode()).bytes)
        return [update["message"]["text"] for update in history["result"] if str(update["message"]["chat_id"]) == CHAT]

    @property
    def methods(self) -> list[str]:
        return [request.path.rsplit("/", 1)[-1] for request in self.requests]


@pytest.fixture
def telegram(telegram_process: str) -> Iterator[Telegram]:
    with Telegram(telegram_process) as server:
        yield server  # type: ignore[misc]


def remote_at(url: str, repo: repos.Mock, **given: Any) -> remotes.Telegram:
    return remotes.Telegram(**{"repo": repo, "token": TOKEN, "chat": CHAT, "root": url, "timeout": 20, **given})


def test_a_run_is_one_message_that_is_edited(telegram: Telegram, repo: repos.Mock) -> None:
    before = telegram.messages()
    remote = remote_at(telegram.url, repo)
    for report, status in [("one", "pending"), ("two", "pending"), ("a < b & c\n", "failure")]:
        remote.publish(report, status)
    remote.publish("a < b & c\n", "failure")
    assert telegram.methods == ["sendMessage", "editMessageText", "editMessageText"]
    (message,) = telegram.messages()[len(before) :]
    assert message == "<b>🔴 FAILED repository [feature 01234567]: failed</b>\n<pre>a &lt; b &amp; c\n</pre>"


def test_a_report_that_is_too_long_is_shortened(telegram: Telegram, repo: repos.Mock) -> None:
    remote_at(telegram.url, repo).publish("🟢 <job>\n" * 2000, "success")
    assert telegram.messages()[-1].endswith(" more lines\n</pre>")


def test_the_environment_tells_all(telegram: Telegram, repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TOKEN": f"{TOKEN}\n", "CHAT": CHAT, "API": f"{telegram.url}/"}.items():
        monkeypatch.setenv(f"JAYPORE_TELEGRAM_{name}", value)
    remotes.Telegram.from_env(repo=repo).publish("by the environment", "success")
    assert "by the environment" in telegram.messages()[-1]


def test_missing_variables_are_all_named(repo: repos.Mock) -> None:
    with pytest.raises(jci.BadConfig, match="`JAYPORE_TELEGRAM_TOKEN`, `JAYPORE_TELEGRAM_CHAT`"):
        remotes.Telegram.from_env(repo=repo)


def test_what_is_no_token_is_refused_and_not_shown(repo: repos.Mock) -> None:
    with pytest.raises(jci.BadConfig) as refused:
        remote_at("https://host", repo, token="123/../secret")
    assert "secret" not in str(refused.value)


def answering(description: str) -> HttpServer:
    """Takes messages, and says no to edits."""

    def answer(request: Request) -> Answer:
        if request.path.endswith("/sendMessage"):
            return Answer(200, {"ok": True, "result": {"message_id": 7}})
        return Answer(400, {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"})

    return HttpServer(answer)


def methods_of_two_reports(server: HttpServer, repo: repos.Mock) -> list[str]:
    with server:
        remote = remote_at(server.url, repo)
        remote.publish("one", "pending")
        remote.publish("two", "success")
        return [request.path.rsplit("/", 1)[-1] for request in server.requests]


def test_an_edit_that_changes_nothing_is_no_failure(repo: repos.Mock) -> None:
    server = answering("message is not modified: specified new message content ...")
    assert methods_of_two_reports(server, repo) == ["sendMessage", "editMessageText"]


def test_a_message_that_was_deleted_is_sent_anew(repo: repos.Mock) -> None:
    server = answering("message to edit not found")
    assert methods_of_two_reports(server, repo) == ["sendMessage", "editMessageText", "sendMessage"]


def test_a_wrong_token_is_named_but_not_shown(telegram: Telegram, repo: repos.Mock) -> None:
    with pytest.raises(interfaces.RemoteApiFailed) as failed:
        remote_at(telegram.url, repo, token="1:wrong-one").publish("one", "success")
    assert str(failed.value) == (
        f"cannot send a message to chat `{CHAT}`: Telegram at `{telegram.url}` answered 401, Unauthorized; "
        "the token in `JAYPORE_TELEGRAM_TOKEN` is wrong or no longer valid"
    )
