# SPDX-License-Identifier: MIT
"""From a repository to checked pushes, as a user goes: with `jci` on this machine, and with Docker alone, where Jaypore CI is an image."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_engine import Engine, PrivateEngine, private_engine, shared_engine
from project import JCI, ROOT, Finished, Project, make_project, until

__all__ = ["make_project", "shared_engine"]

CONFIG = """\
from jaypore_ci import jci

with jci.Pipeline(image="busybox:local") as p:
    p.job("Files", "test ! -e bad && cat /etc/passwd")
    p.job("Secret", "test \\"$PIN\\" = geheim-4711 && echo pin $PIN")
"""


@pytest.fixture(name="engine_with_us", scope="module")
def make_engine_with_us(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    """An engine that has our image, built by our Dockerfile of a package of this very build."""
    if os.geteuid() != 0:
        pytest.skip("an engine whose builds reach Debian's packages takes root")
    context = tmp_path_factory.mktemp("context")
    (context / "dist").mkdir()
    shutil.copy(ROOT / "Dockerfile", context)
    build = Path(JCI).resolve().parents[1]
    subprocess.run([ROOT / "tools/package", build, context / "dist"], check=True, stdout=subprocess.DEVNULL)
    with private_engine(images=("busybox", "debian"), nat=True) as engine:
        told = engine.docker("build", "--build-arg=PACKAGE=prebuilt", "--tag=arjoonn/jci", str(context))
        assert "Successfully tagged arjoonn/jci:latest" in told
        yield engine


class Repository:
    """A user's: set up, with a remote to push to."""

    def __init__(self, project: Project, engine: Engine, *, without_jci: bool) -> None:
        self.project = project
        self.engine = engine
        here = str(Path(JCI).parent)
        path = [entry for entry in project.environment["PATH"].split(":") if not (Path(entry) / "jci").exists()]
        project.environment["PATH"] = ":".join(path if without_jci else [here, *path])
        project.environment["DOCKER_HOST"] = engine.host
        for name in ("PYTHONPATH", "JAYPORE_PYTHON"):
            project.environment.pop(name, None)
        if not without_jci:
            project.environment |= {"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "JAYPORE_PYTHON": sys.executable}
        project.git("init", "-q", "-b", "main")
        project.git("config", "user.name", "A")
        project.git("config", "user.email", "a@example.org")

    def set_up(self, *arguments: str) -> None:
        told = self.do("bash", str(ROOT / "setup.sh"), "-y", *arguments)
        assert told.code == 0, told.err
        self.project.write("cicd/cicd.py", CONFIG)
        subprocess.run([JCI, "secrets", "set", "ci", "JAYPORE_PIN"], input="geheim-4711", text=True, cwd=self.project.path, check=True)

    def do(self, *command: str, **variables: str) -> Finished:
        return self.project.finish(self.project.start(list(command), **variables))

    def push(self, **variables: str) -> Finished:
        return self.do("git", "push", "origin", "main", **variables)

    def runs(self) -> list[tuple[str, str]]:
        listed = self.project.finish(self.project.start([JCI, "runs", "--json"])).out.splitlines()
        return [(run["status"], run["sha"]) for run in map(json.loads, reversed(listed))]

    def report(self, sha: str) -> str:
        """As it is kept in git."""
        return self.project.finish(self.project.start([JCI, "show", sha])).out


def with_bare_remote(repository: Repository) -> Path:
    origin = repository.project.scratch / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    repository.project.git("remote", "add", "origin", str(origin))
    return origin


@pytest.fixture(name="ssh_remote")
def make_ssh_remote(project: Project) -> Iterator[str]:
    """The url of a bare repository behind an ssh server on loopback; git's ssh knows it."""
    directory = project.scratch / "ssh"
    directory.mkdir()
    origin = project.scratch / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    with subprocess.Popen([sys.executable, str(ROOT / "tests/cli/ssh_server.py"), str(directory)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        options = f"-o IdentitiesOnly=yes -o BatchMode=yes -i {directory}/id -o UserKnownHostsFile={directory}/known_hosts -F none"
        project.environment["GIT_SSH_COMMAND"] = f"ssh {options}"
        yield f"ssh://git@127.0.0.1:{port}{origin}"
        server.terminate()


def at(origin: Path, ref: str = "refs/heads/main") -> str | None:
    told = subprocess.run(["git", "rev-parse", "-q", "--verify", ref], cwd=origin, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def good_then_bad(repository: Repository, origin: Path) -> None:
    good = repository.project.commit()
    pushed = repository.push()
    assert (pushed.code, at(origin)) == (0, good), pushed.err
    assert ("🟢 : Files" in pushed.err, "🟢 : Secret" in pushed.err) == (True, True)
    assert "geheim-4711" not in pushed.err
    repository.project.write("bad", "x")
    bad = repository.project.commit()
    refused = repository.push()
    assert (refused.code, at(origin)) == (1, good), refused.err
    assert "🔴 : Files" in refused.err
    assert repository.runs() == [("PASSED", good), ("FAILED", bad)]
    assert ("🟢 : Files" in repository.report(good), "🔴 : Files" in repository.report(bad)) == (True, True)


# ---- with `jci` on this machine


def test_pushes_over_ssh_are_checked(project: Project, engine: Engine, ssh_remote: str) -> None:
    repository = Repository(project, engine, without_jci=False)
    repository.set_up("--push=wait")
    project.git("config", "--unset", "core.sshCommand")
    project.git("remote", "add", "origin", ssh_remote)
    good_then_bad(repository, project.scratch / "origin.git")
    engine.clear_kept()


def test_an_engine_that_stops_during_a_check_in_the_background_is_told_at_the_next_push(project: Project) -> None:
    with private_engine() as engine:
        repository = Repository(project, engine, without_jci=False)
        repository.set_up()
        origin = with_bare_remote(repository)
        project.write("cicd/cicd.py", CONFIG.replace("test ! -e bad", "sleep 600"))
        sha = project.commit()
        assert (repository.push().code, at(origin)) == (0, sha)
        until(lambda: engine.container_of("Files"))
        engine.control("stop", "start")
        pushes = project.scratch / "state/jaypore/pushes"
        until(lambda: list(pushes.glob("*/*.news")))
        project.write("cicd/cicd.py", "raise SystemExit(0)\n")
        project.commit()
        assert f"jci: {sha[:10]} (main) failed after its push" in repository.push().err
        assert repository.runs()[0] == ("FAILED", sha)


# ---- with Docker alone


def test_a_push_that_waits_is_checked_by_the_image(project: Project, engine_with_us: PrivateEngine) -> None:
    repository = Repository(project, engine_with_us, without_jci=True)
    repository.set_up("--push=wait")
    assert "\nRUN_IN=container\n" in (project.path / "cicd/pre-push.sh").read_text()
    origin = with_bare_remote(repository)
    good_then_bad(repository, origin)
    engine_with_us.clear_kept()
    assert engine_with_us.left() == []


def test_a_push_that_does_not_wait_is_checked_by_the_image_in_the_background(project: Project, engine_with_us: PrivateEngine) -> None:
    repository = Repository(project, engine_with_us, without_jci=True)
    repository.set_up()
    origin = with_bare_remote(repository)
    sha = project.commit()
    pushed = repository.push()
    assert (pushed.code, at(origin)) == (0, sha)
    log = re.search(r"checked in the background; (.*) tells how it goes", pushed.err)
    assert log is not None, pushed.err
    until(lambda: repository.runs() == [("PASSED", sha)])
    until(lambda: "┗━" in Path(log[1]).read_text())


def test_somebody_who_is_not_root_owns_all_that_it_makes(project: Project, engine_with_us: PrivateEngine) -> None:
    user = 4711
    socket = Path(engine_with_us.host.removeprefix("unix://"))
    shutil.chown(socket, group=user)
    socket.chmod(0o660)
    for directory in (socket.parent, *(parent for parent in project.scratch.parents if parent != Path("/"))):
        directory.chmod(directory.stat().st_mode | 0o111)
    repository = Repository(project, engine_with_us, without_jci=True)
    for path in (project.scratch, *project.scratch.rglob("*")):
        shutil.chown(path, user, user)
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "env", f"HOME={project.scratch}/home"]

    def do(*command: str) -> Finished:
        return repository.do(*as_user, *command)

    told = do("bash", str(ROOT / "setup.sh"), "-y", "--push=wait")
    assert told.code == 0, told.err
    (project.path / "cicd/cicd.py").write_text(CONFIG.replace("test \\\"$PIN\\\" = geheim-4711 && ", ""))
    for command in (["git", "init", "-q", "--bare", "../origin.git"], ["git", "remote", "add", "origin", "../origin.git"], ["git", "add", "-A"], ["git", "commit", "-qm", "One"]):
        assert do(*command).code == 0
    pushed = do("git", "push", "origin", "main")
    assert pushed.code == 0, pushed.err
    others = [path for path in project.scratch.rglob("*") if path.lstat().st_uid != user]
    assert others == []


def test_the_image_is_run_by_any_user_and_has_what_configs_need(engine_with_us: PrivateEngine) -> None:
    command = 'jci --version && git --version && docker --version && python3 -c "from jaypore_ci import jci" && id -u'
    told = engine_with_us.docker("run", "--rm", "--user=1234:1234", "arjoonn/jci", "sh", "-ec", command)
    assert told.splitlines()[0].startswith("jci ")
    assert told.splitlines()[-1] == "1234"
