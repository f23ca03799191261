# SPDX-License-Identifier: MIT
"""Engines behind ssh, as a user has them: through his own `ssh`, over one connection."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import (
    COUNT, COUNTED, IMAGE, Engine, PrivateEngine, Road, apparent, counted, docker_run, job_events, output, private_engine, proxy, reasons,
    shared_engine, statuses, warnings,
)  # fmt: skip
from docker_ssh import Sshd, sockets_directory, sshd
from project import JCI, Finished, Project, make_project, until
from test_docker_elsewhere import SHARING, sharing_works, workspace

__all__ = ["make_project", "shared_engine", "sockets_directory"]

RUN = ["--executor", "docker", "--json"]
WITHOUT = ", or run jobs as processes of this machine: `--executor shell`\n"


@pytest.fixture(name="far")
def make_far(engine: Engine) -> Iterator[Sshd]:
    """A server on a machine that shares our files."""
    with sshd(engine=engine.host) as server:
        yield server


@pytest.fixture(name="elsewhere", scope="module")
def make_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    """An engine that does not see our files."""
    if os.geteuid() != 0:
        pytest.skip("an engine that does not see our files takes root")
    with private_engine(hidden=tmp_path_factory.getbasetemp()) as engine:
        yield engine


# ---- what works


def test_a_job_runs_on_an_engine_behind_ssh(project: Project, engine: Engine, far: Sshd, sockets: Path) -> None:
    project.config('p.job("Test", "echo tested; echo told >Test.txt; test -S /var/run/docker.sock && echo socket")', arguments=IMAGE)
    run = docker_run(project, **far.way())
    assert (run.code, statuses(run), output(run, "Test")) == (0, {"Test": "PASSED"}, "tested\nsocket\n"), run.err
    assert job_events(run, "job_finished")["Test"]["report"] == "told\n"
    assert (far.logins(), far.clients(), list(sockets.iterdir()), engine.left()) == (1, [], [], [])


def test_fifty_jobs_share_one_connection(project: Project, engine: Engine, far: Sshd) -> None:
    project.config('for n in range(50): p.job(f"Job{n}", f"echo {n}; echo {n} >Job{n}.txt")', arguments=IMAGE)
    run = docker_run(project, "-j", "50", **far.way())
    assert set(statuses(run).values()) == {"PASSED"}, (reasons(run), run.err)
    assert {job: told["report"] for job, told in job_events(run, "job_finished").items()} == {f"Job{n}": f"{n}\n" for n in range(50)}
    assert [output(run, f"Job{n}") for n in range(50)] == [f"{n}\n" for n in range(50)]
    assert (far.logins(), engine.left()) == (1, [])


def test_files_go_there_and_come_back(project: Project, elsewhere: PrivateEngine) -> None:
    with sshd(engine=elsewhere.host) as far:
        sharing_works(project, elsewhere, far.way())
        assert far.logins() == 1


PIPELINE = """
with p.stage("Services", is_service=True):
    p.job("Api", "mkdir -p www; echo served >www/page; exec httpd -f -p 8000 -h www", ready="http://:8000/page")
with p.stage("Testing"):
    p.job("Asks", "wget -qO- http://api:8000/page; echo asked >Asks.txt")
    p.job("Tests", "cp some.xml junit.xml", junit="junit.xml")
