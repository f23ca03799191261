# SPDX-License-Identifier: MIT
"""A service that is down, slow or lying is named, with what is wrong; it never changes how a run ends."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from http_server import Answer, HttpServer, make_certificate
from peers import free_port
from project import Project, make_project  # noqa: F401

from jaypore_ci import interfaces, remotes, repos

TOKEN = "12345:t0ken-of-a-test"
TIMEOUT = 0.4
FORGE = {"owner": "team", "repo": "widgets", "branch": "feature", "sha": "0123", "token": TOKEN, "timeout": TIMEOUT}

REMOTES: dict[str, Callable[..., Any]] = {
    "gitea": lambda url, **given: remotes.Gitea(root=url, **FORGE, **given),
    "github": lambda url, **given: remotes.Github(root=url, **FORGE, **given),
    "gitlab": lambda url, **given: remotes.Gitlab(root=url, **FORGE, **given),
    "telegram": lambda url, **given: remotes.Telegram(
        repo=repos.Mock(), token=TOKEN, chat="-1", root=url, timeout=TIMEOUT, **given
    ),
    "webhook": lambda url, **given: remotes.Webhook(repo=repos.Mock(), url=url, secret=TOKEN, timeout=TIMEOUT, **given),
}
VARIABLES = {kind: f"`JAYPORE_{kind.upper()}_TOKEN`" for kind in REMOTES} | {"webhook": "`url`"}


def answering(status: int, body: Any = b"{}", **headers: str) -> Callable[[], AbstractContextManager[str]]:
    @contextmanager
    def server() -> Iterator[str]:
        with HttpServer(lambda _: Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})) as http:
            yield http.url

    return server


@contextmanager
def refusing() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}"


@contextmanager
def hanging() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections, and nobody answers
        yield f"http://127.0.0.1:{silent.getsockname()[1]}"


@contextmanager
def closing() -> Iterator[str]:
    """Breaks off in the middle of an answer's head."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    with server.accept()[0] as client:
                        client.recv(65536)
                        client.sendall(b"HTTP/1.1 20")
            except OSError:
                return

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


JUNK = os.urandom(10 * 1024 * 1024)
PASSING: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "refused": (refusing, "no answer from `{url}`: Connection refused"),
    "hang": (hanging, "no answer from `{url}`: it took longer than 400 ms"),
    "closed": (closing, "no answer from `{url}`: "),
    "500": (answering(500, b"<html>oops</html>"), "at `{url}` answered 500"),
    "503": (answering(503, {"message": "come back later"}, Retry_After="1"), "at `{url}` answered 503"),
    "429": (answering(429, {"message": "slow down"}, Retry_After="1"), "at `{url}` answered 429"),
    "truncated": (answering(200, b'{"id": 1', Content_Length="1000"), "no answer from `{url}`: it broke off in the middle of its answer"),
}  # fmt: skip
LASTING: dict[str, tuple[Callable[[], AbstractContextManager[str]], str]] = {
    "401": (answering(401, {"message": f"bad token {TOKEN}"}), "at `{url}` answered 401"),
    "403": (answering(403, {"message": "not yours"}), "at `{url}` answered 403"),
    "404": (answering(404, {"message": "Not Found"}), "at `{url}` answered 404"),
    "10 MB": (answering(200, JUNK), "`{url}` sent more than 8388608 bytes, which is no sane answer"),
}
NOT_JSON = answering(200, b"<html>Welcome to this network! " + TOKEN.encode())


def why_not(remote: Any) -> str:
    with pytest.raises(interfaces.RemoteApiFailed) as failed:
        remote.publish("report", "success")
    assert TOKEN not in str(failed.value)
    return str(failed.value)


@pytest.mark.parametrize("kind", REMOTES)
@pytest.mark.parametrize("fault", [*PASSING, *LASTING])
def test_a_fault_is_named(kind: str, fault: str) -> None:
    start, expected = (PASSING | LASTING)[fault]
    with start() as url:
        why = why_not(REMOTES[kind](url))
        assert expected.format(url=url) in why
        if fault in ("401", "404") or (fault == "403" and kind != "telegram"):
            assert VARIABLES[kind] in why


