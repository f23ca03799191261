# SPDX-License-Identifier: MIT
"""What jobs find in their containers, how they end, and what the user is told of those that cannot start."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from pathlib import Path

import pytest
from docker_engine import IMAGE, Engine, docker_run, job_events, output, reasons, shared_engine, statuses
from project import Project, make_project

__all__ = ["make_project", "shared_engine"]


def test_jobs_share_their_files_and_tell_how_they_ended(project: Project, engine: Engine) -> None:
    project.write("data.txt", "of the commit\n")
    project.config(
        'p.job("First", "cat data.txt; pwd; echo made >made.txt; echo \\"$WORD\\" >First.txt; echo complaint >&2", env={"WORD": "a  b"})\n'
        'p.job("Second", ["cat", "made.txt"], depends_on=["First"])\n'
        'p.job("Third", "exit 3", depends_on=["First"])\n'
        'p.job("Fourth", "true", depends_on=["Third"])\n',
        arguments=IMAGE,
    )
    before = engine.everything()
    run = docker_run(project)
    assert statuses(run) == {"First": "PASSED", "Second": "PASSED", "Third": "FAILED", "Fourth": "SKIPPED"}, run.err
    assert (output(run, "First", "stdout"), output(run, "First", "stderr")) == ("of the commit\n/jaypore_ci/run\n", "complaint\n")
    assert (output(run, "Second"), reasons(run), run.code) == ("made\n", {"Third": "exit code 3", "Fourth": "`Third` failed"}, 1)
    assert job_events(run, "job_finished")["First"]["report"] == "a  b\n"
    workspace = Path(run.events[0]["workspace"])
    assert (workspace / "made.txt").read_text() == "made\n"

    # The failed job's container stays, for `docker logs` and a week.
    assert engine.left() == [f"container jayporeci__job__{run.events[0]['run']}__Third"]
    assert engine.docker("logs", job_events(run, "job_started")["Third"]["run_id"]) == ""
    engine.clear()
    kept = engine.lines("images", "-q", "--no-trunc", "jaypore-ci-inside")
    assert [thing for thing in engine.everything() if thing not in before + kept] == []


def test_the_report_names_the_container_whose_log_docker_shows(project: Project, engine: Engine) -> None:
    project.config('p.job("Fails", "echo out; echo why >&2; exit 1")', arguments=IMAGE)
    run = project.run("--executor", "docker")
    found = re.search(r"\[([0-9a-f]{8})\]", run.report)
    assert found, run.out
    logged = subprocess.run(["docker", "logs", found[1]], capture_output=True, text=True, check=True)
    assert (logged.stdout, logged.stderr) == ("out\n", "why\n")


def test_the_git_of_a_job_reads_the_history_whoever_it_runs_as(project: Project, engine: Engine) -> None:
    project.config(
        'here = ["/usr:/usr:ro", "/usr/lib:/lib:ro", "/usr/lib64:/lib64:ro"]  # this machine\'s git, with its libraries\n'
        'ask = "git status --porcelain && git log --format=%s && git describe && git diff --name-only HEAD~1"\n'
        'p.job("Root", ask, executor_kwargs={"volumes": here})\n'
        'p.job("Other", ask, executor_kwargs={"volumes": here, "user": "4711"})\n'
        'p.job("Writes", "echo x >/jaypore_ci/run/.git/new; touch $(cat .git/objects/info/alternates)/new", executor_kwargs={"user": "0"})\n',
        arguments=IMAGE,
    )
    project.git("tag", "-am", "The first", "v1")
    project.write("data.txt", "more\n")
    project.commit("Add data")
    run = docker_run(project)
    described = project.git("describe").strip()
    assert output(run, "Root") == f"Add data\nChange things\n{described}\ndata.txt\n", run.err
    assert output(run, "Other") == output(run, "Root")
    assert statuses(run) == {"Root": "PASSED", "Other": "PASSED", "Writes": "FAILED"}
    assert "Read-only file system" in output(run, "Writes")


def test_jobs_get_the_secrets_that_they_list_and_nobody_sees_them_on_the_way(project: Project, engine: Engine) -> None:
    project.config(
        'tell = "echo ${#DB_PASSWORD} ${#DSN} $FLAVOUR"\n'
        'p.job("All", tell)\n'
        'p.job("None", tell, secrets=[])\n'
        'p.job("One", tell + "; sleep 1", secrets=["DSN"])\n',
        arguments=IMAGE,
    )
    secrets = {"JAYPORE_DB_PASSWORD": "seen-by-nobody-one", "JAYPORE_DSN": "seen-by-nobody-2", "JAYPORE_SECRETS": "JAYPORE_DSN"}
    seen: set[bytes] = set()
    with project.running("--executor", "docker", "--json", **secrets, JAYPORE_FLAVOUR="sweet") as process:
        while process.poll() is None:
            seen |= {line for line in command_lines() if b"seen-by-nobody" in line}
        run = project.finish(process)
    assert run.code == 0, run.err
    assert {job: output(run, job) for job in ("All", "None", "One")} == {"All": "18 16 sweet\n", "None": "0 0 sweet\n", "One": "0 16 sweet\n"}
    assert seen == set()


def command_lines() -> list[bytes]:
    """Of all processes of this machine, the engine's and those in containers too."""
    lines = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                lines.append((entry / "cmdline").read_bytes())
    return lines