"""


def test_services_and_files_of_results_work_there(project: Project, elsewhere: PrivateEngine) -> None:
    project.write("some.xml", '<testsuite><testcase name="a"/><testcase name="b"/></testsuite>')
    project.config(PIPELINE, arguments=IMAGE)
    with sshd(engine=elsewhere.host) as far:
        run = docker_run(project, **far.way())
        assert statuses(run) == {"Api": "PASSED", "Asks": "PASSED", "Tests": "PASSED"}, (run.err, reasons(run))
        assert far.logins() == 1
    assert output(run, "Asks") == "served\n"
    assert job_events(run, "job_finished")["Asks"]["report"] == "asked\n"
    assert [(workspace(run) / name).read_text() for name in ("Asks.txt", "www/page")] == ["asked\n", "served\n"]
    report = json.loads(project.jci("report", "--format", "json").out)
    assert {job["job"]: job["tests"]["passed"] for stage in report["stages"] for job in stage["jobs"] if job["tests"]} == {"Tests": 2}


def test_a_context_may_name_an_engine_behind_ssh(project: Project, engine: Engine, far: Sshd, tmp_path: Path) -> None:
    project.config('p.job("Test", "echo tested")', arguments=IMAGE)
    own = {"DOCKER_CONFIG": str(tmp_path / "docker")}
    create = ["docker", "context", "create", "build", "--docker", "host=ssh://far"]
    subprocess.run(create, env=project.environment | own, check=True, capture_output=True)
    run = docker_run(project, **far.way(""), **own, DOCKER_CONTEXT="build")
    assert (run.code, output(run, "Test"), far.logins()) == (0, "tested\n", 1), run.err


def test_an_address_names_user_port_and_socket(project: Project, engine: Engine) -> None:
    user, path = subprocess.check_output(["id", "-un"], text=True).strip(), engine.host.removeprefix("unix://")
    with sshd("--no-engine") as far:
        project.config('p.job("Test", "echo tested")', arguments=IMAGE)
        run = docker_run(project, **far.way(f"ssh://{user}@127.0.0.1:{far.port}{path}"))
    assert (run.code, output(run, "Test")) == (0, "tested\n"), run.err


def test_the_way_may_lead_through_other_hosts(project: Project, engine: Engine, far: Sshd) -> None:
    far.add_to_config(f"Host behind\n  HostName 127.0.0.1\n  Port {far.port}\n  HostKeyAlias [127.0.0.1]:{far.port}\n  ProxyJump far\n"
                      f"  IdentityFile {far.directory}/id\n  UserKnownHostsFile {far.directory}/known_hosts\n")  # fmt: skip
    project.config('p.job("Test", "echo tested")', arguments=IMAGE)
    run = docker_run(project, **far.way("ssh://behind"))
    assert (run.code, output(run, "Test"), far.logins()) == (0, "tested\n", 2), run.err  # one on each host
    assert far.clients() == []


def test_what_the_users_configuration_does_for_terminals_does_not_disturb(project: Project, engine: Engine, far: Sshd, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        far.add_to_config(f"Host far\n  RequestTTY force\n  RemoteCommand exec bash -l\n  LocalForward {taken.getsockname()[1]} localhost:1\n"
                          f"  ControlMaster auto\n  ControlPath {tmp_path}/%C\n  ControlPersist yes\n  LogLevel QUIET\n")  # fmt: skip
        project.config('p.job("Test", "echo tested")', arguments=IMAGE)
        run = docker_run(project, **far.way())
    assert (run.code, output(run, "Test"), far.logins(), far.clients()) == (0, "tested\n", 1, []), run.err


DOCUMENT = Path(__file__).resolve().parents[2] / "docs/remote-machines.md"


@pytest.mark.parametrize("block", re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL))
def test_the_commands_of_its_document_work(project: Project, far: Sshd, block: str) -> None:
    project.config('p.job("Test", "echo tested")', arguments=IMAGE)
    script = block.replace("me@build.example.org", "far")
    assert script != block
    environment = project.environment | {"PATH": far.environment["PATH"], "DOCKER_CONFIG": str(project.scratch / "docker")}
    del environment["DOCKER_HOST"]
    done = subprocess.run(["sh", "-ec", script], cwd=project.path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, far.logins()) == (0, 1), done.stderr
    assert "Test " in done.stdout


# ---- what does not


def complaint(project: Project, way: dict[str, str]) -> str:
    project.config('p.job("Any", "true")', arguments=IMAGE)
    run = docker_run(project, **way)
    assert (statuses(run), run.code) == ({"Any": "SKIPPED"}, 1), run.err
    text = run.err.splitlines(keepends=True)[0]
    begin = f"jci: error: cannot reach the engine at `{way['DOCKER_HOST']}` (`DOCKER_HOST`) through ssh: "
    assert text.startswith(begin) and text.endswith(WITHOUT), run.err
    return text[len(begin) : -len(WITHOUT)]


def test_a_name_that_nobody_knows(project: Project, far: Sshd) -> None:
    assert complaint(project, far.way("ssh://nosuch.invalid")).startswith("ssh: Could not resolve hostname nosuch.invalid: ")


def test_a_host_that_cannot_be_reached(project: Project, far: Sshd) -> None:
    assert complaint(project, far.way("ssh://127.0.0.1:1")) == (
        "ssh: connect to host 127.0.0.1 port 1: Connection refused; is it up, and does `ssh -p 1 127.0.0.1` work?"
    )


def test_a_host_whose_key_has_changed(project: Project, far: Sshd) -> None:
    far.become_another()
    said = complaint(project, far.way())
    assert said.startswith(f"Host key for [127.0.0.1]:{far.port} has changed and you have requested strict checking: it is another machine than before, ")
    assert far.logins() == 0


def test_a_host_whose_key_is_not_known(project: Project, far: Sshd) -> None:
    (far.directory / "known_hosts").write_text("")
    assert complaint(project, far.way()) == "Host key verification failed; log in once with `ssh far` to see its key and take it"


def test_an_account_that_wants_a_password_is_no_reason_to_hang(project: Project, engine: Engine) -> None:
    with sshd("--password", engine=engine.host) as far:
        said = complaint(project, far.way())
    assert "Permission denied (password); nobody is asked for a password here: let a key in with `ssh-copy-id`" in said


def test_a_hop_that_wants_a_password_is_no_reason_to_hang(project: Project, engine: Engine) -> None:
    with sshd("--password", engine=engine.host) as far:
        far.add_to_config("Host behind\n  HostName 127.0.0.1\n  ProxyJump far\n")
        assert "Permission denied (password); nobody is asked for a password here" in complaint(project, far.way("ssh://behind"))
        assert far.clients() == []


def test_a_host_without_an_engine(project: Project, far: Sshd) -> None:
    assert complaint(project, far.way("ssh://far/nowhere/docker.sock")) == (
        "you are let in, but there is no socket at `/nowhere/docker.sock`; start an engine there, or name its socket: ssh://far/path/to/socket"
    )


NOT_FORWARDED = re.compile(
    r"you are let in, but not to the engine's socket \(channel \d+: open failed: connect failed: open failed\); "
    r"start the engine there, or let its sshd forward: AllowStreamLocalForwarding yes"
)


def test_an_engine_that_is_not_up(project: Project, far: Sshd, tmp_path: Path) -> None:
    path = Path("/tmp") / f"{tmp_path.name}-{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    try:
        assert NOT_FORWARDED.fullmatch(complaint(project, far.way(f"ssh://far{path}")))
    finally:
        path.unlink()
    assert far.clients() == []


def test_a_server_that_forwards_nothing(project: Project, engine: Engine) -> None:
    with sshd("--option", "AllowStreamLocalForwarding no", engine=engine.host) as far:
        assert NOT_FORWARDED.fullmatch(complaint(project, far.way()))


def test_no_ssh_here(project: Project, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("git", "python3", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    assert complaint(project, {"DOCKER_HOST": "ssh://far", "PATH": str(programs)}) == (
        "there is no `ssh` on PATH; install it (Debian: openssh-client)"
    )


# ---- disturbed on the way


def test_ctrl_c_ends_the_run_before_its_connection(project: Project, engine: Engine, far: Sshd, sockets: Path) -> None:
    project.config('p.job("Service", "sleep 1000", is_service=True)\np.job("Waits", "sleep 1000")', arguments=IMAGE)
    process = subprocess.Popen(
        [JCI, "run", *RUN], cwd=project.path, env=project.environment | far.way(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    until(lambda: engine.container_of("Waits"))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    run = project.finish(process)
    assert (run.code, statuses(run)) == (130, {"Service": "PASSED", "Waits": "CANCELLED"}), run.err
    assert (engine.left(), far.clients(), list(sockets.iterdir())) == ([], [], [])


def test_no_ssh_outlives_a_jci_that_is_killed(project: Project, engine: Engine, far: Sshd, sockets: Path) -> None:
    project.config('p.job("Waits", "sleep 1000")', arguments=IMAGE)
    with project.running(*RUN, **far.way()) as process:
        until(lambda: engine.container_of("Waits"))
        assert len(far.clients()) == 1
        process.kill()
        process.wait()
        until(lambda: not far.clients() and not far.sessions())
    project.config('p.job("Short", "true")', arguments=IMAGE)
    run = docker_run(project, **far.way())
    assert (statuses(run), engine.left(), list(sockets.iterdir())) == ({"Short": "PASSED"}, [], [])


def test_a_connection_that_drops_costs_no_line_and_no_result(project: Project, engine: Engine, far: Sshd) -> None:
    project.config(
        'p.job("Service", "sleep 1000", is_service=True)\n'
        f'p.job("Counts", "{COUNT}")\np.job("Later", "true", depends_on=["Counts"])\np.job("Ends", "sleep 3; echo ended >Ends.txt; exit 3")\n',
        arguments=IMAGE,
    )
    with project.running(*RUN, **far.way()) as process:
        until(lambda: engine.container_of("Ends") and "out 9\n" in engine.log_of("Counts"))
        far.drop()
        until(lambda: "out 19\n" in engine.log_of("Counts"))
        with far.away():
            until(lambda: not engine.container_of("Ends") and "out 49\n" in engine.log_of("Counts"))
        run = project.finish(process)
    assert counted(run) == COUNTED
    assert statuses(run) == {"Service": "PASSED", "Counts": "PASSED", "Later": "PASSED", "Ends": "FAILED"}, run.err
    assert (reasons(run), job_events(run, "job_finished")["Ends"]["report"]) == ({"Ends": "exit code 3"}, "ended\n")
    assert [name.rpartition("__")[2] for name in engine.left()] == ["Ends"]
    assert (far.logins() >= 2, far.clients()) == (True, [])


LOST = "the connection to `ssh://far` is lost; its jobs go on there, and it is waited for up to 300 s"
BACK = r"the connection to `ssh://far` is back after \d+ s"


def test_a_host_that_is_away_for_longer_than_any_pause_between_two_tries(project: Project, engine: Engine, far: Sshd) -> None:
    project.config(f'p.job("Counts", "{COUNT}")\np.job("Ends", "sleep 3; echo ended >Ends.txt; exit 3")\n', arguments=IMAGE)
    with apparent(Road(far.port)) as road:
        far.add_to_config(f"Host far\n  Port {road.port}\n  HostKeyAlias [127.0.0.1]:{far.port}\n")
        with project.running(*RUN, **far.way()) as process:
            until(lambda: engine.container_of("Ends") and "out 4\n" in engine.log_of("Counts"))
            road.vanish()
            until(lambda: not engine.container_of("Counts"))
            road.appear()
            run = project.finish(process)
    assert (counted(run), statuses(run), reasons(run)) == (COUNTED, {"Counts": "PASSED", "Ends": "FAILED"}, {"Ends": "exit code 3"}), run.err
    assert job_events(run, "job_finished")["Ends"]["report"] == "ended\n"
    lost, back = warnings(run)
    assert lost == LOST and re.fullmatch(BACK, back)


CPP = f"""\
#include <jci/jci.hpp>

