# SPDX-License-Identifier: MIT
"""The commands of docs/getting-started.md and docs/push.md, one after the other in one repository, as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from project import JCI, ROOT, Project, make_project

__all__ = ["make_project"]

CONFIG = "from jaypore_ci import executors, jci\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job('Good', 'true')\n"
NOT_HERE = {"docker build -t arjoonn/jci .", "jci doctor"}  # take an engine: tests/integration, test_doctor.py


def commands(document: str) -> list[str]:
    lines = re.findall(r"^    (\S.*)$", (ROOT / "docs" / document).read_text(), re.MULTILINE)
    return [command for line in lines if (command := line.split("  #")[0].strip()) not in NOT_HERE]


def test_the_commands_of_the_documents_work_in_their_order(project: Project) -> None:
    project.environment["PATH"] = f"{Path(JCI).parent}:{project.environment['PATH']}"
    origin = project.scratch / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    project.git("init", "-q", "-b", "main")
    for name, value in (("user.name", "A"), ("user.email", "a@example.org"), ("push.autoSetupRemote", "true")):
        project.git("config", name, value)
    project.git("remote", "add", "origin", str(origin))

    def do(command: str) -> None:
        ended = project.finish(project.start(["bash", "-c", command.replace("jci init", "jci init -y")]))
        assert ended.code == 0, (command, ended.err)

    init, *then, undo = commands("getting-started.md")
    do(init)
    project.write("cicd/cicd.py", CONFIG)
    for command in then:
        do(command)
    for command in commands("push.md"):
        project.write("changed", command)
        project.commit()
        do(command)
    assert project.git("rev-parse", "main") == project.git("rev-parse", "origin/main")
    do(undo)
    assert not (project.path / ".git/hooks/pre-push").exists()
