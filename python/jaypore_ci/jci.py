# SPDX-License-Identifier: MIT
"""Declare pipelines.

    from jaypore_ci import jci

    with jci.Pipeline() as p:
        with p.stage("build"):
            p.job("Docker", "docker build -t myimage .")
        with p.stage("checking", image="myimage"):
            p.job("Lint", "pylint src")
            p.job("Test", "pytest tests", env={"BROWSER": "firefox"}, depends_on=["Lint"])

Leaving `with` runs the jobs. A config that fails ends its process with 1, a wrong one with 2, an interrupted one with 130.
"""

from __future__ import annotations

import os
import sys

from jaypore_ci import _core, _process, executors
from jaypore_ci._core import Job, JobView, PipelineView, Stage, Status
from jaypore_ci.interfaces import BadConfig, JobStatus, RemoteApiFailed, TriggerFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import MappingProxyType, TracebackType
    from typing import Literal, Union

    from jaypore_ci._core import NativeExecutor
    from jaypore_ci.interfaces import Executor, Remote, Repo, Reporter

    EnvValue = Union[str, int, float, None]
    Parents = Union[str, Job, Iterable[Union[str, Job]], None]
    Files = Union[str, Sequence[str]]
    Names = Union[str, Sequence[str]]
    Pull = Literal["always", "missing", "never"]
    Ready = Union[str, int, Sequence[str], Mapping[str, object]]
else:
    MappingProxyType = type(type.__dict__)

__all__ = [
    "BadConfig",
    "Job",
    "JobStatus",
    "JobView",
    "Pipeline",
    "PipelineFailed",
    "PipelineView",
    "RemoteApiFailed",
    "Stage",
    "Status",
    "TriggerFailed",
]

_process.exit_with_2_on_bad_config()


def _as_list(remotes: Remote | Sequence[Remote] | None) -> list[Remote]:
    if remotes is None:
        return []
    return list(remotes) if isinstance(remotes, (list, tuple)) else [remotes]  # type: ignore[list-item]


class PipelineFailed(SystemExit):
    """Leaves the `with` of a pipeline that did not pass: ends the process, unless it is caught.

    `code` is 1, or 130 where the run was interrupted; `status` is the pipeline's.
    """

    def __init__(self, code: int, status: Status) -> None:
        super().__init__(code)
        self.status = status