int main() {{
  return jci::run({{.image = "busybox:local"}}, [](jci::Pipeline& p) {{
    p.job("Counts", "{COUNT}; cat some; echo told >Counts.txt");
    p.job("Later", "cat Counts.txt", {{.depends_on = {{"Counts"}}}});
  }});
}}
"""


def test_a_config_in_cpp_runs_there_and_loses_no_line(project: Project, elsewhere: PrivateEngine) -> None:
    elsewhere.clear()
    project.write("cicd/cicd.cpp", CPP)
    project.write("some", "some\n")
    project.commit()
    with sshd(engine=elsewhere.host) as far:
        with project.running(*RUN, **far.way()) as process:
            until(lambda: "out 9\n" in elsewhere.log_of("Counts"))
            far.drop()
            run = project.finish(process)
        assert (far.logins(), far.clients()) == (2, [])
    assert counted(run) == COUNTED | {"out": COUNTED["out"] + "some\n"}, run.err
    assert (statuses(run), output(run, "Later")) == ({"Counts": "PASSED", "Later": "PASSED"}, "told\n"), run.err
    assert (workspace(run) / "Counts.txt").read_text() == "told\n"


def run_that_loses_its_connection(project: Project, engine: Engine, scratch: Path, nth: int) -> Finished:
    """Once, at its `nth` request."""
    with proxy(scratch, engine.host) as way, sshd(engine=way.host) as far:
        requests = itertools.count(1)
        way.on_request = lambda _: far.drop() if next(requests) == nth else None
        run = docker_run(project, **far.way())
        assert far.logins() == 2
    return run


# Of what a run asks the engine: the version of its API, its images, its network, what it sees of our files, and so on until the job runs.
@pytest.mark.parametrize("nth", [1, 3, 6, 8, 12])
def test_a_connection_that_drops_at_the_beginning(project: Project, engine: Engine, tmp_path: Path, nth: int) -> None:
    project.config('p.job("Test", "echo tested; echo told >Test.txt")', arguments=IMAGE)
    run = run_that_loses_its_connection(project, engine, tmp_path, nth)
    assert (run.code, statuses(run), output(run, "Test")) == (0, {"Test": "PASSED"}, "tested\n"), (run.err, reasons(run))
    assert job_events(run, "job_finished")["Test"]["report"] == "told\n"
    assert engine.left() == []


@pytest.mark.parametrize("nth", [4, 8, 12, 14])
def test_a_connection_that_drops_while_files_go_there(project: Project, elsewhere: PrivateEngine, tmp_path: Path, nth: int) -> None:
    elsewhere.clear()
    project.write("some", "some\n")
    project.config('p.job("Test", "cat some; echo told >Test.txt; echo made >made")', arguments=IMAGE)
    run = run_that_loses_its_connection(project, elsewhere, tmp_path, nth)
    assert (run.code, statuses(run), output(run, "Test")) == (0, {"Test": "PASSED"}, "some\n"), (run.err, reasons(run))
    assert (job_events(run, "job_finished")["Test"]["report"], (workspace(run) / "made").read_text()) == ("told\n", "made\n")
    assert elsewhere.left() == []


def test_a_server_that_has_too_many_logins_at_the_moment_is_asked_again(project: Project, engine: Engine) -> None:
    project.config('p.job("Test", "echo tested")', arguments=IMAGE)
    with sshd("--option", "MaxStartups 1", engine=engine.host) as far:
        with socket.create_connection(("127.0.0.1", far.port)):  # somebody who takes his time
            until(far.sessions)
            process = project.start([JCI, "run", *RUN], **far.way())
            until(lambda: "drop connection" in (far.directory / "log").read_text())
        run = project.finish(process)
    assert (run.code, output(run, "Test"), warnings(run)) == (0, "tested\n", []), run.err


def test_a_host_that_comes_back_as_another_one_is_not_waited_for(project: Project, engine: Engine, far: Sshd) -> None:
    project.config('p.job("Waits", "echo waits; sleep 1000")', arguments=IMAGE)
    with project.running(*RUN, **far.way()) as process:
        until(lambda: "waits" in engine.log_of("Waits"))
        far.become_another()
        far.drop()
        run = project.finish(process)
    begin = f"lost: cannot reach the engine at `ssh://far` (`DOCKER_HOST`) through ssh: Host key for [127.0.0.1]:{far.port} has changed "
    assert (run.code, statuses(run)) == (1, {"Waits": "FAILED"}), run.err
    assert reasons(run)["Waits"].startswith(begin)


def test_a_connection_that_drops_again_and_again(project: Project, elsewhere: PrivateEngine) -> None:
    elsewhere.clear()
    project.config(
        'for n in range(6): p.job(f"Job{n}", f"for i in 0 1 2 3 4 5 6 7 8 9; do echo {n} $i; usleep 300000; done; '
        'echo {n} >Job{n}.txt; head -c 3000000 /dev/zero >big{n}; exit {n % 2}")',
        arguments=IMAGE,
    )
    with sshd(engine=elsewhere.host) as far:
        with project.running(*RUN, **far.way()) as process:
            until(lambda: elsewhere.container_of("Job0"))
            dropped = 0
            pauses = random.Random(5)
            while process.poll() is None and dropped < 6:
                far.drop()
                dropped += 1
                time.sleep(pauses.uniform(0.5, 1.5))  # waits for nothing: any moment is as good for the next drop
            run = project.finish(process)
        assert far.logins() > 1
    assert statuses(run) == {f"Job{n}": "FAILED" if n % 2 else "PASSED" for n in range(6)}, run.err
    assert reasons(run) == {f"Job{n}": "exit code 1" for n in (1, 3, 5)}
    assert {job: output(run, job) for job in statuses(run)} == {f"Job{n}": "".join(f"{n} {i}\n" for i in range(10)) for n in range(6)}
    assert {job: told["report"] for job, told in job_events(run, "job_finished").items()} == {f"Job{n}": f"{n}\n" for n in range(6)}
    assert [(workspace(run) / f"big{n}").stat().st_size for n in range(6)] == [3_000_000] * 6
