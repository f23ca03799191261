# SPDX-License-Identifier: MIT
"""What a secret's value looks like wherever a run shows or keeps what its jobs print: it does not."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from pathlib import Path

from project import Project, make_project  # noqa: F401

SECRET = "s3cr&t/päss wörd'x"

# Each prints the secret in a way of its own.
LEAKS = {
    "plain": 'echo "password=$DB_PASSWORD"',
    "stderr": 'echo "password=$DB_PASSWORD" >&2',
    "pieces": "for i in $(seq 1 30); do printf %s \"$DB_PASSWORD\" | head -c $i | tail -c 1; done",
    "lines": 'printf %s "$DB_PASSWORD" | fold -b -w 4',
    "base64": 'printf %s "user:$DB_PASSWORD@host" | base64',
    "url": "python3 -c 'import os,urllib.parse as u; print(u.quote(os.environ[\"DB_PASSWORD\"]))'",
    "json": "python3 -c 'import os,json; print(json.dumps({\"p\": os.environ[\"DB_PASSWORD\"]}))'",
    "trace": "set -x; : $DB_PASSWORD \"$DB_PASSWORD\"",
    "file": 'printf "%s" "$DB_PASSWORD" >$JAYPORE_RUN/file.txt',
    "junit": 'mkdir -p out; printf \'<testsuite><testcase name="t"><failure message="%s"/></testcase></testsuite>\' "s3cr&amp;t/päss wörd\'x" >out/t.xml',
    "failed": 'echo "the last line is $DB_PASSWORD"; exit 1',
}

RESULTS = {"junit": {"junit": "out/*.xml"}}


def spelled() -> list[bytes]:
    inside = base64.b64encode(f"user:{SECRET}@host".encode())
    texts = [SECRET, urllib.parse.quote(SECRET), json.dumps(SECRET)[1:-1], html.escape(SECRET), SECRET.replace("'", "'\\''")]
    return [text.encode() for text in texts] + [inside[8:-8], base64.b64encode(SECRET.encode())[:20]]


def leaking(project: Project, message: str = "Add things") -> None:
    jobs = [f"p.job({name!r}, {command!r}, **{RESULTS.get(name, {})})" for name, command in LEAKS.items()]
    project.config("\n".join(jobs))
    project.commit(message)


def assert_nowhere(texts: dict[str, bytes]) -> None:
    for where, text in texts.items():
        unbroken = text.replace(b"\n", b"")
        for secret in spelled():
            assert secret not in unbroken, f"{secret!r} is in {where}"


def kept(project: Project) -> dict[str, bytes]:
    state = Path(project.environment["XDG_STATE_HOME"])
    return {str(file): file.read_bytes() for file in state.rglob("*") if file.is_file()}


def test_a_secret_is_in_no_log_report_or_database(project: Project) -> None:
    leaking(project, f"Set the password to {SECRET}")
    ran = project.run(JAYPORE_DB_PASSWORD=SECRET)
    assert ran.code == 1
    log = project.jci("logs", "plain").out
    assert log == "password=********\n"
    assert project.jci("logs", "pieces").out.startswith("********")
    assert "the last line is ********" in ran.out
    files = kept(project)
    assert len(files) > len(LEAKS), "the logs are kept"
    shown = {"stdout": ran.out.encode(), "stderr": ran.err.encode()}
    for format in ("text", "markdown", "json", "junit", "html"):
        shown[format] = project.jci("report", "--format", format).out.encode()
    shown["git"] = project.jci("show").out.encode()
    assert_nowhere(files | shown)


def test_a_secret_is_in_no_event(project: Project) -> None:
    leaking(project)
    ran = project.run("--json", JAYPORE_DB_PASSWORD=SECRET)
    assert ran.code == 1
    assert_nowhere({"stdout": ran.out.encode(), "stderr": ran.err.encode()})


def test_a_secret_that_is_listed_by_name_is_masked_too(project: Project) -> None:
    project.config("p.job('say', 'echo $FLAVOUR $SHAPE')")
    ran = project.run(JAYPORE_FLAVOUR="vanilla", JAYPORE_SHAPE="square", JAYPORE_SECRETS="JAYPORE_FLAVOUR")
    assert ran.code == 0
    assert project.jci("logs", "say").out == "******** square\n"


def test_what_is_no_secret_stays(project: Project) -> None:
    project.config("p.job('say', 'echo $DB_USER; printf no-newline-at-the-en; printf d')")
    assert project.run(JAYPORE_DB_USER="bobby").code == 0
    assert project.jci("logs", "say").out == "bobby\nno-newline-at-the-end"
