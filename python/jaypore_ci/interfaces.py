# SPDX-License-Identifier: MIT
"""The four things that a pipeline needs, to be derived from; and the words that they share.

A class derived from one of these works in every place of the built-in ones. What its methods raise is reported with its
traceback and fails what it should, a job or a report, not the process.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod

from jaypore_ci import _core
from jaypore_ci._core import Coverage, FailedTest, JobView, PipelineView, RepoView, RunContext, Status, TestResults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Union

    from typing_extensions import Self

    from jaypore_ci.jci import Job

    Moment = Union[datetime, float]

__all__ = [
    "BadConfig",
    "CommitMessage",
    "Coverage",
    "Executor",
    "FailedTest",
    "JobStatus",
    "JobView",
    "PipelineView",
    "Remote",
    "RemoteApiFailed",
    "Repo",
    "RepoView",
    "Reporter",
    "RunContext",
    "Status",
    "TestResults",
    "TriggerFailed",
]


class BadConfig(AssertionError):
    """The configuration is wrong: the message says what, where and what to do."""


class TriggerFailed(Exception):
    """The run could not be carried out: no engine answers, the Workspace cannot be written ..."""


class RemoteApiFailed(Exception):
    """A report could not be published. Never changes a pipeline's outcome."""


class CommitMessage(str):
    """A commit message: a `str` that can be asked what it contains."""

    __slots__ = ()

    def contains(self, text: str) -> bool:
        """Is `text` one of the message's lines, or inside one?"""
        return text in self


class JobStatus:
    """How a job goes, as an executor knows it.

    is_running: False once it has ended.   exit_code: None while it runs; -N where signal N killed it.
    logs: all it has written so far, `str` or `bytes`.   started_at, finished_at: datetimes, or numbers of seconds; None
    where the executor does not know.
    """

    __slots__ = ("is_running", "exit_code", "logs", "started_at", "finished_at")

    def __init__(
        self,
        is_running: bool,
        exit_code: int | None = None,
        logs: str | bytes = "",
        started_at: Moment | None = None,
        finished_at: Moment | None = None,
    ) -> None:
        self.is_running = is_running
        self.exit_code = exit_code
        self.logs = logs
        self.started_at = started_at
        self.finished_at = finished_at

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JobStatus):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"JobStatus({fields})"


class Executor(metaclass=ABCMeta):
    """Runs jobs.

    `setup` once; then `run`, `get_status` and `stop` for any number of jobs at once; then `teardown` once. All methods are
    called on one thread, one at a time, which is not the main thread: they need no locks, and may block, but while one
    does the others wait.

    Optional is `stop(self, run_id: str) -> None`: end that job now. Without it a job that takes too long, or a run that is
    interrupted, waits for the job a few seconds and then leaves it alone.
    """

    context: RunContext
    """The run that is served: Workspace, environment, commit. There from `setup` on."""

    _execution_order: dict[str, int]

    def setup(self) -> None:
        """Get ready for a run. What it raises ends the run before the first job."""

    @abstractmethod
    def run(self, job: Job) -> str:
        """Start `job`, do not wait for it, and return a name for it: a container id, a pid.

        Its environment is `self.context.env_of(job)`, its directory `self.context.workspace`. What it raises is
        the reason why the job could not start.
        """

    @abstractmethod
    def get_status(self, run_id: str) -> JobStatus:
        """How the job goes that `run` named so. Asked again and again, until it is not running any more."""

    def teardown(self) -> None:
        """Free all that `setup` and `run` took. Called also after a failed `setup`."""

    def get_execution_order(self) -> dict[str, int]:
        """The position of each job, by name, in the order in which they were started: 0, 1, 2, ..."""
        return dict(getattr(self, "_execution_order", {}))


class Reporter(metaclass=ABCMeta):
    """Turns a pipeline into text that people can read."""

    @abstractmethod
    def render(self, pipeline: PipelineView) -> str:
        """The report. Called now and then while the jobs run, and once at the end."""


class Remote(metaclass=ABCMeta):
    """Where reports are published to. Called on a thread of its own, one call at a time: it may block."""

    def __init__(self, *, sha: str, branch: str) -> None:
        self.sha = sha
        self.branch = branch

    @classmethod
    def from_env(cls, *, repo: Repo) -> Self:
        """The remote for the commit of `repo`."""
        return cls(sha=repo.sha, branch=repo.branch)

    def setup(self) -> None:
        """Called before the first report."""

    @abstractmethod
    def publish(self, report: str, status: str) -> None:
        """Publish the newest report. `status` is "pending", "success", "failure" or "warning"."""

    def teardown(self) -> None:
        """Called after the last report."""


class Repo(metaclass=ABCMeta):
    """The commit being built."""

    sha: str
    """40 hex digits."""
    branch: str
    """Its short name; empty where HEAD is on none."""
    remote: str
    """The first push url, without user and password."""
    commit_message: CommitMessage

    def __init__(self, sha: str, branch: str, remote: str, commit_message: str) -> None:
        self.sha = sha
        self.branch = branch
        self.remote = remote
        self.commit_message = CommitMessage(commit_message)

    author_name: str = ""
    author_email: str = ""

    @classmethod
    def from_env(cls) -> Self:
        """The repo of the commit being built."""
        raise NotImplementedError(f"`{cls.__name__}` has no `from_env`")

    @abstractmethod
    def files_changed(self, target: str) -> list[str]:
        """Paths, relative to the root, that differ between `target` and this commit."""


Executor.register(_core.NativeExecutor)
Reporter.register(_core.NativeReporter)
Remote.register(_core.NativeRemote)
Repo.register(_core.NativeRepo)
