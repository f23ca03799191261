# SPDX-License-Identifier: MIT
"""The C++ half of jaypore_ci. Its public names are in the modules beside it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, Final, Literal, final

from typing_extensions import Self

from jaypore_ci.interfaces import CommitMessage, Executor, JobStatus, Remote, Repo, Reporter
from jaypore_ci.jci import Pipeline

VERSION: Final[str]
HANG_SIGNAL: Final[int]
DUMP_SIGNAL: Final[int]

_Filter = str | Sequence[str] | Callable[[str], bool] | None

class Status:
    """Where a job, a stage or a pipeline stands."""

    PENDING: ClassVar[Status]
    """not started yet"""
    RUNNING: ClassVar[Status]
    """started, not ended"""
    FAILED: ClassVar[Status]
    """ended with anything but success, or could not be started"""
    PASSED: ClassVar[Status]
    """ended well; a service: up, or ended with 0"""
    TIMEOUT: ClassVar[Status]
    """took longer than its `timeout` and was stopped"""
    SKIPPED: ClassVar[Status]
    """will never run: a parent or an earlier stage did not pass"""
    CANCELLED: ClassVar[Status]
    """was running when the run was interrupted"""

    __members__: ClassVar[Mapping[str, Status]]
    @property
    def name(self) -> str: ...
    @property
    def value(self) -> int: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...

class Job:
    """A job, as `Pipeline.job` declared it, and how it goes. Looking at it does no I/O."""

    @property
    def name(self) -> str:
        """The cleaned name, unique in the pipeline."""
    @property
    def command(self) -> str | list[str] | None: ...
    @property
    def stage(self) -> str:
        """The name of its stage."""
    @property
    def depends_on(self) -> list[str]:
        """The names of the jobs it waits for."""
    @property
    def parents(self) -> list[str]:
        """The same as `depends_on`."""
    @property
    def image(self) -> str: ...
    @property
    def timeout(self) -> float:
        """Seconds."""
    @property
    def env(self) -> dict[str, str]:
        """The pipeline's, the stage's and its own, laid over each other."""
    @property
    def is_service(self) -> bool: ...
    @property
    def executor_kwargs(self) -> dict[str, object]: ...
    @property
    def status(self) -> Status: ...
    @property
    def run_id(self) -> str:
        """The executor's name for it: a container id, a pid. Empty until it runs."""
    @property
    def run_state(self) -> JobStatus | None:
        """How it goes, without its logs; None until it runs."""
    @property
    def exit_code(self) -> int | None:
        """None where it has not ended, or not by itself."""
    @property
    def outcome(self) -> str | None:
        """How it ended, in a few words: "exit code 3", "timed out". None where it has not ended."""
    @property
    def report(self) -> str:
        """What it wrote to `<job name>.txt`."""
    def is_complete(self) -> bool:
        """Will its status not change any more?"""
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

class Stage:
    """A stage, as `Pipeline.stage` declared it."""

    @property
    def name(self) -> str: ...
    @property
    def jobs(self) -> list[Job]:
        """In the order of declaration."""
    @property
    def status(self) -> Status: ...

