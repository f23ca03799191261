"""`jci report`, on histories as runs leave them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from history_of_runs import START, History

ROOT = Path(__file__).resolve().parents[2]
JCI = shutil.which("jci") or str(ROOT / "build/dev/bin/jci")
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
RESULTS = {
    "tests": {"passed": 3, "failed": 1, "skipped": 0, "took_ns": 5_000_000, "failures": [["suite", "test_x", "assert 1 == 2"]]},
    "coverage": {"percent": 83.14, "before": 82.7},
    "warnings": ["`more.xml` is no XML"],
}
HOSTILE = [
    "a | b ` c </details> --> ]]> \" ' \n end",
    "<script>alert(1)</script>&lt;&#60;",
    "\x1b[31mred\x00\x07\ufffe\u202e",
    "`" * 50 + "\n```\n",
    "x" * 10_000,
]


class World:
    def __init__(self, scratch: Path) -> None:
        self.repository = scratch / "repo"
        (self.repository / ".git").mkdir(parents=True)
        self.scratch = scratch
        self.environment = {**os.environ, "XDG_STATE_HOME": str(scratch / "state"), "TZ": "UTC"}
        self.histories: list[History] = []

    def history(self) -> History:
        self.histories.append(History(self.scratch / "state", self.repository))
        return self.histories[-1]

    def call(self, *arguments: str, where: str = "repo") -> tuple[str, str, int]:
        ended = subprocess.run([JCI, "report", *arguments], cwd=self.scratch / where, env=self.environment, capture_output=True, check=False)
        return ended.stdout.decode(), ended.stderr.decode(), ended.returncode

    def report(self, *arguments: str) -> str:
        out, err, code = self.call(*arguments)
        assert (err, code) == ("", 0)
        return out

    def a_failed_run(self) -> None:
        history = self.history()
        history.run("aaaaaaaaaa", "PASSED")
        history.run("bbbbbbbbbb", "FAILED", minute=60, author_name="Ada", author_email="ada@example.org")
        history.job("bbbbbbbbbb", "Build")
        history.job(
            "bbbbbbbbbb", "Test", "FAILED", log=b"one\nassert 1 == 2\n", depends_on="[0]", started_at=START + 2_000_000,
            results=json.dumps(RESULTS),
        )
        history.job("bbbbbbbbbb", "Ship", "SKIPPED", stage="ship")


@pytest.fixture(name="world")
def make_world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    for history in world.histories:
        history.close()


TEXT = """\
╔ 🔴 : JayporeCI       [sha edcb193bae]
┏━ Pipeline
┃
┃ 🟢 : Build           [4711    ]   0: 1
┃ 🔴 : Test            [4711    ]   0: 1 ❮-- ['Build'] exit code 1
┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
┏━ ship
┃
┃ ⚪ : Ship            [........]  --:-- skipped: `Test` failed
┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
Test: tests: 3 passed, 1 failed; coverage: 83.1% (+0.4)
  ✗ suite › test_x
      assert 1 == 2
  ⚠ `more.xml` is no XML
"""


def test_the_text_report_of_the_newest_run_is_what_one_gets_unasked(world: World) -> None:
    world.a_failed_run()
    assert world.call() == (TEXT, "", 0)


def test_any_run_can_be_named_as_for_logs(world: World) -> None:
    world.a_failed_run()
    assert world.report("bbb") == TEXT
    assert world.report("edcb193") == TEXT
    assert world.report("aaa").startswith("╔ 🟢")


def test_markdown_has_summary_graph_table_and_log(world: World) -> None:
    world.a_failed_run()
    report = world.report("--format", "markdown")
    assert report.splitlines()[0] == "🔴 **failed** · `edcb193bae` on `main` · 3.5 s · `Test` did not pass · the run before passed"
    assert "```mermaid\nflowchart LR\n" in report
    assert "| 🔴 failed: `exit code 1` | `Pipeline` | `Test` | 1.5 s | 3 passed, 1 failed | 83.1% (+0.4) |\n" in report
    assert "```text\none\nassert 1 == 2\n```" in report


def test_json_is_as_the_schema_says(world: World) -> None:
    world.a_failed_run()
    report = json.loads(world.report("--format", "json"))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(report, closed(SCHEMA), jsonschema.Draft202012Validator)
    test = report["stages"][0]["jobs"][1]
    assert (report["author_name"], report["status_before"], test["depends_on"]) == ("Ada", "PASSED", ["Build"])
    assert test["tests"]["failures"] == [{"suite": "suite", "name": "test_x", "message": "assert 1 == 2"}]
    assert test["log_tail"] == "one\nassert 1 == 2\n"


def closed(schema: Any) -> Any:
    """The schema without room for fields that it does not name: what it does not describe is a mistake of ours."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {key: closed(value) for key, value in schema.items()}
    if strict.get("type") == "object":
        strict["additionalProperties"] = False
    return strict


