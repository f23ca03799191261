# SPDX-License-Identifier: MIT
"""`jci doctor` finds what is wrong, and says how to mend it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from project import JCI, Finished, Project, make_project

__all__ = ["make_project"]


@pytest.fixture(name="repository")
def make_repository(project: Project) -> Project:
    """Set up, committed, with a remote that answers; no engine."""
    project.environment["PATH"] = f"{Path(JCI).parent}:{project.environment['PATH']}"
    project.environment["DOCKER_HOST"] = f"unix://{project.scratch}/none.sock"
    project.git("init", "-q", "-b", "main")
    subprocess.run(["git", "init", "-q", "--bare", str(project.scratch / "origin.git")], check=True)
    project.git("remote", "add", "origin", str(project.scratch / "origin.git"))
    assert project.jci("init", "-y").code == 0
    project.commit()
    return project


def findings(told: Finished, about: str) -> list[tuple[str, str, str]]:
    """Sign, what was found, and how to mend it, of what is about that."""
    found: list[tuple[str, str, str]] = []
    for line in told.out.splitlines():
        sign, _, rest = line.partition(" ")
        if rest.startswith(f"{about:<8} "):
            found.append((sign, rest[9:], ""))
            mends = True
        elif line.startswith("            -> "):
            if mends:
                found[-1] = (*found[-1][:2], line[15:])
        else:
            mends = False
    return found


def examined(repository: Project, **variables: str) -> Finished:
    return repository.jci("doctor", **variables)


def test_all_that_can_be_fine_is(repository: Project) -> None:
    told = examined(repository)
    version = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.strip()
    assert findings(told, "git") == [("🟢", f"{version}; {repository.path} at main", "")]
    assert findings(told, "config") == [("🟢", "it declares 2 jobs", "")]
    assert findings(told, "hook") == [("🟢", "a push calls us; it is set to detach", "")]
    assert findings(told, "secrets") == [("🟢", "`secrets/ci.key` is yours alone", "")]
    assert findings(told, "reports") == [("🟢", "go to git, where the config names nothing else", "")]
    assert findings(told, "remote") == [("🟢", f"{repository.scratch}/origin.git answers", "")]
    assert [sign for sign, _, _ in findings(told, "disk")] == ["🟢", "🟢"]


def test_without_an_engine_one_thing_is_wrong(repository: Project) -> None:
    told = examined(repository)
    [(sign, says, _)] = findings(told, "engine")
    assert (sign, f"{repository.scratch}/none.sock" in says) == ("🔴", True)
    assert (told.out.splitlines()[-1], told.code) == ("1 thing is wrong.", 1)


def test_no_engine_is_missed_where_the_config_names_another_executor(repository: Project) -> None:
    repository.write("cicd/cicd.py", "from jaypore_ci import executors, jci\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job('A', 'true')\n")
    told = examined(repository)
    assert findings(told, "engine") == [("🟢", "none is needed: the config's jobs run in `shell`", "")]
    assert (told.out.splitlines()[-1], told.code) == ("Nothing is wrong.", 0)


def test_a_repository_that_was_not_set_up(project: Project) -> None:
    project.write("file", "x")
    project.commit()
    told = project.jci("doctor")
    assert findings(told, "config") == [("🔴", "there is no `cicd/cicd.py`", "`jci init` makes one")]
    assert findings(told, "hook") == [("🔴", "a push does not call us", "`jci init` sees to it")]
    assert findings(told, "remote") == [("🟡", "there is none: there is nothing to push to", "git remote add origin URL")]


def test_a_config_that_does_not_work(repository: Project) -> None:
    repository.write("cicd/cicd.py", "from jaypore_ci import jci\nwith jci.Pipeline(imge='x') as p:\n    pass\n")
    [(sign, says, mend)] = findings(examined(repository), "config")
    assert (sign, "imge" in says, mend) == ("🔴", True, "`jci plan --dirty` shows all of it")


def test_keys_that_others_may_see(repository: Project) -> None:
    (repository.path / "secrets/ci.key").chmod(0o644)
    assert findings(examined(repository), "secrets") == [("🔴", "others may read `secrets/ci.key`", "chmod 600 secrets/ci.key")]
    (repository.path / "secrets/ci.key").chmod(0o600)
    repository.write(".gitignore", "")
    assert findings(examined(repository), "secrets") == [("🔴", "git does not ignore `secrets/ci.key`", "echo 'secrets/*.key' >> .gitignore")]


def test_secrets_that_do_not_open(repository: Project) -> None:
    subprocess.run([JCI, "secrets", "set", "ci", "A"], input="1", text=True, cwd=repository.path, env=repository.environment, check=True)
    assert findings(examined(repository), "secrets")[1] == ("🟢", "`secrets/ci.enc` opens, 1 variable", "")
    (repository.path / "secrets/ci.key").unlink()
    [(sign, says, _)] = findings(examined(repository), "secrets")
    assert (sign, "secrets/ci.key" in says) == ("🔴", True)


def test_scripts_that_cannot_run(repository: Project) -> None:
    (repository.path / "cicd/pre-push.sh").chmod(0o644)
    assert findings(examined(repository), "hook")[1] == ("🔴", "`cicd/pre-push.sh` may not be executed", "chmod +x cicd/pre-push.sh")
    (repository.path / "cicd/pre-push.sh").chmod(0o755)
    tools = repository.scratch / "tools"
    tools.mkdir()
    for tool in ("git", "python3"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")
    [_, told] = findings(repository.finish(repository.start([JCI, "doctor"], PATH=str(tools))), "hook")
    assert told == ("🔴", "`cicd/pre-push.sh` runs `jci`, which is not on PATH", "install it, or write RUN_IN=container there")


def test_a_remote_that_is_away(repository: Project) -> None:
    (repository.scratch / "origin.git").rename(repository.scratch / "elsewhere.git")
    [(sign, says, _)] = findings(examined(repository), "remote")
    assert (sign, says.startswith(f"{repository.scratch}/origin.git does not answer: ")) == ("🟡", True)


def test_a_token_that_is_needed_says_where_reports_go(repository: Project) -> None:
    repository.git("remote", "set-url", "origin", "https://github.com/owner/name")
    told = examined(repository, JAYPORE_GITHUB_TOKEN="x", https_proxy="http://127.0.0.1:1")
    assert findings(told, "reports") == [("🟢", "go to github, where the config names nothing else", "")]
