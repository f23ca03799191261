# SPDX-License-Identifier: MIT
"""Engines that do not see the files of this machine, over each way to reach one: the Workspace is a volume there."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import IMAGE, PrivateEngine, Proxy, docker_run, job_events, output, private_engine, reasons, statuses
from project import DEADLINE, JCI, Finished, Project, make_project

__all__ = ["make_project"]

PLAIN, SAFE = 2375, 2376


def openssl(directory: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)


def make_authority(directory: Path) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(directory, "req", "-x509", *key, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=authority", "-days", "2")


def make_certificate(directory: Path, name: str, extensions: str) -> None:
    """`name`-cert.pem and `name`-key.pem."""
    (directory / "extensions").write_text(extensions)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(directory, "req", "-new", *key, "-keyout", f"{name}-key.pem", "-out", "request", "-subj", f"/CN={name}")
    signed = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-days", "2", "-extfile", "extensions"]
    openssl(directory, "x509", "-req", "-in", "request", "-out", f"{name}-cert.pem", *signed)


@pytest.fixture(name="certificates", scope="module")
def make_certificates() -> Iterator[Path]:
    """The engine's, and in `client` and `stranger` what DOCKER_CERT_PATH takes. Where the engine sees them."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        make_authority(directory)
        addresses = ",".join(f"IP:198.19.{slot}.2" for slot in range(1, 201))  # one of with-engine's
        make_certificate(directory, "engine", f"subjectAltName = {addresses}\nextendedKeyUsage = serverAuth\n")
        make_certificate(directory, "user", "extendedKeyUsage = clientAuth\n")
        for client in ("client", "stranger"):
            (directory / client).mkdir()
            for file, origin in (("ca.pem", "ca.pem"), ("cert.pem", "user-cert.pem"), ("key.pem", "user-key.pem")):
                (directory / client / file).write_bytes((directory / origin).read_bytes())
        make_authority(directory / "stranger")
        yield directory


@pytest.fixture(name="engine", scope="module")
def make_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    with private_engine("--host", f"tcp://0.0.0.0:{PLAIN}", "--tls=false", hidden=tmp_path_factory.getbasetemp()) as engine:
        yield engine