@pytest.mark.parametrize("kind", [kind for kind in REMOTES if kind != "webhook"])
def test_an_answer_that_is_not_json_is_named(kind: str) -> None:
    with NOT_JSON() as url:
        assert f"what `{url}` answers is not JSON" in why_not(REMOTES[kind](url))


@pytest.mark.parametrize("kind", REMOTES)
def test_a_certificate_for_another_name_is_refused(kind: str, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "DNS:other.example.org")
    with HttpServer(lambda _: Answer(200, {}), certificate) as server:
        why = why_not(REMOTES[kind](server.url, ca_file=str(certificate)))
        assert f"the certificate of `{server.url}` is not to be trusted" in why
        assert "other" not in why or "match" in why
        assert server.requests == []


@pytest.mark.parametrize("kind", REMOTES)
def test_a_certificate_that_nobody_vouches_for_is_refused(kind: str, tmp_path: Path) -> None:
    with HttpServer(lambda _: Answer(200, {}), make_certificate(tmp_path, "IP:127.0.0.1")) as server:
        assert "`JAYPORE_CA_FILE`" in why_not(REMOTES[kind](server.url))
        assert server.requests == []


def test_a_certificate_of_ones_own_authority_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    with HttpServer(lambda _: Answer(200, b"ok"), certificate) as server:
        monkeypatch.setenv("JAYPORE_CA_FILE", str(certificate))
        monkeypatch.setenv("JAYPORE_WEBHOOK_URL", server.url)
        remotes.Webhook.from_env(repo=repos.Mock()).publish("report", "success")
        assert len(server.requests) == 1


def test_a_file_of_certificates_that_is_not_there_is_named() -> None:
    remote = REMOTES["webhook"]("https://127.0.0.1:1/", ca_file="/nowhere/ca.pem")
    assert why_not(remote) in (
        "cannot read certificates from `/nowhere/ca.pem`, see `JAYPORE_CA_FILE`",
        "no answer from `https://127.0.0.1:1`: Connection refused",
    )


CONFIG = f'''
import json, os
from jaypore_ci import jci, remotes, repos

given = json.loads(os.environ["REMOTES"])
forge = {FORGE!r}
make = {{
    "gitea": lambda url: remotes.Gitea(root=url, **forge),
    "github": lambda url: remotes.Github(root=url, **forge),
    "gitlab": lambda url: remotes.Gitlab(root=url, **forge),
    "telegram": lambda url: remotes.Telegram(repo=repos.Mock(), token={TOKEN!r}, chat="-1", root=url, timeout={TIMEOUT}),
    "webhook": lambda url: remotes.Webhook(repo=repos.Mock(), url=url, timeout={TIMEOUT}),
}}
with jci.Pipeline(remote=[make[kind](url) for kind, url in given]) as p:
    p.job("Test", "exit {{code}}")
'''


@pytest.mark.parametrize("code", [0, 3])
def test_no_fault_changes_how_a_run_ends(project: Project, code: int) -> None:
    """All of them at once: each remote has a thread of its own."""
    from contextlib import ExitStack

    faults = (LASTING | {"not JSON": (NOT_JSON, "")}) if code else (PASSING | LASTING)
    with ExitStack() as servers:
        urls = [servers.enter_context(start()) for start, _ in faults.values()]
        given = [(kind, url) for url in urls for kind in REMOTES if (kind, url) != ("webhook", urls[-1]) or not code]
        project.write("cicd/cicd.py", CONFIG.replace("{code}", str(code)))
        project.commit()
        done = project.run(REMOTES=json.dumps(given))
    assert done.code == (1 if code else 0)
    warnings = [line for line in done.err.splitlines() if "the report was not published by remote" in line]
    for kind, url in given:
        assert any(f"remote `{kind}`: " in line and url in line for line in warnings), f"{kind} {url}\n{done.err}"
    assert TOKEN not in done.err + done.out
