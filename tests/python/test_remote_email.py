# SPDX-License-Identifier: MIT
"""Reports arrive as mails, on a real connection to a server of this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from .smtp_server import SmtpServer, make_certificate

from jaypore_ci import interfaces, jci, remotes, repos

LOGIN = {"ci@example.org": "s3cret"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def email(repo: repos.Mock, port: int, **given: Any) -> remotes.Email:
    settings: dict[str, Any] = {
        "addr": "ci@example.org", "password": "s3cret", "email_to": "a@example.org, b@example.org",
        "host": "127.0.0.1", "port": port, "timeout": 20,
    }  # fmt: skip
    return remotes.Email(repo=repo, **{**settings, **given})


def why_not(remote: remotes.Email) -> str:
    with pytest.raises(interfaces.RemoteApiFailed) as failed:
        remote.publish("report", "success")
    return str(failed.value)


def test_a_report_arrives_over_starttls_with_login(repo: repos.Mock, certificate: Path) -> None:
    with SmtpServer(certificate, LOGIN) as server:
        email(repo, server.port, ca_file=str(certificate)).publish("┏━ ok\n.\n.dots\n", "success")
    (mail,) = server.delivered
    assert (mail.encrypted, mail.login) == (True, ("ci@example.org", "s3cret"))
    assert (mail.sender, mail.recipients) == ("ci@example.org", ["a@example.org", "b@example.org"])
    assert mail.text.splitlines() == ["┏━ ok", ".", ".dots"]
    assert mail.message["Subject"] == "[JCI] passed: repository [main 01234567]"
    assert mail.message["To"] == "a@example.org, b@example.org"


def test_port_465_is_tls_from_the_start(repo: repos.Mock, certificate: Path) -> None:
    try:
        server = SmtpServer(certificate, LOGIN, implicit_tls=True, at=465).__enter__()
    except OSError as error:
        pytest.skip(f"cannot listen on port 465: {error}")
    try:
        email(repo, 465, ca_file=str(certificate)).publish("report", "success")
    finally:
        server.__exit__(None, None, None)
    assert [mail.encrypted for mail in server.delivered] == [True]
    assert "STARTTLS" not in server.commands


def test_a_server_of_this_machine_may_lack_tls_and_login(repo: repos.Mock) -> None:
    with SmtpServer() as server:
        email(repo, server.port, password="").publish("report", "failure")
    assert [(mail.encrypted, mail.login) for mail in server.delivered] == [(False, None)]


def test_nothing_goes_unencrypted_to_another_machine(repo: repos.Mock) -> None:
    with SmtpServer(users=LOGIN) as server:  # 0.0.0.0 leads to it, but is no loopback address
        why = why_not(email(repo, server.port, host="0.0.0.0"))
    assert why == (
        f"cannot mail the report through `0.0.0.0:{server.port}`: "
        "it offers no STARTTLS, and a mail goes unencrypted only to this machine"
    )
    assert not {"AUTH", "MAIL"} & set(server.commands)


def test_a_certificate_that_nobody_vouches_for_is_refused(repo: repos.Mock, certificate: Path) -> None:
    with SmtpServer(certificate, LOGIN) as server:
        assert "certificate" in why_not(email(repo, server.port))
    assert not {"AUTH", "MAIL"} & set(server.commands)


def test_a_wrong_password_is_told_but_not_shown(repo: repos.Mock, certificate: Path) -> None:
    with SmtpServer(certificate, LOGIN) as server:
        why = why_not(email(repo, server.port, password="wr0ng", ca_file=str(certificate)))
    assert why == (
        f"cannot mail the report through `127.0.0.1:{server.port}`: "
        "it refused the login; check user and password"
    )
    assert server.delivered == []


def test_a_server_that_is_down_is_named(repo: repos.Mock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert f"cannot mail the report through `127.0.0.1:{port}`: " in why_not(email(repo, port))


def test_a_server_that_hangs_is_given_up(repo: repos.Mock) -> None:
    with SmtpServer(hangs=True) as server:
        assert "timed out" in why_not(email(repo, server.port, timeout=0.3)).lower()


def test_the_words_of_a_server_that_refuses_a_mail_are_shown(repo: repos.Mock) -> None:
    with SmtpServer(refusal="552 mailbox full") as server:
        assert "`552 mailbox full`" in why_not(email(repo, server.port))


def test_the_mails_of_a_run_are_one_thread(repo: repos.Mock) -> None:
    with SmtpServer() as server:
        remote = email(repo, server.port, publish_interval=0)
        for report, status in [("one", "pending"), ("one", "pending"), ("two", "pending"), ("two", "success")]:
            remote.publish(report, status)
    mails = [mail.message for mail in server.delivered]
    assert [mail.get_body(("plain",)).get_content().strip() for mail in mails] == ["one", "two", "two"]
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert [mail["References"] for mail in mails] == [None, mails[0]["Message-ID"], mails[0]["Message-ID"]]


def test_a_run_shorter_than_the_interval_is_one_mail(repo: repos.Mock) -> None:
    with SmtpServer() as server:
        remote = email(repo, server.port, publish_interval=3600)
        for report, status in [("one", "pending"), ("two", "pending"), ("three", "success")]:
            remote.publish(report, status)
    assert [mail.text.strip() for mail in server.delivered] == ["three"]


def test_only_a_failure_is_mailed_where_asked(repo: repos.Mock) -> None:
    with SmtpServer() as server:
        remote = email(repo, server.port, publish_interval=0, only_on_failure=True)
        for status in ["pending", "success", "failure"]:
            remote.publish(status, status)
    assert [mail.text.strip() for mail in server.delivered] == ["failure"]


def test_missing_variables_are_all_named(repo: repos.Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAYPORE_EMAIL_ADDR", "ci@example.org")
    for name in ("PASSWORD", "TO"):
        monkeypatch.delenv(f"JAYPORE_EMAIL_{name}", raising=False)
    with pytest.raises(jci.BadConfig, match="`JAYPORE_EMAIL_PASSWORD`, `JAYPORE_EMAIL_TO`"):
        remotes.Email.from_env(repo=repo)