@pytest.fixture(name="safe_engine", scope="module")
def make_safe_engine(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[PrivateEngine]:
    files = (f"--tls{what}={certificates}/{file}" for what, file in (("cacert", "ca.pem"), ("cert", "engine-cert.pem"), ("key", "engine-key.pem")))
    with private_engine("--host", f"tcp://0.0.0.0:{SAFE}", "--tlsverify", *files, hidden=tmp_path_factory.getbasetemp()) as engine:
        yield engine


def over_unix(engine: PrivateEngine) -> dict[str, str]:
    return {"DOCKER_HOST": engine.host}


def over_tcp(engine: PrivateEngine) -> dict[str, str]:
    return {"DOCKER_HOST": f"tcp://{engine.address}:{PLAIN}"}


def over_tls(engine: PrivateEngine, files: Path) -> dict[str, str]:
    return {"DOCKER_HOST": f"tcp://{engine.address}:{SAFE}", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(files)}


def workspace(run: Finished) -> Path:
    return Path(run.events[0]["workspace"])


SHARING = r"""
p.job("First", '''
    set -e
    ./tool.sh; cat link "dir/n\u00e4me" data.txt; stat -c %a private dir; pwd
    mkdir -p made/empty made/closed; echo made >made/file; ln -s file made/link; chmod 700 made/file; chmod 0 made/closed
    echo changed >data.txt; echo reported >First.txt; head -c 5000000 /dev/zero >big
''')
p.job("Second", "cat made/link data.txt; ls -l big | tr -s ' ' | cut -d' ' -f5; echo theirs >theirs; chown 1234:1234 theirs", depends_on=["First"])
p.job("Service", "while :; do sleep 1; done", is_service=True)
"""


def sharing_works(project: Project, engine: PrivateEngine, way: dict[str, str]) -> None:
    engine.clear()
    project.write("data.txt", "of the commit\n")
    project.write("dir/n\u00e4me", "odd name\n")
    project.write("tool.sh", "#!/bin/sh\necho tool runs\n").chmod(0o755)
    project.write("private", "")
    (project.path / "link").symlink_to("data.txt")
    project.config(SHARING, arguments=IMAGE)
    run = docker_run(project, **way)
    assert statuses(run) == {"First": "PASSED", "Second": "PASSED", "Service": "PASSED"}, run.err
    assert output(run, "First") == "tool runs\nof the commit\nodd name\nof the commit\n644\n755\n/jaypore_ci/run\n"
    assert (output(run, "Second"), run.code) == ("made\nchanged\n5000000\n", 0)
    assert {job: told["report"] for job, told in job_events(run, "job_finished").items()} == {"First": "reported\n", "Second": None, "Service": None}

    there = workspace(run)
    assert (there / "made/file").read_text() == "made\n" and os.access(there / "made/file", os.X_OK)
    assert os.readlink(there / "made/link") == "file"
    assert list((there / "made/empty").iterdir()) == list((there / "made/closed").iterdir()) == []
    assert ((there / "data.txt").read_text(), (there / "big").stat().st_size) == ("changed\n", 5_000_000)
    assert (there / "dir/n\u00e4me").read_text() == "odd name\n" and os.access(there / "tool.sh", os.X_OK)
    assert {path.lstat().st_uid for path in there.rglob("*")} == {os.getuid()}
    assert engine.left() == []


def test_jobs_share_a_workspace_on_an_engine_behind_a_socket(project: Project, engine: PrivateEngine) -> None:
    sharing_works(project, engine, over_unix(engine))


def test_jobs_share_a_workspace_on_an_engine_behind_tcp(project: Project, engine: PrivateEngine) -> None:
    sharing_works(project, engine, over_tcp(engine))


def test_jobs_share_a_workspace_on_an_engine_behind_tls(project: Project, safe_engine: PrivateEngine, certificates: Path) -> None:
    sharing_works(project, safe_engine, over_tls(safe_engine, certificates / "client"))


def test_an_engine_whose_certificate_nobody_vouches_for_is_not_used(project: Project, safe_engine: PrivateEngine, certificates: Path) -> None:
    project.config('p.job("Any", "true")', arguments=IMAGE)
    run = docker_run(project, **over_tls(safe_engine, certificates / "stranger"))
    where = f"{safe_engine.address}:{SAFE}"
    assert (statuses(run), run.code) == ({"Any": "SKIPPED"}, 1)
    assert run.err.startswith(
        f"jci: error: TLS with the Docker engine at `tcp://{where}` (`DOCKER_HOST`) fails: starting TLS with `{where}`: certificate verify failed"
    )
    assert "check ca.pem, cert.pem and key.pem" in run.err


def test_an_engine_that_wants_a_certificate_refuses_those_without(
    project: Project, safe_engine: PrivateEngine, certificates: Path, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "ca.pem").write_bytes((certificates / "ca.pem").read_bytes())
    project.config('p.job("Any", "true")', arguments=IMAGE)
    run = docker_run(project, **over_tls(safe_engine, files))
    assert (statuses(run), run.code) == ({"Any": "SKIPPED"}, 1)
    assert run.err.startswith(f"jci: error: TLS with the Docker engine at `tcp://{safe_engine.address}:{SAFE}` (`DOCKER_HOST`) fails: ")
    assert "bad certificate" in run.err or "certificate required" in run.err


def test_tls_and_an_engine_without_it_do_not_understand_each_other(project: Project, engine: PrivateEngine, certificates: Path) -> None:
    project.config('p.job("Any", "true")', arguments=IMAGE)
    way = over_tls(engine, certificates / "client") | {"DOCKER_HOST": f"tcp://{engine.address}:{PLAIN}"}
    run = docker_run(project, **way)
    assert f"fails: starting TLS with `{engine.address}:{PLAIN}`: wrong version number" in run.err and run.code == 1


# ---- what else is there, or not


def test_jobs_get_the_socket_where_the_engine_has_it_and_start_where_not(project: Project, engine: PrivateEngine) -> None:
    project.config('p.job("Looks", "test -S /var/run/docker.sock && echo socket; test -e /usr/local/bin/docker && echo program; true")', arguments=IMAGE)
    assert output(docker_run(project, **over_unix(engine)), "Looks") == "socket\n"
    assert output(docker_run(project, **over_tcp(engine)), "Looks") == ""


def test_a_report_is_a_file_of_its_own(project: Project, engine: PrivateEngine) -> None:
    project.config(
        'p.job("Link", "ln -s /etc/passwd Link.txt")\np.job("Folder", "mkdir Folder.txt; echo x >Folder.txt/x")\n'
        'p.job("Long", "yes | head -c 1000000 >Long.txt")',
        arguments=IMAGE,
    )
    run = docker_run(project, **over_unix(engine))
    reports = {job: told["report"] for job, told in job_events(run, "job_finished").items()}
    assert reports == {"Link": None, "Folder": None, "Long": "y\n" * 128}


RESULTS = """
p.job("Tests", "mkdir -p out/deep; cp some.xml out/deep/t.xml; cp measured lcov.info", junit="out/**/*.xml", coverage="lcov.info")
p.job("None", "true", junit="nowhere/*.xml", coverage="nothing.info")
"""


def test_files_of_results_are_read_where_the_engine_has_them(project: Project, engine: PrivateEngine) -> None:
    project.write("some.xml", '<testsuite><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>')
    project.write("measured", "SF:a.c\nLF:10\nLH:9\nend_of_record\n")
    project.config(RESULTS, arguments=IMAGE)
    run = docker_run(project, **over_unix(engine))
    assert run.code == 0, run.err
    report = json.loads(project.jci("report", "--format", "json").out)
    jobs = {job["job"]: job for stage in report["stages"] for job in stage["jobs"]}
    assert (jobs["Tests"]["tests"]["passed"], jobs["Tests"]["tests"]["failed"], jobs["Tests"]["coverage"]["percent"]) == (1, 1, 90)
    assert jobs["None"]["tests"] is None and len(jobs["None"]["warnings"]) == 2


def test_what_cannot_be_brought_back_is_a_warning(project: Project, engine: PrivateEngine) -> None:
    project.write("folder/file", "of the commit\n")
    project.config('p.job("Replaces", "rm -r folder; echo file >folder; echo made >made; mkfifo fifo")', arguments=IMAGE)
    run = docker_run(project, **over_unix(engine))
    assert (statuses(run), run.code) == ({"Replaces": "PASSED"}, 0)
    assert "cannot bring back from the engine what jobs wrote: `run/folder`: " in run.err
    assert "`run/fifo`: it is neither file, directory nor link" in run.err
    assert (workspace(run) / "made").read_text() == "made\n"
    assert engine.left() == []


def test_the_container_of_a_failed_job_keeps_the_volume(project: Project, engine: PrivateEngine) -> None:
    engine.clear()
    project.config('p.job("Fails", "echo made >made; exit 3")', arguments=IMAGE)
    run = docker_run(project, **over_unix(engine))
    assert reasons(run) == {"Fails": "exit code 3"}
    assert (workspace(run) / "made").read_text() == "made\n"
    first = run.events[0]["run"]
    kept = [f"container jayporeci__job__{first}__Fails", f"volume jayporeci__run__{first}"]
    assert engine.left() == kept
    project.config('p.job("Passes", "true")', arguments=IMAGE)
    docker_run(project, **over_unix(engine))
    assert engine.left() == kept
    engine.docker("rm", f"jayporeci__job__{first}__Fails")
    docker_run(project, **over_unix(engine))
    assert engine.left() == []


# ---- only what differs travels


class Counting(Proxy):
    """Knows how much it has brought to the engine."""

    sent = 0

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self.engine)
            self.open |= {client, server}
            answers = threading.Thread(target=pass_on, args=[server, client], daemon=True)
            answers.start()
            while data := client.recv(65536):
                self.sent += len(data)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
            answers.join()


