# SPDX-License-Identifier: MIT
"""Mails through Debian's Exim, read back with Python's own parser."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from exim import PROGRAM, Exim, exim
from git_servers import free_port
from project import Project, make_project  # noqa: F401

from jaypore_ci import interfaces, remotes, repos

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no exim4 in build/peers; `./dev test` puts it there")

CONFIG = """\
from jaypore_ci import executors, jci, remotes, repos

git = repos.Git.from_env()
mail = remotes.Email.from_env(repo=git)
with jci.Pipeline(repo=git, remote=mail, executor=executors.Shell()) as p:
    p.job("Tëst", "echo 'a < b & c > d: žluťoučký'; exit 3")
    p.job("Publish", "true", depends_on=["Tëst"])
"""


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A directory that Exim may enter whoever it is, with a key and its certificate."""
    directory = Path(tempfile.mkdtemp(prefix="jci-exim-"))
    directory.chmod(0o755)
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def server(scratch: Path) -> Iterator[Exim]:
    with exim(scratch, free_port()) as running:
        yield running


def email(repo: repos.Mock, server: Exim, **given: Any) -> remotes.Email:
    settings: dict[str, Any] = {
        "addr": "ci@example.org", "password": "s3cret", "email_to": "a@example.org", "host": "127.0.0.1",
        "port": server.port, "ca_file": str(server.certificate), "timeout": 20,
    }  # fmt: skip
    return remotes.Email(repo=repo, **{**settings, **given})


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_a_run_is_mailed_as_text_and_html(project: Project, server: Exim) -> None:
    project.write("cicd/cicd.py", CONFIG)
    project.git("init", "-q", "-b", "größer")
    project.commit("Greet <b>more</b>")
    run = project.run(
        JAYPORE_EMAIL_ADDR="ci@example.org",
        JAYPORE_EMAIL_PASSWORD="s3cret",
        JAYPORE_EMAIL_TO="a@example.org",
        JAYPORE_EMAIL_HOST="127.0.0.1",
        JAYPORE_EMAIL_PORT=str(server.port),
        JAYPORE_CA_FILE=str(server.certificate),
    )
    assert run.code == 1
    (mail,) = server.mails(1)
    sha = project.git("rev-parse", "HEAD")
    assert mail["Subject"] == f"[JCI] failed: project [größer {sha[:8]}]"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail).replace("\r\n", "\n").startswith(run.report)
    html = text_of(mail, "html")
    assert "failed: T-st" in html
    assert "exit code 3" in html
    assert "a &lt; b &amp; c &gt; d: žluťoučký" in html
    assert "Greet &lt;b&gt;more&lt;/b&gt;" in html
    assert max(map(len, mail.as_bytes().splitlines())) <= 78 + len(" boundary=")


def test_each_recipient_gets_the_mail_and_sees_the_others(repo: repos.Mock, server: Exim) -> None:
    email(repo, server, email_to="a@example.org, b@example.org", email_cc="c@example.org,d@example.org").publish("report", "success")
    mails = server.mails(4)
    assert sorted(mail["Envelope-to"] for mail in mails) == [f"{name}@example.org" for name in "abcd"]
    assert {mail["To"] for mail in mails} == {"a@example.org, b@example.org"}
    assert {mail["Cc"] for mail in mails} == {"c@example.org, d@example.org"}


def test_a_report_of_another_reporter_is_sent_as_it_is(repo: repos.Mock, server: Exim) -> None:
    report = "┏━ mine\n.\n.dots\nFrom me\n" + "x" * 5000 + "\n"
    email(repo, server).publish(report, "success")
    (mail,) = server.mails(1)
    assert text_of(mail).replace("\r\n", "\n") == report
    assert mail.get_body(("html",)) is None


def test_the_mails_of_a_run_are_one_thread_and_those_of_another_run_another(repo: repos.Mock, server: Exim) -> None:
    for _ in range(2):
        remote = email(repo, server, publish_interval=0)
        remote.publish("one", "pending")
        remote.publish("two", "failure")
    first, second, other, last = sorted(server.mails(4), key=lambda mail: server.log.index(f"id={mail['Message-ID'].strip('<>')}"))
    assert [mail["Subject"].split(":")[0] for mail in (first, second, other, last)] == ["[JCI] pending", "[JCI] failed"] * 2
    assert len({mail["Message-ID"] for mail in (first, second, other, last)}) == 4
    for begun, answer in ((first, second), (other, last)):
        assert (begun["In-Reply-To"], begun["References"]) == (None, None)
        assert (answer["In-Reply-To"], answer["References"]) == (begun["Message-ID"],) * 2


def test_starttls_comes_before_the_login(repo: repos.Mock, server: Exim) -> None:
    email(repo, server).publish("report", "success")
    server.mails(1)
    assert "P=esmtpsa" in server.log
    assert "A=PLAIN:ci@example.org" in server.log


def test_a_server_that_only_knows_login_will_do(repo: repos.Mock, scratch: Path) -> None:
    with exim(scratch, free_port(), mechanism="LOGIN") as server:
        email(repo, server).publish("report", "success")
        server.mails(1)
        assert "A=LOGIN:ci@example.org" in server.log


@pytest.mark.skipif(os.getuid() != 0, reason="port 465, which means TLS from the start, is root's")
def test_port_465_is_tls_from_the_start(repo: repos.Mock, scratch: Path) -> None:
    with exim(scratch, free_port(), implicit_tls=True) as server:
        email(repo, server, port=465).publish("report", "success")
        server.mails(1)
        assert "P=esmtpsa" in server.log


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"password": "wr0ng"}, "it refused the login; check user and password"),
        ({"ca_file": ""}, "certificate"),
        ({"password": ""}, "only for those who log in"),
        ({"email_to": "nobody@example.org"}, "nobody is not here"),
        ({"email_cc": "nobody@example.org"}, "nobody is not here"),
    ],
)
def test_what_the_server_refuses_is_told(repo: repos.Mock, server: Exim, given: dict[str, str], why: str) -> None:
    with pytest.raises(interfaces.RemoteApiFailed) as failed:
        email(repo, server, **given).publish("report", "success")
    assert why in str(failed.value)
    assert "wr0ng" not in str(failed.value)