class Pipeline:
    """A pipeline: jobs in stages, and what runs, reports and publishes them.

    repo: the commit being built; without it the one checked out here.   remote: where reports are published to, one or a list;
    without it they are stored in git.   executor: what runs the jobs; `jci run --executor` replaces the default only.
    reporter: what turns the pipeline into text.
    poll_interval: seconds, at least, between two reports of progress, and at most between two questions to an executor
    written in Python.   max_parallel: jobs at once; services do not count.
    image, timeout, env, is_service, executor_kwargs, docker_socket, pull, ready, ready_timeout, junit, coverage,
    secrets: for all jobs that do not say otherwise; see `job`.

    Used as `with Pipeline(...) as p`: leaving the block runs the jobs, unless an exception leaves it: then nothing runs. A
    pipeline that did not pass leaves by PipelineFailed, which ends the process; but one whose executor is an
    `executors.Mock()` named here is a test, and leaves quietly.
    Raises BadConfig: an argument that no pipeline has, or that is of a wrong type.
    """

    declared = 0
    """How many there are in this process, and of these:"""
    ended = 0
    """how many have run, or were left in a forked child."""
    worst_exit_code = 0
    """of those that are no tests."""

    def __init__(
        self,
        *,
        repo: Repo | None = None,
        remote: Remote | Sequence[Remote] | None = None,
        executor: Executor | NativeExecutor | None = None,
        reporter: Reporter | None = None,
        poll_interval: float = 10,
        max_parallel: int | None = None,
        image: str | None = None,
        timeout: float | None = None,
        env: Mapping[str, EnvValue] | None = None,
        is_service: bool | None = None,
        executor_kwargs: Mapping[str, object] | None = None,
        docker_socket: bool | None = None,
        pull: Pull | None = None,
        ready: Ready | None = None,
        ready_timeout: float | None = None,
        junit: Files | None = None,
        coverage: str | None = None,
        secrets: Names | None = None,
        **unknown: object,
    ) -> None:
        defaults = _settings(
            image, timeout, env, is_service, executor_kwargs, docker_socket, pull, ready, ready_timeout, junit, coverage, secrets, unknown
        )
        self._declaration = _core.Declaration(
            repo, remote, executor, reporter, poll_interval, max_parallel, defaults
        )
        self._repo = repo
        self._remotes = _as_list(remote)
        self._executor = executor
        self._reporter = reporter
        self._jobs: dict[str, Job] = {}  # those that somebody has asked for: most pipelines never do
        self._status: Status | None = None
        self._is_test = isinstance(executor, executors.Mock)
        self._declared_in = os.getpid()
        Pipeline.declared += 1

    # ---- declaring

    def stage(
        self,
        name: str,
        *,
        image: str | None = None,
        timeout: float | None = None,
        env: Mapping[str, EnvValue] | None = None,
        is_service: bool | None = None,
        executor_kwargs: Mapping[str, object] | None = None,
        docker_socket: bool | None = None,
        pull: Pull | None = None,
        ready: Ready | None = None,
        ready_timeout: float | None = None,
        junit: Files | None = None,
        coverage: str | None = None,
        secrets: Names | None = None,
        **unknown: object,
    ) -> _StageBlock:
        """Jobs declared in `with p.stage(name):` belong to a new stage, which starts once the stage before has passed.

        The other arguments are for all jobs of the stage that do not say otherwise; see `job`.
        Raises BadConfig: name empty or taken by a stage or a job, or another stage is still open.
        """
        settings = _settings(
            image, timeout, env, is_service, executor_kwargs, docker_socket, pull, ready, ready_timeout, junit, coverage, secrets, unknown
        )
        return _StageBlock(self._declaration, name, settings)

    def job(
        self,
        name: str,
        command: str | Sequence[str] | None,
        *,
        depends_on: Parents = None,
        stage: str | Stage | None = None,
        image: str | None = None,
        timeout: float | None = None,
        env: Mapping[str, EnvValue] | None = None,
        is_service: bool | None = None,
        executor_kwargs: Mapping[str, object] | None = None,
        docker_socket: bool | None = None,
        pull: Pull | None = None,
        ready: Ready | None = None,
        ready_timeout: float | None = None,
        junit: Files | None = None,
        coverage: str | None = None,
        secrets: Names | None = None,
        **unknown: object,
    ) -> Job:
        """Declare a job in the current stage and return it, still PENDING.

        name: characters other than A-Z, a-z and 0-9 become dashes.
        command: a str runs in `/bin/sh -c`, a list is the program and its arguments; None is for services only.
        depends_on: a job of the same stage, or several: this one starts when all of them have passed.
        stage: the stage to join, where it is not the one whose `with` this is in.
        image: what to run it in; `arjoonn/jci` where nobody says.
        timeout: seconds of wall time from its start, then Status.TIMEOUT; 900 where nobody says.
        env: {str: str}, laid key by key over the stage's, which is laid over the pipeline's.
        is_service: runs until the pipeline ends, and counts as passed as long as it has not failed.
        executor_kwargs: for the executor, as they are. In containers, all that docker-py's `containers.run` takes, and:
        docker_socket: False hides the engine's socket and its `docker` command from the job.
        pull: "always", "missing" (where nobody says) or "never".
        ready: when a service can be used: a command that ends with 0 in it, a port that accepts, "http://:port/path" that
        answers with 200 to 399.   ready_timeout: seconds that may take; 60 where nobody says.
        junit: the JUnit XML files that it writes, such as "reports/*.xml", or a list; reports then tell which tests failed.
        coverage: the file of coverage that it writes, Cobertura's XML or lcov's tracefile.
        secrets: the names of the secret `JAYPORE_` variables that it gets, or one; all where nobody says.
        Raises BadConfig: name taken, unknown parent, or no command and not a service.
        """
        settings = _settings(
            image, timeout, env, is_service, executor_kwargs, docker_socket, pull, ready, ready_timeout, junit, coverage, secrets, unknown
        )
        settings["stage"] = stage
        return self._declaration.add_job(name, command, depends_on, settings)

    @classmethod
    def env_matrix(cls, **lists: Iterable[EnvValue]) -> list[dict[str, str]]:
        """Every combination of the values, as environments.

        `{key: [values]}` gives `prod(len(values))` dicts, keys in the order given, the last key varying fastest.
        """
        return _core.env_matrix(lists)

    # ---- looking

    @property
    def repo(self) -> Repo:
        """The commit being built."""
        if self._repo is None:
            self._repo = self._declaration.repo()
        return self._repo

    @property
    def remote(self) -> Remote | None:
        """Where reports are published to, the first of them; None for a test that names none."""
        return next(iter(self.remotes), None)

    @property
    def remotes(self) -> list[Remote]:
        """All that reports are published to."""
        if not self._remotes:
            self._remotes = self._declaration.remotes()
        return list(self._remotes)

    @property
    def executor(self) -> Executor | NativeExecutor:
        """What runs the jobs."""
        if self._executor is None:
            self._executor = self._declaration.executor()
        return self._executor

    @property
    def reporter(self) -> Reporter:
        """What turns the pipeline into text."""
        if self._reporter is None:
            self._reporter = self._declaration.reporter()
        return self._reporter

    @property
    def jobs(self) -> MappingProxyType[str, Job]:
        """All jobs declared so far, by name, in the order of declaration."""
        return MappingProxyType(self._declared_jobs())

    def _declared_jobs(self) -> dict[str, Job]:
        for job in self._declaration.jobs_from(len(self._jobs)):
            self._jobs[job.name] = job
        return self._jobs

    @property
    def services(self) -> list[Job]:
        """The jobs that are services."""
        return [job for job in self._declared_jobs().values() if job.is_service]

    @property
    def stages(self) -> list[str]:
        """The names of the stages, in the order in which they run. The first one, `Pipeline`, has the jobs outside any stage."""
        return self._declaration.stage_names()

    @property
    def pipe_id(self) -> str:
        """The name of this run: 10 characters of [0-9a-z]."""
        return self._declaration.pipe_id()

    def get_status(self) -> Status:
        """How the pipeline stands."""
        return self._declaration.status()

    def get_status_dot(self) -> str:
        """The same as a coloured sign."""
        return self.view().get_status_dot()

    def view(self) -> PipelineView:
        """A snapshot of the pipeline, such as reporters get."""
        return self._declaration.view()

    # ---- running

    def run(self) -> Status:
        """Run the jobs now and return how it went; leaving `with` will not run them again.

        The report is printed to stdout, progress to stderr. Raises BadConfig, TriggerFailed.
        """
        if self._status is not None:
            raise BadConfig("the pipeline has run already: declare another one")
        if _process.is_child(self._declared_in, self._is_test):
            raise TriggerFailed(_process.CHILD_DOES_NOT_RUN.format(pid=os.getpid()))
        _core.stop_watching()
        Pipeline.ended += 1
        self._look_up_defaults()
        try:
            self._status = self._declaration.run()
        finally:
            self._declaration.close()
        if not self._is_test:
            Pipeline.worst_exit_code = max(Pipeline.worst_exit_code, self._exit_code)
        return self._status

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._declaration.close()
        elif _process.is_child(self._declared_in, self._is_test):
            Pipeline.ended += 1
            print(_process.CHILD_DOES_NOT_RUN.format(pid=os.getpid()), file=sys.stderr)
        else:
            self._run_and_leave()

    def _run_and_leave(self) -> None:
        status = self.run() if self._status is None else self._status
        if self._exit_code != 0 and not self._is_test:
            raise PipelineFailed(self._exit_code, status)

    @property
    def _exit_code(self) -> int:
        return self._declaration.exit_code() or 0

    def _look_up_defaults(self) -> None:
        """While there is a session to ask: they are still wanted when it has ended."""
        self.repo, self.remote, self.executor, self.reporter  # noqa: B018

    def __repr__(self) -> str:
        return f"<Pipeline of {len(self._declared_jobs())} jobs, {self.get_status().name}>"


class _StageBlock:
    """`with p.stage(...)`."""

    def __init__(self, declaration: _core.Declaration, name: str, settings: dict[str, object]) -> None:
        self._declaration = declaration
        self._name = name
        self._settings = settings

    def __enter__(self) -> Stage:
        return self._declaration.begin_stage(self._name, self._settings)

    def __exit__(self, *error: object) -> None:
        self._declaration.end_stage()


def _settings(
    image: str | None,
    timeout: float | None,
    env: Mapping[str, EnvValue] | None,
    is_service: bool | None,
    executor_kwargs: Mapping[str, object] | None,
    docker_socket: bool | None,
    pull: Pull | None,
    ready: Ready | None,
    ready_timeout: float | None,
    junit: Files | None,
    coverage: str | None,
    secrets: Names | None,
    unknown: dict[str, object],
) -> dict[str, object]:
    return {
        "image": image,
        "timeout": timeout,
        "env": env,
        "is_service": is_service,
        "executor_kwargs": executor_kwargs,
        "docker_socket": docker_socket,
        "pull": pull,
        "ready": ready,
        "ready_timeout": ready_timeout,
        "junit": junit,
        "coverage": coverage,
        "secrets": secrets,
        **unknown,
    }