class JobView:
    """One job in a PipelineView."""

    @property
    def name(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def is_service(self) -> bool: ...
    @property
    def image(self) -> str: ...
    @property
    def run_id(self) -> str: ...
    @property
    def depends_on(self) -> list[str]: ...
    @property
    def parents(self) -> list[str]:
        """The same as `depends_on`."""
    @property
    def elapsed(self) -> float | None:
        """Seconds so far, or in all once it has ended. None before it starts."""
    @property
    def exit_code(self) -> int | None: ...
    @property
    def outcome(self) -> str | None:
        """How it ended, in a few words. None where it has not ended."""
    @property
    def report(self) -> str:
        """What it wrote to `<job name>.txt`."""
    @property
    def started_at(self) -> float | None:
        """Seconds since 1970."""
    @property
    def tests(self) -> TestResults | None:
        """Where the job names JUnit XML files."""
    @property
    def coverage(self) -> Coverage | None:
        """Where it names a coverage file."""
    @property
    def warnings(self) -> list[str]:
        """Such as a file of results that cannot be read."""
    @property
    def log_tail(self) -> str:
        """The last lines of its log, where it ended badly and the run is over."""

class FailedTest:
    """One test that did not pass."""

    @property
    def suite(self) -> str:
        """Its class or file; may be empty."""
    @property
    def name(self) -> str: ...
    @property
    def message(self) -> str:
        """The first lines of what it said."""

class TestResults:
    """What the JUnit XML files of a job say."""

    @property
    def passed(self) -> int: ...
    @property
    def failed(self) -> int:
        """Failures and errors."""
    @property
    def skipped(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def took(self) -> float:
        """Seconds."""
    @property
    def failures(self) -> list[FailedTest]:
        """The first of those that failed, at most 50."""

class Coverage:
    """How much of the code its tests run, in per cent of lines."""

    @property
    def percent(self) -> float: ...
    @property
    def before(self) -> float | None:
        """On the target branch, the last time."""

class RepoView:
    """The commit that a PipelineView is of."""

    @property
    def sha(self) -> str: ...
    @property
    def branch(self) -> str: ...
    @property
    def remote(self) -> str: ...
    @property
    def commit_message(self) -> CommitMessage: ...
    @property
    def author_name(self) -> str: ...
    @property
    def author_email(self) -> str: ...

class PipelineView:
    """How a pipeline stood at one moment: all that a reporter may know. Its names are those of `Pipeline`."""

    @property
    def pipe_id(self) -> str: ...
    @property
    def sha(self) -> str: ...
    @property
    def branch(self) -> str: ...
    @property
    def repo(self) -> RepoView: ...
    @property
    def jobs(self) -> dict[str, JobView]:
        """All jobs by name, stage by stage."""
    @property
    def services(self) -> list[JobView]: ...
    @property
    def stages(self) -> list[str]:
        """The names of the stages in order; the default one only where it has jobs, or where there is no other."""
    @property
    def started_at(self) -> float | None:
        """Seconds since 1970. None before the run starts."""
    @property
    def before(self) -> Status | None:
        """How the run before ended, of the same repository and branch."""
    @property
    def warnings(self) -> list[str]:
        """What people should know that is no job's fault. Final reports only."""
    @property
    def elapsed(self) -> float:
        """Seconds."""
    def get_status(self) -> Status: ...
    def get_status_dot(self) -> str: ...

class RunContext:
    """The run that an executor serves."""

    @property
    def pipe_id(self) -> str: ...
    @property
    def sha(self) -> str: ...
    @property
    def branch(self) -> str: ...
    @property
    def workspace(self) -> str:
        """The directory that all jobs share, and in which they start."""
    @property
    def env(self) -> dict[str, str]:
        """The variables of the run that all jobs get, whatever `secrets` they say."""
    def env_of(self, job: Job) -> dict[str, str]:
        """The environment of that job: the variables of the run that it gets, with its own `env` laid over them."""
    @property
    def grace(self) -> float:
        """Seconds between asking a job to stop and leaving it alone."""
    @property
    def poll_interval(self) -> float:
        """Seconds."""

class NativeExecutor:
    """An executor that comes with jaypore_ci: an `interfaces.Executor` to `isinstance`, but driven by the engine itself."""

    @property
    def name(self) -> str:
        """What `jci run --executor` calls it."""
    def get_execution_order(self) -> dict[str, int]:
        """The position of each job, by name, in the order in which they were started: 0, 1, 2, ..."""

@final
class Docker(NativeExecutor):
    """Jobs in containers of their `image`, of the Docker engine that the `docker` command uses; see docs/docker.md.

    keep: whose containers outlive the run, so that `docker logs` works on them: those that failed, for a week, all, or none.
    share_namespaces: hand network namespaces on from job to job, which starts them faster; never two jobs in one at a time.
    Raises BadConfig: another value than these. A run raises TriggerFailed where no engine answers.
    """

    def __init__(self, *, keep: Literal["failed", "all", "never"] = "failed", share_namespaces: bool = True) -> None: ...

@final
class Shell(NativeExecutor):
    """Jobs as processes of this machine, in the Workspace that they share; `image` means nothing here.

    bubblewrap: where it is installed, jobs see the Workspace at /jaypore_ci/run as well.
    Nothing that a job starts outlives it.
    """

    def __init__(self, *, bubblewrap: bool = True) -> None: ...

class MockRun:
    """One job that a mock was asked to run. Times are virtual seconds since the run's start."""

    @property
    def job(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def outcome(self) -> str: ...

@final
class MockExecutor(NativeExecutor):
    """Jobs that only pretend to run, for testing a config: in virtual time, so that hours take milliseconds.

    outcomes: exit codes.   durations: seconds.   logs: what they write to stdout. Each by job name, as declared or as
    cleaned. A job without any of them passes at once.
    """

    def __init__(
        self,
        *,
        outcomes: Mapping[str, int] = ...,
        durations: Mapping[str, float] = ...,
        logs: Mapping[str, str | bytes] = ...,
    ) -> None: ...
    def script(
        self,
        name: str,
        *,
        exit_code: int = 0,
        duration: float = 0.0,
        logs: str | bytes = "",
        errors: str | bytes = "",
        report: str = "",
        signal: int | None = None,
        could_not_start: str | None = None,
        lost: str | None = None,
        ready_after: float = 0.0,
        dies_after: float | None = None,
    ) -> None:
        """What the job `name` does, instead of what was said of it before.

        duration: seconds; above the job's timeout it ends then, as Status.TIMEOUT.
        logs, errors: its stdout and stderr.   report: as if in its `<job name>.txt`.
        signal, could_not_start, lost: another way to end than an exit code; the latter two are reasons.
        ready_after, dies_after: of a service, seconds after its start; without `dies_after` it runs until it is stopped.
        """
    def fail_setup(self, reason: str) -> None:
        """Make the next run raise TriggerFailed with `reason`."""
    @property
    def runs(self) -> list[MockRun]:
        """The jobs of the last run, in the order in which they started."""

class NativeReporter(Reporter):
    """A reporter that comes with jaypore_ci."""

    def render(self, pipeline: PipelineView | Pipeline) -> str: ...

class Text(NativeReporter):
    """The report as a block of text: no colours, every line ended by a newline."""

    def __init__(self) -> None: ...

class Markdown(NativeReporter):
    """The report as a pull request shows it: a summary, a graph (Mermaid), a table of the jobs, failing tests, ends of logs.

    max_characters: the report is no longer; logs are shortened first, and the report says so. GitHub takes 65,536.

    Raises BadConfig for less than 4,000.
    """

    def __init__(self, *, max_characters: int = 65_000) -> None: ...

class Json(NativeReporter):
    """The report for programs: one JSON object on one line, as `docs/report.schema.json` describes it."""

    def __init__(self) -> None: ...

class JUnit(NativeReporter):
    """The report as JUnit XML: a test suite per stage, a test case per job."""

    def __init__(self) -> None: ...

class Html(NativeReporter):
    """The report as one HTML file that needs nothing else: no script, nothing from elsewhere."""

    def __init__(self) -> None: ...

class NativeRemote(Remote):
    """A remote that comes with jaypore_ci."""

    @property
    def name(self) -> str: ...
    def publish(self, report: str, status: str) -> None: ...

class Email(NativeRemote):
    """Reports sent as mails, over SMTP. The mails of one run are one thread.

    `Email.from_env(repo=...)` reads:

    - JAYPORE_EMAIL_ADDR, JAYPORE_EMAIL_PASSWORD: the login
    - JAYPORE_EMAIL_TO: who gets the reports, several addresses with commas
    - JAYPORE_EMAIL_CC: who else gets them
    - JAYPORE_EMAIL_FROM: the sender; the login where not set
    - JAYPORE_EMAIL_HOST, JAYPORE_EMAIL_PORT: the server; smtp.gmail.com and 465 where not set
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    Port 465 is TLS from the start, any other STARTTLS; a mail goes unencrypted only to a server of this machine.

    only_on_failure: no mail for a run that passes, and none while it runs.
    publish_interval: seconds between two mails while the run goes on, and before the first; the final one is always sent at once.
    timeout: seconds until a server that does not answer is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed.
    """

    def __init__(
        self,
        *,
        repo: Repo,
        addr: str,
        password: str,
        email_to: str,
        email_cc: str = "",
        email_from: str = "",
        host: str = "smtp.gmail.com",
        port: int = 465,
        ca_file: str = "",
        only_on_failure: bool = False,
        publish_interval: float = 30.0,
        timeout: float = 30.0,
    ) -> None: ...
    @classmethod
    def from_env(
        cls, *, repo: Repo, only_on_failure: bool = False, publish_interval: float = 30.0, timeout: float = 30.0
    ) -> Self: ...

class Gitea(NativeRemote):
    """Reports in Gitea's pull request of the branch, and the commit's status.

    `Gitea.from_env(repo=...)` takes owner, name, branch and commit from the repository and reads:

    - JAYPORE_GITEA_TOKEN: a token with the scopes `write:repository` and `write:issue`
    - JAYPORE_GITEA_ROOT: the server, `https://HOST[:PORT][/PATH]`, where that is not where the remote of the repository says
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    The pull request of the branch is found, or opened against the repository's default branch. The report stands in its body between two lines that
    Markdown does not show, and everything else in there stays as it is.
    A commit of the default branch itself, or of no branch, has only its status.

    comment: the report is a comment of ours, which is edited, in place of a part of the body.
    context: the name of the pipeline: of its status, and of its part of a text. Two pipelines of one repository need two.
    job_statuses: a status for each job as well, `CONTEXT / JOB`.
    title: of a pull request that is opened: its first line; the branch where it is empty.
    timeout: seconds until a call that is not answered is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed, which names the token and the right it lacks.
    """

    def __init__(
        self,
        *,
        comment: bool = False,
        root: str,
        owner: str,
        repo: str,
        branch: str,
        token: str,
        sha: str,
        title: str = "",
        context: str = "jaypore-ci",
        job_statuses: bool = False,
        ca_file: str = "",
        timeout: float = 20.0,
    ) -> None: ...
    @classmethod
    def from_env(
        cls,
        *,
        repo: Repo,
        context: str = "jaypore-ci",
        comment: bool = False,
        job_statuses: bool = False,
        timeout: float = 20.0,
    ) -> Self: ...

class When(NativeRemote):
    """A remote that is told on some occasions only. All that is said must hold; what is left out does not restrict.

    status: "passed", "failed" (timeouts too), "timeout", "cancelled", "running" ... or a Status: of the pipeline; with `stage` or `job`, of one of those jobs.
    branch: a pattern, such as "release/*".
    author: a pattern for the name or the mail address of whoever made the commit; capitals do not count.
    stage, job: patterns: one of those jobs has ended, or stands as `status` says.
    changed: a pattern for paths; one of the files that changed fits it.   since: a revision that they are compared with; the commit before where it is left out.
    only_change: only where this run passed and the one before of the branch did not, or the other way round.
    repo: the commit, where it is not the one being built.
    reporter: what this remote is told in, whatever the pipeline says.

    In patterns `*` stands for any characters, `?` for one, `[a-z]` for one of these. Each of them may be a list, of which one must fit, or a function of
    the value that gives a bool.
    Raises BadConfig for an argument of a wrong type.
    """

    def __init__(
        self,
        remote: Remote,
        *,
        status: str | Status | Sequence[str | Status] | Callable[[Status], bool] | None = None,
        branch: _Filter = None,
        author: _Filter = None,
        stage: _Filter = None,
        job: _Filter = None,
        changed: _Filter = None,
        since: str | None = None,
        only_change: bool = False,
        repo: Repo | None = None,
        reporter: Reporter | None = None,
    ) -> None: ...

class Github(NativeRemote):
    """Reports in GitHub's pull request of the branch, and the commit's status.

    `Github.from_env(repo=...)` takes owner, name, branch and commit from the repository and reads:

    - JAYPORE_GITHUB_TOKEN: a token that may write pull requests and commit statuses (scope `repo`)
    - JAYPORE_GITHUB_API: GitHub Enterprise, `https://HOST/api/v3`; https://api.github.com where not set
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    The pull request of the branch is found, or opened against the repository's default branch. The report stands in its body between two lines that
    Markdown does not show, and everything else in there stays as it is.
    A commit of the default branch itself, or of no branch, has only its status.

    comment: the report is a comment of ours, which is edited, in place of a part of the body.
    checks: check runs in place of statuses. Only the tokens of apps may write them; another falls back to statuses, and says so.
    context: the name of the pipeline: of its status, and of its part of a text. Two pipelines of one repository need two.
    job_statuses: a status for each job as well, `CONTEXT / JOB`.
    title: of a pull request that is opened: its first line; the branch where it is empty.
    timeout: seconds until a call that is not answered is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed, which names the token and the right it lacks.
    """

    def __init__(
        self,
        *,
        comment: bool = False,
        checks: bool = False,
        root: str = "https://api.github.com",
        owner: str,
        repo: str,
        branch: str,
        token: str,
        sha: str,
        title: str = "",
        context: str = "jaypore-ci",
        job_statuses: bool = False,
        ca_file: str = "",
        timeout: float = 20.0,
    ) -> None: ...
    @classmethod
    def from_env(
        cls,
        *,
        repo: Repo,
        context: str = "jaypore-ci",
        comment: bool = False,
        checks: bool = False,
        job_statuses: bool = False,
        timeout: float = 20.0,
    ) -> Self: ...

class Gitlab(NativeRemote):
    """Reports as a note of GitLab's merge request of the branch, and the commit's status.

    `Gitlab.from_env(repo=...)` takes owner, name, branch and commit from the repository and reads:

    - JAYPORE_GITLAB_TOKEN: a token with the scope `api`, of somebody who is a Developer of the project
    - JAYPORE_GITLAB_ROOT: the server, `https://HOST[:PORT][/PATH]`, where that is not where the remote of the repository says
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    The merge request of the branch is found, or opened against the repository's default branch. The report is one note, which is edited.
    A commit of the default branch itself, or of no branch, has only its status.

    context: the name of the pipeline: of its status, and of its part of a text. Two pipelines of one repository need two.
    job_statuses: a status for each job as well, `CONTEXT / JOB`.
    title: of a merge request that is opened: its first line; the branch where it is empty.
    timeout: seconds until a call that is not answered is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed, which names the token and the right it lacks.
    """

    def __init__(
        self,
        *,
        root: str,
        owner: str,
        repo: str,
        branch: str,
        token: str,
        sha: str,
        title: str = "",
        context: str = "jaypore-ci",
        job_statuses: bool = False,
        ca_file: str = "",
        timeout: float = 20.0,
    ) -> None: ...
    @classmethod
    def from_env(
        cls,
        *,
        repo: Repo,
        context: str = "jaypore-ci",
        job_statuses: bool = False,
        timeout: float = 20.0,
    ) -> Self: ...

class Telegram(NativeRemote):
    """Reports as a message in a chat of Telegram: one a run, edited as it goes.

    `Telegram.from_env(repo=...)` reads:

    - JAYPORE_TELEGRAM_TOKEN: the token of a bot, from @BotFather
    - JAYPORE_TELEGRAM_CHAT: a chat that the bot is a member of, as a number, or `@name` of a public channel
    - JAYPORE_TELEGRAM_API: a Bot API server; https://api.telegram.org where not set
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    A report that is longer than a message is shortened, and says by how much.

    timeout: seconds until a call that is not answered is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed.
    """

    def __init__(
        self,
        *,
        repo: Repo,
        token: str,
        chat: str,
        root: str = "https://api.telegram.org",
        ca_file: str = "",
        timeout: float = 20.0,
    ) -> None: ...
    @classmethod
    def from_env(cls, *, repo: Repo, timeout: float = 20.0) -> Self: ...

class Webhook(NativeRemote):
    """Reports posted to a URL.

    `Webhook.from_env(repo=...)` reads:

    - JAYPORE_WEBHOOK_URL: where to; who knows it can write there, so no job gets it
    - JAYPORE_WEBHOOK_SECRET: where set, a header `X-Jaypore-Signature-256: sha256=HEX` bears the HMAC-SHA256 of the body
    - JAYPORE_WEBHOOK_FORMAT: "json" where not set
    - JAYPORE_CA_FILE: certificates (PEM) that vouch for the server; those of the system where not set

    variables: what the first three begin with, where there are several webhooks: "JAYPORE_WEBHOOK_DOCS".
    format: "json" posts the JSON report, or, where the report is none, an object with the text in it; "slack", "mattermost",
    "discord" and "matrix" (matrix-hookshot) post a message in the shape of that chat.
    progress: reports while the run goes on as well, not only the final one.
    timeout: seconds until a call that is not answered is given up.

    Raises BadConfig for settings that are missing or cannot work; `publish` raises RemoteApiFailed.
    """

    def __init__(
        self,
        *,
        repo: Repo,
        url: str,
        format: str = "json",
        secret: str = "",
        progress: bool = False,
        ca_file: str = "",
        timeout: float = 20.0,
        variables: str = "",
    ) -> None: ...
    @classmethod
    def from_env(
        cls,
        *,
        repo: Repo,
        variables: str = "JAYPORE_WEBHOOK",
        format: str | None = None,
        progress: bool = False,
        timeout: float = 20.0,
    ) -> Self: ...

class File(NativeRemote):
    """The newest report in a file, which is always a whole one.

    path: relative to the repository where `repo` is given, else to the working directory, which under `jci run` is the
    directory that jobs share. Its folders are made. "-" is stdout. Where the config names no reporter the end of the name
    chooses: `.md`, `.html`, `.json`, `.xml` (JUnit), else text.
    """

    def __init__(self, path: str | os.PathLike[str], *, repo: Repo | None = None) -> None: ...

class Stdout(NativeRemote):
    """The final report on stdout: for a text other than the one that a run prints anyway."""

    def __init__(self) -> None: ...

class GitRemote(NativeRemote):
    """Reports stored in the git repository itself, under `refs/jayporeci/<sha>`.

    `git show refs/jayporeci/<sha>:report.txt` shows one, `git push origin 'refs/jayporeci/*'` shares them all.
    """

    def __init__(self, *, repo: Repo) -> None: ...
    @classmethod
    def from_env(cls, *, repo: Repo) -> Self: ...

class Published:
    """One report, as a mock remote was given it."""

    @property
    def report(self) -> str: ...
    @property
    def status(self) -> Status: ...

class MockRemote(NativeRemote):
    """A remote that remembers what was published, for tests."""

    def __init__(self, *, branch: str = "main", sha: str = "fake_sha") -> None: ...
    @property
    def published(self) -> list[Published]:
        """All reports so far, oldest first."""
    def fail(self, times: int = 1, reason: str = "scripted to fail") -> None:
        """Make the next `times` reports raise RemoteApiFailed with `reason`."""

class NativeRepo(Repo):
    """A repo that comes with jaypore_ci. Its facts are read once, when it is made."""

    def files_changed(self, target: str) -> list[str]:
        """Paths, relative to the root and sorted, that differ between the merge base with `target` and this commit.

        target: any revision that git understands. Raises BadConfig for one that it does not.
        """

class Git(NativeRepo):
    """The commit being built: the one `jci run` was told to build, else the one checked out in the working directory.

    Raises BadConfig: not a git repository, or no commit yet.
    """

    def __init__(self) -> None: ...
    @classmethod
    def from_env(cls) -> Self: ...

class MockRepo(NativeRepo):
    """A commit that a test makes up. `files_changed` is its answer for every target."""

    def __init__(
        self,
        *,
        sha: str = "fake_sha",
        branch: str = "main",
        remote: str = "",
        commit_message: str = "",
        files_changed: Iterable[str] = ...,
        author_name: str = "",
        author_email: str = "",
    ) -> None: ...

class Declaration:
    """What a Pipeline is made of."""

    def __init__(
        self,
        repo: Repo | None,
        remote: Remote | Sequence[Remote] | None,
        executor: Executor | NativeExecutor | None,
        reporter: Reporter | None,
        poll_interval: float,
        max_parallel: int | None,
        defaults: dict[str, object],
    ) -> None: ...
    def begin_stage(self, name: str, defaults: dict[str, object]) -> Stage: ...
    def end_stage(self) -> None: ...
    def add_job(self, name: str, command: object, depends_on: object, keywords: dict[str, object]) -> Job: ...
    def jobs_from(self, first: int) -> list[Job]: ...
    def stage_names(self) -> list[str]: ...
    def repo(self) -> Repo: ...
    def remotes(self) -> list[Remote]: ...
    def executor(self) -> Executor | NativeExecutor: ...
    def reporter(self) -> Reporter: ...
    def pipe_id(self) -> str: ...
    def run(self) -> Status: ...
    def close(self) -> None: ...
    def exit_code(self) -> int | None: ...
    def view(self) -> PipelineView: ...
    def status(self) -> Status: ...

def env_matrix(lists: Mapping[str, Iterable[object]]) -> list[dict[str, str]]: ...
def take_options() -> tuple[str, str]:
    """Read what `jci run` asks of this process, and take it out of the environment. Waits for what it still prepares, and enters the Workspace.

    Returns the paths of the config and of the Workspace; empty where no `jci run` says any. Raises SystemExit where the preparation has failed.
    """

def start_watching(seconds: float) -> None: ...
def is_watching() -> bool: ...
def stop_watching() -> None: ...