def pass_on(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


@pytest.fixture(name="counting")
def make_counting(tmp_path: Path, engine: PrivateEngine) -> Iterator[Counting]:
    engine.clear()
    way = Counting(tmp_path / "way.sock", engine.host)
    way.appear()
    yield way
    way.vanish()


def test_files_that_are_there_do_not_travel_again(project: Project, engine: PrivateEngine, counting: Counting) -> None:
    (project.path / "big").write_bytes(os.urandom(3_000_000))
    project.write("removed/file", "")
    project.write("swapped", "a file")
    project.write("other/inside", "in a folder")
    project.write("kept", "kept\n")
    look = "cat big | wc -c; ls -d removed swapped/* other 2>/dev/null; cat kept; cat other/inside; echo x >>kept; rm swapped; echo made >made"
    project.config(f'p.job("Looks", {look!r})', arguments=IMAGE)
    first = docker_run(project, DOCKER_HOST=counting.host)
    assert output(first, "Looks") == "3000000\nother\nremoved\nkept\nin a folder"
    assert 3_000_000 < counting.sent < 5_000_000
    big = (workspace(first) / "big").stat().st_ino
    assert ((workspace(first) / "kept").read_text(), (workspace(first) / "made").read_text()) == ("kept\nx\n", "made\n")

    counting.sent = 0
    second = docker_run(project, DOCKER_HOST=counting.host)
    assert output(second, "Looks") == "3000000\nother\nremoved\nkept\nin a folder"  # nothing of what the first one did
    assert counting.sent < 200_000
    assert (workspace(second), (workspace(second) / "big").stat().st_ino) == (workspace(first), big)

    (project.path / "removed/file").unlink()
    (project.path / "swapped").unlink()
    project.write("swapped/now", "a folder")
    project.write("elsewhere/inside", "behind a link")
    (project.path / "other/inside").unlink()
    (project.path / "other").rmdir()
    (project.path / "other").symlink_to("elsewhere")
    project.config('p.job("Looks", "cat big | wc -c; ls -d removed swapped/* other 2>/dev/null; cat kept; cat other/inside")', arguments=IMAGE)
    counting.sent = 0
    third = docker_run(project, DOCKER_HOST=counting.host)
    assert output(third, "Looks") == "3000000\nother\nswapped/now\nkept\nbehind a link"
    assert counting.sent < 200_000
    assert engine.left() == []


def test_runs_at_once_have_files_of_their_own(project: Project, engine: PrivateEngine) -> None:
    (project.path / "big").write_bytes(os.urandom(1_000_000))
    project.config('p.job("Writes", "test ! -e made; sleep 1; echo $RUN >>made; cat made", env={"RUN": __import__("os").environ["RUN"]})', arguments=IMAGE)
    started = [project.start([JCI, "run", "--executor", "docker", "--json"], **over_unix(engine), RUN=str(number)) for number in range(3)]
    runs = [project.finish(process) for process in started]
    assert [output(run, "Writes") for run in runs] == ["0\n", "1\n", "2\n"], [run.err for run in runs]
    assert engine.left() == []


def copies(engine: PrivateEngine) -> dict[str, str]:
    """The Workspaces of which the engine has a copy, and what these are called."""
    shown = '{{.Label "in.jayporeci.workspace"}}={{.Name}}'
    return dict(line.split("=") for line in engine.lines("volume", "ls", "--filter", "label=in.jayporeci.workspace", "--format", shown))


def test_the_copy_of_a_workspace_that_is_gone_is_removed(project: Project, engine: PrivateEngine, tmp_path: Path) -> None:
    (project.path / "big").write_bytes(os.urandom(1_000_000))
    project.config('p.job("Any", "true")', arguments=IMAGE)
    first = docker_run(project, **over_unix(engine))
    assert str(workspace(first)) in copies(engine)
    shutil.rmtree(tmp_path / "cache")
    second = docker_run(project, **over_unix(engine), XDG_CACHE_HOME=str(tmp_path / "other"))
    assert str(workspace(first)) not in copies(engine) and str(workspace(second)) in copies(engine)


# ---- disturbed on the way


LINE_TAKES = 4 * 1024 * 1024  # bytes; the image of our own is less


class Line(Proxy):
    """Takes so much of each connection. Then it is stuck, or breaks."""

    breaks = False

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self.engine)
            self.open |= {client, server}
            threading.Thread(target=self._answer, args=[server, client], daemon=True).start()
            taken = 0
            while taken < LINE_TAKES and (data := client.recv(65536)):
                server.sendall(data)
                taken += len(data)
            gone = select.poll()
            gone.register(client, select.POLLRDHUP)
            while taken >= LINE_TAKES and not self.breaks and not gone.poll(10):
                pass
            for end in (client, server):
                end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)