# ---- what cannot start


ODD_JOBS = r'''
p.job("Good", "true")
p.job("NotFound", ["no-such-program"])
p.job("NotFoundByShell", "no-such-program")
p.job("NotExecutable", ["/jaypore_ci/run/data.txt"])
p.job("NoShell", "true", image=ours)
p.job("NoShellNeeded", ["/jci-inside", "own", "0", "0", "/no/such"], image=ours)
p.job("NoImage", "true", image="busybox:no-such-tag", pull="never")
p.job("RegistryDown", "true", image="127.0.0.1:1/some/image:1")
p.job("LittleMemory", "true", executor_kwargs={"mem_limit": "1m"})
p.job("PortTaken", "true", executor_kwargs={"ports": {"80/tcp": taken}})
p.job("NoSuchNetwork", "true", executor_kwargs={"network_mode": "no-such-network"})
p.job("NoSuchContainer", "true", executor_kwargs={"network_mode": "container:no-such-container"})
p.job("NoSuchDirectory", "true", executor_kwargs={"mounts": [{"type": "bind", "source": "/no/such/directory", "target": "/x"}]})
p.job("Terminal", "test -t 1 && echo yes; echo error >&2", executor_kwargs={"tty": True})
p.job("User", "id -u; echo x >by-user || exit 0", executor_kwargs={"user": 1234})
p.job("LongLine", "head -c 1000000 /dev/zero | tr '\\0' x")
p.job("Killed", "kill -9 $$")
p.job("NoShellNorInit", "true", image=ours, executor_kwargs={"init": False})
# An engine listens for want of memory from a moment after a container's start.
p.job("OutOfMemory", ["sh", "-c", "sleep 1; exec tail /dev/zero"], executor_kwargs={"mem_limit": "16m"})
# The engine hears of the child's end a little later than of its own: the job gives it the time.
p.job("KilledUnderLimit", "kill -9 $$", executor_kwargs={"mem_limit": "16m"})
p.job("ChildOutOfMemory", "tail /dev/zero; sleep 2; echo went on", executor_kwargs={"mem_limit": "16m"})
p.job("Slow", "echo begun; sleep 1000", timeout=1)
p.job("Silent", "exec >/dev/null 2>&1; sleep 2; exit 5")
'''


def image_of_ours(project: Project, engine: Engine) -> str:
    """One without a shell, which each run sees to."""
    project.config('p.job("Any", "true")', arguments=IMAGE)
    docker_run(project)
    return engine.lines("images", "--format", "{{.Repository}}:{{.Tag}}", "jaypore-ci-inside")[0]


