# SPDX-License-Identifier: MIT
"""Every block of the documents that declares a pipeline runs as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from project import JCI, ROOT, Project, make_project

__all__ = ["make_project"]

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(python|cpp)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENDINGS = {"python": "py", "cpp": "cpp"}


def blocks() -> list[tuple[str, str, str]]:
    """(document and line, language, text) of those that declare a pipeline."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text()
        for block in BLOCK.finditer(text):
            if "Pipeline" in block[2]:
                line = text.count("\n", 0, block.start()) + 1
                found.append((f"{document.name}:{line}", block[1], block[2]))
    return found


BLOCKS = blocks()

# For blocks that narrow what jobs get.
SECRETS = {"JAYPORE_DEPLOY_KEY": "secret"}

# For blocks that publish: nobody takes their reports, which must not change how the run ends.
NO_MAIL_SERVER = {
    "JAYPORE_EMAIL_ADDR": "ci@example.org",
    "JAYPORE_EMAIL_PASSWORD": "secret",
    "JAYPORE_EMAIL_TO": "team@example.org",
    "JAYPORE_EMAIL_HOST": "127.0.0.1",
    "JAYPORE_EMAIL_PORT": "1",
}


def wrong_tokens(server: str) -> dict[str, str]:
    return {
        "JAYPORE_GITEA_TOKEN": "secret",
        "JAYPORE_TELEGRAM_TOKEN": "1:secret",
        "JAYPORE_TELEGRAM_CHAT": "-1",
        "JAYPORE_TELEGRAM_API": server,
        "JAYPORE_WEBHOOK_URL": server,
    }



class _Refusal(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(401)

    do_POST = do_GET

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that knows nobody; its url."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Refusal) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_documents_declare_pipelines_in_both_languages() -> None:
    assert {language for _, language, _ in BLOCKS} == {"python", "cpp"}
    assert len(BLOCKS) > 8


@pytest.mark.parametrize(("language", "text"), [block[1:] for block in BLOCKS], ids=[block[0] for block in BLOCKS])
def test_a_block_runs_as_it_stands(language: str, text: str, project: Project, refusing: str) -> None:
    for test in re.findall(r"^def (test_\w+)\(", text, re.MULTILINE):
        text += f"\n{test}()\n"  # what pytest would do
    project.write(f"cicd/cicd.{ENDINGS[language]}", text)
    project.commit("Start\n\njci:release")
    project.git("remote", "add", "origin", f"{refusing}/team/widgets.git")
    run = project.run("--executor", "mock", **SECRETS, **NO_MAIL_SERVER, **wrong_tokens(refusing))
    assert run.code == 0, run.err


def test_every_call_of_jci_report_in_the_documents_works(project: Project) -> None:
    calls = re.findall(r"^    (jci report.*)$", (ROOT / "docs/reports.md").read_text(), re.MULTILINE)
    assert len(calls) > 3
    sha = project.config('p.job("Test", "true")')
    assert project.run().code == 0
    run = json.loads(project.jci("runs", "--json").out)["run"]
    for call in calls:
        named = call.replace("jci", JCI, 1).replace("k3j9", run[:4]).replace("edcb193bae", sha[:10])
        done = project.finish(project.start(["bash", "-o", "pipefail", "-c", named]))
        assert (done.code, done.err) == (0, ""), named


def test_the_report_in_the_readme_is_the_one_that_its_config_gives(project: Project) -> None:
    readme = (ROOT / "README.md").read_text()
    shown = re.search(r"^```\n(╔.*?)```$", readme, re.MULTILINE | re.DOTALL)
    config = next(text for _, language, text in BLOCKS if language == "python")
    assert shown is not None
    project.write("cicd/cicd.py", config)
    project.commit()
    report = project.run("--executor", "mock").report

    def names(text: str) -> list[str]:
        return re.findall(r"[🟢🔴] : (\w+)", text)

    assert names(report) == names(shown[1])


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert Path(document.parent / target).exists(), f"{document.name} links to {target}"
