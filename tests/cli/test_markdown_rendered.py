"""The Markdown report, read by those who show it: GitHub's own parser and Mermaid."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from history_of_runs import History
from npm import answer, installed

ROOT = Path(__file__).resolve().parents[2]
JCI = shutil.which("jci") or str(ROOT / "build/dev/bin/jci")

NAMES = [
    "Build",
    "end",
    "subgraph x",
    'a"]; click j0 "javascript:alert(1)"',
    "a | b || `c`",
    "</details></summary><script>alert(1)</script>",
    "--> j1 <!-- ]]>",
    "style:#x; classDef passed fill:#fff; %%{init: {}}%%",
    "`bold` **bold** __b__ ~~s~~ $x$",
    "1. one",
    "- one",
    "#35;quot; #quot; &lt;b&gt; ﬂ°°60¶ß",
    "ünïcödé 温度 👩‍💻",
    "@everyone #1 http://example.org",
    "\\| \\` \\",
    "# heading",
    "x" * 10_000,
]


def cleaned(name: str) -> str:
    """As a label shows it."""
    return name if len(name) <= 40 else name[:39] + "…"


def report_of(scratch: Path, names: list[str], text: str = "", status: str = "FAILED") -> str:
    """Two stages with jobs of these names: each depends on the one before."""
    (scratch / "repo/.git").mkdir(parents=True)
    history = History(scratch / "state", scratch / "repo")
    history.run("aaaaaaaaaa", "FAILED", branch=text or "main", subject=text or "Add a thing")
    for index, name in enumerate(names):
        results = {"warnings": [text], "tests": {"passed": 0, "failed": 1, "skipped": 0, "took_ns": 0, "failures": [[text, text, text]]}}
        history.job(
            "aaaaaaaaaa", name, status, depends_on=json.dumps([index - 1] if index else []), report=text,
            stage=f"stage {name}" if index == len(names) - 1 else "first", results=json.dumps(results) if text else "",
        )
    history.close()
    environment = {**os.environ, "XDG_STATE_HOME": str(scratch / "state")}
    command = [JCI, "report", "--format", "markdown"]
    return subprocess.run(command, cwd=scratch / "repo", env=environment, check=True, capture_output=True).stdout.decode()


# ---- GitHub's parser


class Structure(HTMLParser):
    """The elements of a page, and the text of those that are code, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.code: list[str] = []
        self.plain = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = " ".join(f"{name}={value}" for name, value in attrs)
        self.tags.append(f"<{tag} {names}>")
        if tag == "code":
            self.depth += 1
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"</{tag}>")
        self.depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.code[-1] += data
        else:
            self.plain += data


def rendered(markdown: str) -> Structure:
    command = ["cmark-gfm", "--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "tasklist"]
    html = subprocess.run(command, input=markdown.encode(), capture_output=True, check=True).stdout.decode()
    structure = Structure()
    structure.feed(html)
    return structure


def test_the_report_is_a_page_with_table_graph_and_details(tmp_path: Path) -> None:
    structure = rendered(report_of(tmp_path, ["Build", "Test"], "x"))
    counted = {tag: structure.tags.count(f"<{tag} >") for tag in ("table", "details", "summary", "tr")}
    assert counted == {"table": 1, "details": 0, "summary": 2, "tr": 3}
    assert structure.tags.count("<details open=None>") == 2
    assert "<code class=language-mermaid>" in structure.tags or "<pre lang=mermaid>" in structure.tags


@pytest.mark.parametrize("text", NAMES, ids=range(len(NAMES)))
def test_foreign_text_is_code_and_nothing_else(tmp_path: Path, text: str) -> None:
    usual = rendered(report_of(tmp_path / "usual", ["A", "B"], "x"))
    hostile = rendered(report_of(tmp_path / "hostile", ["A", "B"], text))
    assert hostile.tags == usual.tags
    assert hostile.plain == usual.plain
    assert sum(text[:100] in code for code in hostile.code) >= 5


# ---- Mermaid


@pytest.fixture(name="mermaid", scope="module")
def install_mermaid() -> Path:
    return installed("mermaid")


def graph_in(report: str) -> str:
    found = re.search(r"^```mermaid\n(.*?)^```$", report, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def read(mermaid: Path, graphs: list[str]) -> list[dict[str, Any]]:
    return list(answer(mermaid, "read.mjs", stdin=json.dumps(graphs)))


def test_mermaid_finds_the_jobs_whatever_their_names_are(tmp_path: Path, mermaid: Path) -> None:
    names = list(dict.fromkeys(NAMES))
    [graph] = read(mermaid, [graph_in(report_of(tmp_path, names, status="PASSED"))])
    last = len(names) - 1
    assert graph["boxes"] == [
        {"id": f"j{index}", "label": "✔ " + cleaned(name), "classes": ["passed"], "link": None} for index, name in enumerate(names)
    ]
    assert graph["arrows"] == [[f"j{index - 1}", f"j{index}"] for index in range(1, last)] + [["s0", "s1"]]
    assert [(each["id"], each["title"]) for each in graph["subgraphs"]] == [("s0", "first"), ("s1", cleaned(f"stage {names[-1]}"))]
    assert graph["subgraphs"][1]["nodes"] == [f"j{last}"]


def test_mermaid_reads_the_largest_graph_that_we_draw(tmp_path: Path, mermaid: Path) -> None:
    names = [f"{index:03} " + '"' * 100 for index in range(150)]
    [graph] = read(mermaid, [graph_in(report_of(tmp_path, names, status="PASSED"))])
    assert len(graph["boxes"]) == 150