def test_each_job_that_goes_wrong_says_why_and_others_go_on(project: Project, engine: Engine) -> None:
    ours = image_of_ours(project, engine)
    holder = engine.docker("run", "-d", "-p", "0.0.0.0::80", "busybox:local", "sleep", "1000")
    try:
        taken = engine.docker("port", holder, "80/tcp").splitlines()[0].rpartition(":")[2]
        project.write("data.txt", "of the commit\n")
        project.config(f'ours = "{ours}"\ntaken = {taken}\n' + ODD_JOBS, arguments=IMAGE)
        run = docker_run(project)
    finally:
        engine.docker("rm", "-f", holder)
    told = reasons(run)
    good = {"Good", "Terminal", "User", "LongLine", "ChildOutOfMemory", "NoShellNeeded"}
    assert {job for job, status in statuses(run).items() if status == "PASSED"} == good, run.err
    assert told == {
        "NotFound": "could not start: command `no-such-program` not found in image `busybox:local`",
        "NotFoundByShell": "exit code 127",
        "NotExecutable": (
            "could not start: command `/jaypore_ci/run/data.txt` of image `busybox:local` may not be executed: "
            "is it a program? try `chmod +x`"
        ),
        "NoShell": (
            f"could not start: image `{ours}` has no /bin/sh, which a command given as text needs; give it as a list: "
            '["program", "argument"]'
        ),
        "NoShellNorInit": told["NoShell"],
        "NoImage": (
            'could not start: the engine has no image `busybox:no-such-tag`, and pull="never" forbids to pull it; build or pull it first'
        ),
        "RegistryDown": told["RegistryDown"],
        "LittleMemory": told["LittleMemory"],
        "PortTaken": told["PortTaken"],
        "NoSuchNetwork": (
            "could not start: a network or a container that it names does not exist: network no-such-network not found; correct the name, or make it first"
        ),
        "NoSuchContainer": (
            "could not start: a network or a container that it names does not exist: No such container: no-such-container; correct the name, or make it first"
        ),
        "NoSuchDirectory": told["NoSuchDirectory"],
        "Killed": "exit code 137",
        "OutOfMemory": "exit code 137",
        "KilledUnderLimit": "exit code 137",
        "Slow": "timed out",
        "Silent": "exit code 5",
    }
    assert told["RegistryDown"].startswith(
        "could not start: image `127.0.0.1:1/some/image:1` cannot be pulled from registry `127.0.0.1:1`; is it up, and is the name right? ("
    )
    refused = "could not start: the engine refuses the container's settings; see the job's arguments ("
    assert told["LittleMemory"].startswith(refused)
    assert told["NoSuchDirectory"].startswith(refused) and "/no/such/directory" in told["NoSuchDirectory"]
    assert told["PortTaken"].startswith("could not start: a port of the engine's machine that the job asks for is taken: ")

    assert output(run, "Terminal", "stdout") == "yes\r\nerror\r\n"
    assert output(run, "User", "stdout") == "1234\n"
    assert output(run, "LongLine") == "x" * 1_000_000
    assert output(run, "Slow") == "begun\n"
    perhaps = "jci: killed, perhaps by the kernel for lack of memory, of which the engine knows nothing; see `mem_limit`\n"
    assert output(run, "Killed") == ""
    assert output(run, "KilledUnderLimit") == perhaps
    # A busy engine misses that at times.
    assert output(run, "OutOfMemory") in ("jci: killed by the kernel: out of memory; see `mem_limit`\n", perhaps)
    assert output(run, "ChildOutOfMemory", "stdout") == "went on\n"
    assert output(run, "ChildOutOfMemory", "stderr").endswith(
        "jci: one of its processes was killed by the kernel: out of memory; see `mem_limit`\n"
    )
    assert [name for name in engine.left() if name.rpartition("__")[2] in good] == []
    assert [name for name in engine.left() if not name.startswith("container jayporeci__job__")] == []


# ---- registries


def test_images_come_from_registries_with_the_credentials_of_docker_login(project: Project, engine: Engine) -> None:
    registry = os.environ.get("REGISTRY")
    if not registry:
        pytest.skip("no registry; run this below tests/engine/with-registry, as ./dev test does")
    config = project.scratch / "docker"
    login = ["docker", "--config", str(config), "-H", engine.host]
    subprocess.run([*login, "login", "-u", "jci", "--password-stdin", registry], input="secret", text=True, check=True, capture_output=True)
    image = f"{registry}/some/box:{project.scratch.name.lower()}"
    engine.docker("tag", "busybox:local", image)
    subprocess.run([*login, "push", "-q", image], check=True, capture_output=True)
    engine.docker("rmi", image)

    project.config(
        f'p.job("Pulled", "true", image="{image}")\np.job("Too", "true", image="{image}")\n'
        f'p.job("Absent", "true", image="{registry}/some/box:absent")\n'
        f'p.job("Always", "true", image="{image}", pull="always")\np.job("Local", "true", image="busybox:local", pull="always")\n'
    )
    empty, wrong = project.scratch / "empty", project.scratch / "wrong"
    empty.mkdir()
    wrong.mkdir()
    (wrong / "config.json").write_text('{"auths": {"%s": {"auth": "amNpOndyb25n"}}}' % registry)  # jci:wrong
    nobody = reasons(docker_run(project, DOCKER_CONFIG=str(empty)))["Pulled"]
    assert nobody.startswith(f"could not start: registry `{registry}` does not let anybody read image `{image}`, or does not have it:")
    assert f"log in with `docker login {registry}`" in nobody
    refused = reasons(docker_run(project, DOCKER_CONFIG=str(wrong)))["Pulled"]
    assert refused.startswith(f"could not start: registry `{registry}` refuses image `{image}` to the credentials of `auths` of `{wrong}/config.json`"), refused
    assert f"log in again with `docker login {registry}`" in refused

    right = docker_run(project, DOCKER_CONFIG=str(config))
    assert [statuses(right)[job] for job in ("Pulled", "Too", "Always", "Absent")] == ["PASSED", "PASSED", "PASSED", "FAILED"], reasons(right)
    assert reasons(right)["Absent"].startswith(
        f"could not start: image `{registry}/some/box:absent` not found in registry `{registry}`: is its name right, and its tag? ("
    )
    engine.docker("rmi", "-f", image)
