# SPDX-License-Identifier: MIT
"""The reporters that come with jaypore_ci, from Python."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from jaypore_ci import executors, interfaces, jci, remotes, reporters, repos

ALL = (reporters.Text, reporters.Markdown, reporters.Json, reporters.JUnit, reporters.Html)
BEGINNINGS = {"Text": "╔ 🔴", "Markdown": "🔴 **failed**", "Json": '{"v":1,', "JUnit": "<?xml", "Html": "<!DOCTYPE html>"}


def failed(repo: repos.Mock, reporter: interfaces.Reporter | None = None, remote: remotes.Mock | None = None) -> jci.Pipeline:
    mock = executors.Mock()
    mock.script("Test", exit_code=3)
    with jci.Pipeline(executor=mock, repo=repo, remote=remote or remotes.Mock(), reporter=reporter, poll_interval=0) as p:
        p.job("Test", "pytest")
    return p


@pytest.mark.parametrize("cls", ALL)
def test_each_reporter_makes_what_its_name_says(repo: repos.Mock, cls: type[interfaces.Reporter]) -> None:
    p = failed(repo)
    assert cls().render(p).startswith(BEGINNINGS[cls.__name__])
    assert cls().render(p.view()) == cls().render(p)


@pytest.mark.parametrize("cls", ALL)
def test_each_reporter_makes_the_reports_of_a_pipeline_that_names_it(repo: repos.Mock, cls: type[interfaces.Reporter]) -> None:
    remote, reporter = remotes.Mock(), cls()
    p = failed(repo, reporter, remote)
    assert p.reporter is reporter
    assert remote.published[-1].report == reporter.render(p)


@pytest.mark.parametrize("cls", ALL)
def test_each_reporter_is_where_its_name_says(cls: type[interfaces.Reporter]) -> None:
    assert (cls.__module__, isinstance(cls(), interfaces.Reporter)) == (f"jaypore_ci.reporters.{cls.__name__.lower()}", True)


def test_a_view_tells_python_what_reporters_show(repo: repos.Mock) -> None:
    view = failed(repo).view()
    job = view.jobs["Test"]
    assert (job.tests, job.coverage, job.warnings, view.before, view.warnings) == (None, None, [], None, [])
    assert job.started_at == view.started_at


def test_json_and_xml_are_what_parsers_read(repo: repos.Mock) -> None:
    p = failed(repo)
    job = json.loads(reporters.Json().render(p))["stages"][0]["jobs"][0]
    assert (job["job"], job["outcome"]) == ("Test", {"kind": "exited", "code": 3, "signal": None})
    case = ElementTree.fromstring(reporters.JUnit().render(p)).find("./testsuite/testcase/failure")
    assert case is not None
    assert case.get("message") == "exit code 3"


def test_markdown_keeps_to_the_limit_it_was_given(repo: repos.Mock) -> None:
    with jci.Pipeline(executor=executors.Mock(), repo=repo, remote=remotes.Mock()) as p:
        for number in range(200):
            p.job(f"Job {number}", "true")
    assert len(reporters.Markdown(max_characters=5_000).render(p)) <= 5_000 < len(reporters.Markdown().render(p))


def test_a_limit_that_nothing_fits_into_is_refused() -> None:
    with pytest.raises(jci.BadConfig, match="at least 4000 characters, not 100"):
        reporters.Markdown(max_characters=100)


def test_a_class_derived_from_markdown_can_add_to_it(repo: repos.Mock) -> None:
    class Signed(reporters.Markdown):
        def render(self, pipeline: jci.PipelineView | jci.Pipeline) -> str:
            return super().render(pipeline) + "\nsigned\n"

    remote = remotes.Mock()
    failed(repo, Signed(), remote)
    assert remote.published[-1].report.endswith("\nsigned\n")
