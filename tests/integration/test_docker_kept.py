# SPDX-License-Identifier: MIT
"""What a run leaves on the engine, as `keep` says."""

from __future__ import annotations

import pytest
from docker_engine import IMAGE, Engine, docker_run, job_events, reasons, shared_engine, statuses
from project import Finished, Project, make_project

__all__ = ["make_project", "shared_engine"]

JOBS = (
    'p.job("Service", "echo up; sleep 1000", is_service=True)\np.job("Good", "echo good")\np.job("Bad", "echo bad; exit 1")\n'
    'p.job("Slow", "echo slow; sleep 1000", timeout=1)\np.job("Absent", ["no-such-program"])\n'
)


def run_keeping(project: Project, keep: str) -> Finished:
    project.config(JOBS, arguments=f'{IMAGE}, executor=executors.Docker(keep="{keep}")')
    run = project.jci("run", "--json")
    assert statuses(run) == {"Service": "PASSED", "Good": "PASSED", "Bad": "FAILED", "Slow": "TIMEOUT", "Absent": "FAILED"}, reasons(run)
    return run


@pytest.mark.parametrize(
    ("keep", "kept"),
    [("all", ["Absent", "Bad", "Good", "Service", "Slow"]), ("failed", ["Absent", "Bad", "Slow"]), ("never", [])],
)
def test_containers_stay_as_keep_says(project: Project, engine: Engine, keep: str, kept: list[str]) -> None:
    run = run_keeping(project, keep)
    prefix = f"container jayporeci__job__{run.events[0]['run']}__"
    assert engine.left() == [prefix + job for job in kept]
    logged = {job: engine.docker("logs", told["run_id"]) for job, told in job_events(run, "job_started").items() if job in kept}
    assert logged == {job: {"Service": "up"}.get(job, job.lower()) for job in kept if job != "Absent"}
    if keep == "all":  # for a week: the next run leaves them alone
        project.config('p.job("Next", "true")', arguments=IMAGE)
        assert docker_run(project).code == 0
        assert engine.left() == [prefix + job for job in kept]