def test_the_schema_can_be_broken(world: World) -> None:
    world.a_failed_run()
    report = json.loads(world.report("--format", "json"))
    for broken in ({**report, "v": 2}, {**report, "status": "GREEN"}, {**report, "extra": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, closed(SCHEMA), jsonschema.Draft202012Validator)


def test_junit_is_read_by_an_xml_parser(world: World) -> None:
    world.a_failed_run()
    suites = ElementTree.fromstring(world.report("--format", "junit"))
    assert [suite.get("name") for suite in suites] == ["Pipeline", "ship"]
    failure = suites.find("./testsuite/testcase[@name='Test']/failure")
    assert failure is not None
    assert failure.get("message") == "exit code 1"
    assert failure.text == "1 of 4 tests failed\n\nsuite › test_x\nassert 1 == 2\n"
    assert [case.get("name") for case in suites.iterfind("./testsuite/testcase/skipped/..")] == ["Ship"]


def test_html_is_one_page(world: World) -> None:
    world.a_failed_run()
    page = world.report("--format", "html")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert "assert 1 == 2" in page


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_form_holds_whatever_a_history_says(world: World, text: str) -> None:
    history = world.history()
    clean = text.replace("\x00", "")  # SQLite's text has none
    history.run("aaaaaaaaaa", "FAILED", branch=clean, subject=clean, author_name=clean, sha=clean)
    results = {"tests": {**RESULTS["tests"], "failures": [[text, text, text]]}, "warnings": [text]}
    history.job("aaaaaaaaaa", "a", "FAILED", log=text.encode("utf-8", "surrogatepass") * 3, stage=clean, report=clean, results=json.dumps(results))
    jsonschema.validate(json.loads(world.report("--format", "json")), closed(SCHEMA), jsonschema.Draft202012Validator)
    assert len(ElementTree.fromstring(world.report("--format", "junit"))) == 1
    assert len(world.report("--format", "markdown")) <= 65_000
    assert world.report("--format", "html").count("<script") == 0
    world.report()


def test_a_run_that_goes_on_is_shown_as_it_stands(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa", "RUNNING")
    history.job("aaaaaaaaaa", "Build", "PENDING")
    history.hold_lock("aaaaaaaaaa")
    assert json.loads(world.report("--format", "json"))["status"] == "RUNNING"


def test_an_interrupted_run_is_shown_as_cancelled(world: World) -> None:
    history = world.history()
    history.run("aaaaaaaaaa", "RUNNING")
    history.job("aaaaaaaaaa", "Build", "RUNNING")
    report = json.loads(world.report("--format", "json"))
    assert (report["status"], report["stages"][0]["jobs"][0]["status"]) == ("CANCELLED", "CANCELLED")


# ---- files


def test_a_file_is_written_instead_of_stdout(world: World) -> None:
    world.a_failed_run()
    target = world.scratch / "report.txt"
    target.write_text("old")
    assert world.report("-o", str(target)) == ""
    assert target.read_text() == TEXT
    assert [path.name for path in world.scratch.iterdir() if "report" in path.name] == ["report.txt"]


def test_a_file_that_cannot_be_written_stays_as_it_was(world: World) -> None:
    world.a_failed_run()
    assert world.call("-o", "missing/report.txt") == ("", "jci: error: cannot write `missing/report.txt`: No such file or directory\n", 1)
    assert world.call("-o", "..") == ("", "jci: error: cannot write `..`: Is a directory\n", 1)


def test_a_link_stays_a_link_and_a_device_a_device(world: World) -> None:
    world.a_failed_run()
    link = world.scratch / "link"
    link.symlink_to("target")
    (world.scratch / "target").write_text("old")
    world.report("-o", str(link))
    assert link.is_symlink()
    assert link.read_text() == TEXT
    world.report("-o", "/dev/null")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert world.report("-o", "/dev/stdout") == TEXT
    assert world.report("-o", "-") == TEXT


# ---- mistakes


def test_what_is_wrong_is_said_plainly(world: World) -> None:
    assert world.call() == ("", "jci: error: no runs yet; `jci run` makes one\n", 2)
    world.a_failed_run()
    assert world.call("zzz") == ("", "jci: error: no run `zzz`; `jci runs` lists them\n", 2)
    outside = f"jci: error: `{world.scratch}` lies in no git repository; `jci report RUN` works anywhere\n"
    assert world.call(where=".") == ("", outside, 2)
    assert world.call("bbb", where=".") == (TEXT, "", 0)
    out, err, code = world.call("--format", "pdf")
    assert (out, code) == ("", 2)
    assert "pdf" in err
    assert "markdown" in err