@pytest.fixture(name="line")
def make_line(tmp_path: Path, engine: PrivateEngine) -> Iterator[Line]:
    engine.clear()
    line = Line(tmp_path / "line.sock", engine.host)
    line.appear()
    yield line
    line.vanish()
    line.breaks = True


def test_ctrl_c_ends_a_run_whose_files_are_on_their_way(project: Project, engine: PrivateEngine, line: Line) -> None:
    (project.path / "big").write_bytes(os.urandom(12_000_000))
    project.config('p.job("Never", "true")', arguments=IMAGE)
    with project.running("--executor", "docker", "--json", DOCKER_HOST=line.host) as process:
        assert process.stdout is not None
        told = [json.loads(process.stdout.readline())]
        while told[-1]["event"] != "job_waits" or "files" not in told[-1]["what"]:
            told.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        rest = [json.loads(text) for text in process.stdout]
        assert process.wait(DEADLINE) == 130
    assert [event["status"] for event in rest if event["event"] == "job_finished"] == ["CANCELLED"]
    assert engine.left() == []


def test_a_line_that_breaks_is_the_reason_why_no_job_starts(project: Project, engine: PrivateEngine, line: Line) -> None:
    line.breaks = True
    (project.path / "big").write_bytes(os.urandom(12_000_000))
    project.config('p.job("Never", "true")', arguments=IMAGE)
    run = docker_run(project, DOCKER_HOST=line.host)
    assert (statuses(run), run.code) == ({"Never": "FAILED"}, 1)
    assert reasons(run)["Never"].startswith("could not start: cannot send the Workspace to the engine: sending a request to `")
    assert engine.left() == []


def test_an_engine_that_sees_the_workspace_need_not_see_the_repository(project: Project) -> None:
    project.config('p.job("Reads", "cat cicd/cicd.py >/dev/null; pwd")', arguments=IMAGE)
    with private_engine(hidden=project.path) as engine:
        run = docker_run(project, DOCKER_HOST=engine.host)
        assert (statuses(run), output(run, "Reads")) == ({"Reads": "PASSED"}, "/jaypore_ci/run\n"), (run.err, reasons(run))
        assert engine.left() == []
