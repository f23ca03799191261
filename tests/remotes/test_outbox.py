# SPDX-License-Identifier: MIT
"""A final report that its remote does not take waits on this machine, and arrives once."""

from __future__ import annotations

import os
import signal
from threading import Event

from http_server import Answer, HttpServer, Request
from project import Project, make_project, until  # noqa: F401

CONFIG = """\
from jaypore_ci import executors, jci, remotes, repos

git = repos.Git.from_env()
with jci.Pipeline(repo=git, remote=remotes.Webhook.from_env(repo=git), executor=executors.Shell()) as p:
    p.job("Test", "echo tested")
"""


class Service:
    """Takes reports, but for the times when it does not."""

    def __init__(self) -> None:
        self.is_busy = False
        self.hangs = False
        self.asked = Event()
        self.go_on = Event()
        self.taken: list[str] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.set()
        if self.hangs:
            self.go_on.wait(60)
        if self.is_busy:
            return Answer(503, b"{}", {"Retry-After": "3600"})
        self.taken.append(request.json["run"])
        return Answer(200, b"{}", {})


def committed(project: Project) -> None:
    project.write("cicd/cicd.py", CONFIG)
    project.commit()


def test_what_a_busy_service_does_not_take_is_delivered_later_and_once(project: Project) -> None:
    committed(project)
    service = Service()
    with HttpServer(service) as http:
        service.is_busy = True
        run = project.run(JAYPORE_WEBHOOK_URL=http.url)
        assert run.code == 0
        assert "it waits, and the next run sends it, or `jci publish --pending` does" in run.err
        assert http.url.removeprefix("http://") not in run.out

        still = project.jci("publish", "--pending", JAYPORE_WEBHOOK_URL=http.url)
        assert (still.code, still.out.split()[0], service.taken) == (1, "waits", [])

        service.is_busy = False
        done = project.jci("publish", "--pending", JAYPORE_WEBHOOK_URL=http.url)
        assert (done.code, done.out.split()[0], len(service.taken)) == (0, "delivered", 1)

        again = project.jci("publish", "--pending", JAYPORE_WEBHOOK_URL=http.url)
        assert (again.code, again.out, len(service.taken)) == (0, "nothing waits to be published\n", 1)


def test_the_next_run_delivers_what_waits(project: Project) -> None:
    committed(project)
    service = Service()
    with HttpServer(service) as http:
        service.is_busy = True
        project.run(JAYPORE_WEBHOOK_URL=http.url)
        service.is_busy = False
        project.write("cicd/cicd.py", CONFIG.replace("echo tested", "sleep 2"))
        project.commit()
        assert project.run(JAYPORE_WEBHOOK_URL=http.url).code == 0
        assert len(service.taken) == 2


def test_a_run_that_is_killed_while_it_publishes_loses_nothing(project: Project) -> None:
    committed(project)
    service = Service()
    service.hangs = True
    with HttpServer(service) as http:
        run = project.start(["jci", "run", "--executor", "shell"], JAYPORE_WEBHOOK_URL=http.url)
        assert service.asked.wait(60)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate()
        service.hangs = False
        service.go_on.set()
        delivered = project.jci("publish", "--pending", JAYPORE_WEBHOOK_URL=http.url)
        assert (delivered.code, delivered.out.split()[0]) == (0, "delivered")
        assert project.jci("publish", "--pending", JAYPORE_WEBHOOK_URL=http.url).out == "nothing waits to be published\n"


def test_a_letter_whose_token_is_gone_waits_and_says_which(project: Project) -> None:
    committed(project)
    service = Service()
    with HttpServer(service) as http:
        service.is_busy = True
        project.run(JAYPORE_WEBHOOK_URL=http.url)
    waits = project.jci("publish", "--pending")
    assert waits.code == 1
    assert waits.out.startswith("waits ")
    assert "`JAYPORE_WEBHOOK_URL`" in waits.out
