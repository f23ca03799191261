# SPDX-License-Identifier: MIT
"""Runs that are disturbed: by the user, by others, by the engine. What the user sees, and that nothing is left on the engine."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from docker_engine import COUNT, COUNTED, IMAGE, Engine, counted, docker_run, job_events, output, proxy, reasons, shared_engine, statuses, warnings
from project import JCI, Finished, Project, make_project, until

__all__ = ["make_project", "shared_engine"]

RUN = ["--executor", "docker", "--json"]


# ---- by the user


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_an_interrupted_run_reports_and_leaves_nothing(project: Project, engine: Engine, signals: list[int]) -> None:
    ends = "; exit" if len(signals) == 1 else ""
    # A shell runs its trap between two commands: so it waits in short ones, for as long as it is let.
    waits = f"trap 'echo asked{ends}' TERM; echo waits; while :; do usleep 50000; done"
    project.config(
        f'p.job("Service", "sleep 1000", is_service=True)\np.job("Waits", "{waits}")\np.job("Later", "true", depends_on=["Waits"])\n',
        arguments=IMAGE,
    )
    with project.running(*RUN) as process:
        until(lambda: engine.container_of("Service"))
        for each, said in zip(signals, ("waits", "asked"), strict=False):
            until(lambda: said in engine.log_of("Waits"))
            process.send_signal(each)
        run = project.finish(process)
    assert (run.code, statuses(run)) == (130, {"Service": "PASSED", "Waits": "CANCELLED", "Later": "SKIPPED"}), run.err
    assert output(run, "Waits") == "waits\nasked\n"
    assert run.events[-2]["event"] == "report"
    assert engine.left() == []


def test_what_a_killed_jci_left_goes_with_the_next_run_however_short(project: Project, engine: Engine) -> None:
    project.config('p.job("Service", "sleep 1000", is_service=True)\nfor n in range(6): p.job(f"Waits{n}", "sleep 1000")\n', arguments=IMAGE)
    with project.running(*RUN) as process:
        until(lambda: engine.container_of("Service") and all(engine.container_of(f"Waits{n}") for n in range(6)))
        process.kill()
        process.wait()
    assert len(engine.left()) >= 8
    project.config('p.job("Short", "true")', arguments=IMAGE)
    run = docker_run(project)
    assert (statuses(run), engine.left()) == ({"Short": "PASSED"}, [])


def test_runs_beside_each_other_leave_each_other_alone(project: Project, engine: Engine, tmp_path: Path) -> None:
    """Two of one user, and one of another, who has a history of his own."""
    project.config(
        'import os\np.job("Service", "sleep 1000", is_service=True, ready="true")\n'
        'for n in range(3): p.job(f"Job{n}", "sleep 1; hostname; ls")\n',
        arguments=IMAGE,
    )
    runs = [project.start([JCI, "run", *RUN], XDG_STATE_HOME=str(tmp_path / state)) for state in ("state", "state", "other")]
    ended = [project.finish(process) for process in runs]
    assert [(set(statuses(run).values()), run.code) for run in ended] == [({"PASSED"}, 0)] * 3, [reasons(run) for run in ended]
    assert engine.left() == [], [run.err for run in ended]


def test_things_of_others_are_left_alone(project: Project, engine: Engine) -> None:
    """Also those whose names look like ours."""
    network = engine.docker("network", "create", "jayporeci__net__tp00000000")
    volume = engine.docker("volume", "create", "jayporeci__volume__tp00000000")
    theirs = [
        engine.docker("run", "-d", "--name", "jayporeci__job__tp00000000__Test", "busybox:local", "sleep", "1000"),
        engine.docker("create", "--network", network, "-v", f"{volume}:/v", "busybox:local", "true"),
        engine.docker("run", "-d", "--label", "in.jayporeci.owner=somebody", "--label", "in.jayporeci.run=tp00000001", "busybox:local", "true"),
    ]
    try:
        project.config('p.job("Waits", "sleep 1000")', arguments=IMAGE)
        with project.running(*RUN) as process:
            until(lambda: engine.container_of("Waits"))
            process.kill()
            process.wait()
        project.config('p.job("Short", "true")', arguments=IMAGE)
        assert docker_run(project).code == 0
        there = engine.lines("ps", "-aq", "--no-trunc")
        assert [each in there for each in theirs] == [True] * 3
        assert engine.docker("inspect", "-f", "{{.State.Running}}", theirs[0]) == "true"
        assert network in engine.lines("network", "ls", "-q", "--no-trunc")
        assert volume in engine.lines("volume", "ls", "-q")
    finally:
        engine.docker("rm", "-f", *theirs)
        engine.docker("network", "rm", network)
        engine.docker("volume", "rm", volume)


def test_a_container_that_somebody_else_removes_loses_its_job(project: Project, engine: Engine) -> None:
    project.config('p.job("Gone", "echo begun; sleep 1000")\np.job("Other", "sleep 2")\n', arguments=IMAGE)
    with project.running(*RUN) as process:
        engine.docker("rm", "-f", until(lambda: engine.container_of("Gone")))
        run = project.finish(process)
    assert (statuses(run), reasons(run), run.code) == (
        {"Gone": "FAILED", "Other": "PASSED"},
        {"Gone": "lost: its container was removed by somebody else while it ran"},
        1,
    )
    assert engine.left() == [], run.err


def test_many_jobs_at_once(project: Project, engine: Engine) -> None:
    count = 500
    project.config(f'for n in range({count}): p.job(f"Job{{n}}", f"echo {{n}}; echo {{n}} >Job{{n}}.txt")', arguments=IMAGE)
    with project.running(*RUN, "-j", str(count)) as process:
        out, err = process.communicate(timeout=10 * 60)
        run = Finished(process.returncode, out, err)
    assert set(statuses(run).values()) == {"PASSED"}, reasons(run)
    assert {job: told["report"] for job, told in job_events(run, "job_finished").items()} == {f"Job{n}": f"{n}\n" for n in range(count)}
    assert [output(run, f"Job{n}") for n in range(count)] == [f"{n}\n" for n in range(count)]
    assert engine.left() == [], run.err


# ---- by the way to the engine


def test_a_socket_that_goes_and_comes_back_costs_no_line(project: Project, engine: Engine, tmp_path: Path) -> None:
    project.config(
        'p.job("Service", "sleep 1000", is_service=True)\n'
        f'p.job("Counts", "{COUNT}")\np.job("Later", "true", depends_on=["Counts"])\np.job("Ends", "sleep 3; exit 3")\n',
        arguments=IMAGE,
    )
    with proxy(tmp_path, engine.host) as way, project.running(*RUN, DOCKER_HOST=way.host) as process:
        until(lambda: engine.container_of("Ends") and "out 9\n" in engine.log_of("Counts"))
        way.cut()
        until(lambda: "out 19\n" in engine.log_of("Counts"))
        way.vanish()
        until(lambda: not engine.container_of("Ends") and "out 49\n" in engine.log_of("Counts"))
        way.appear()
        run = project.finish(process)
    assert counted(run) == COUNTED
    assert (statuses(run), reasons(run)) == (
        {"Service": "PASSED", "Counts": "PASSED", "Later": "PASSED", "Ends": "FAILED"},
        {"Ends": "exit code 3"},
    )
    assert [name.rpartition("__")[2] for name in engine.left()] == ["Ends"]


def test_an_engine_that_takes_long_to_let_go_is_left_to_the_next_run(project: Project, engine: Engine, tmp_path: Path) -> None:
    project.config('p.job("Test", "true")', arguments=IMAGE)
    enough = threading.Event()

    def hold(request: bytes) -> None:
        if request.startswith(b"DELETE") and b"/networks/" in request:
            enough.wait(60)  # set below; the deadline is for a test that fails before

    with proxy(tmp_path, engine.host) as way, project.running("--executor", "docker", DOCKER_HOST=way.host) as process:
        way.on_request = hold
        assert process.stderr is not None
        said = next(line for line in process.stderr if "removed" in line)
        process.send_signal(signal.SIGINT)
        run = project.finish(process)
        enough.set()
    assert said == "jci: what the run left is still being removed; Ctrl-C leaves that to the next run\n"
    assert (run.code, run.err) == (130, "\njci: interrupted: the next run removes what is left\n")
    assert "Test" in run.report
    assert docker_run(project).code == 0
    assert engine.left() == []


def test_a_broken_config_of_docker_is_told_and_left_aside(project: Project, engine: Engine) -> None:
    project.write("../docker/config.json", "{")
    project.config('p.job("Test", "true")', arguments=IMAGE)
    run = docker_run(project, DOCKER_CONFIG=str(project.scratch / "docker"))
    [told] = warnings(run)
    assert "docker/config.json" in told and told.endswith("; it is left aside, and with it its contexts and credentials")
    assert run.code == 0
