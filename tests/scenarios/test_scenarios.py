# SPDX-License-Identifier: MIT
"""Every folder beside this file is a scenario: a config, and how its jobs should end.

`expected.json` has `exit_code` and `statuses`, both as they are when the run is over. `executor` is `mock` if it does not say
`shell`; `order` lists pairs of jobs of which the first has ended before the second starts; `reasons` says why jobs did not pass.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from project import Finished, Project, make_project

__all__ = ["make_project"]

HERE = Path(__file__).resolve().parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/expected.json"))


def moments(run: Finished, event: str) -> dict[str, int]:
    """Job -> the line at which that happened to it."""
    return {told["job"]: line for line, told in enumerate(run.events) if told["event"] == event}


def told_of(run: Finished, what: str) -> dict[str, Any]:
    return {told["job"]: told[what] for told in run.events if told["event"] == "job_finished"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[path.name for path in SCENARIOS])
def test_scenario(scenario: Path, project: Project) -> None:
    expected = json.loads((scenario / "expected.json").read_text())
    shutil.copytree(scenario, project.path / "cicd")
    project.commit("Start\n\njci:release")

    run = project.run("--json", "--executor", expected.get("executor", "mock"))
    assert (told_of(run, "status"), run.code) == (expected["statuses"], expected["exit_code"]), run.err
    reasons = {job: why for job, why in told_of(run, "reason").items() if why is not None}
    assert reasons == expected.get("reasons", {})
    started, ended = moments(run, "job_started"), moments(run, "job_finished")
    for first, second in expected.get("order", []):
        assert ended[first] < started[second]
    assert project.statuses() == expected["statuses"]


def test_each_folder_is_a_scenario() -> None:
    assert [path.name for path in SCENARIOS] == sorted(path.parent.name for path in HERE.glob("*/cicd.py"))
