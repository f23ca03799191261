# SPDX-License-Identifier: MIT
"""GitHub, Gitea and GitLab as far as a CI sees them: a repository with branches, pull requests, comments and statuses."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from http_server import Answer, HttpServer, Request

TOKEN = "t0ken-of-a-test"
SHA = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Pull:
    number: int
    head: str
    base: str
    title: str = "Mine"
    body: str | None = ""
    state: str = "open"
    repository: int = 7  # of its head


@dataclass
class Repository:
    """What is there. Tests set it up, and look at it afterwards."""

    default_branch: str = "trunk"
    branches: set[str] = field(default_factory=lambda: {"trunk", "feature"})
    empty_branches: set[str] = field(default_factory=set)  # without a commit of their own
    commits: set[str] = field(default_factory=lambda: {SHA})
    pulls: list[Pull] = field(default_factory=list)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[int, dict[str, Any]] = field(default_factory=dict)
    may_write_checks: bool = False

    def pull(self, number: str | int) -> Pull:
        return next(pull for pull in self.pulls if pull.number == int(number))

    def open_between(self, head: str, base: str) -> list[Pull]:
        return [pull for pull in self.pulls if (pull.head, pull.base, pull.state) == (head, base, "open")]

    def open(self, head: str, base: str, title: str, body: str) -> Pull:
        self.pulls.append(Pull(len(self.pulls) + 1, head, base, title, body))
        return self.pulls[-1]

    def comment(self, pull: int, body: str) -> dict[str, Any]:
        number = 100 + len(self.comments)
        self.comments[number] = {"id": number, "pull": pull, "body": body}
        return self.comments[number]

    def states(self, context: str = "jaypore-ci") -> list[str]:
        """Of one status, as it was set over time."""
        return [status["state"] for status in self.statuses if context in (status.get("context"), status.get("name"))]


class Prism:
    """Holds requests against the description of an API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.violations: list[str] = []
        self.checked = 0

    def check(self, request: Request) -> None:
        query = f"?{urlencode(request.query)}" if request.query else ""
        asked = urllib.request.Request(
            f"{self.url}{request.path}{query}",
            data=request.body or None,
            method=request.method,
            headers={name: value for name, value in request.headers.items() if name not in ("host", "content-length")},
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                said, found = answer.status, answer.headers.get("sl-violations")
        except urllib.error.HTTPError as error:
            said, found = error.code, error.headers.get("sl-violations") or error.read().decode()
        self.checked += 1
        problems = [one for one in json.loads(found) if one["location"][0] == "request"] if found and said < 400 else found
        if problems:
            self.violations.append(f"{request.method} {request.path}: {said} {problems}")


class ForgeServer(HttpServer):
    """`kind`: "github", "gitea" or "gitlab"; `path`: below which its pages are."""

    def __init__(self, kind: str, path: str = "", prism: Prism | None = None, **given: Any) -> None:
        super().__init__(self._answer, **given)
        self.repository = Repository()
        self.kind = kind
        self.root = f"{self.url}{path}"
        self.instead: dict[str, Any] = {}  # "METHOD /path" -> what answers in place of the server
        self._prism = prism
        api = {"github": "", "gitea": "/api/v1", "gitlab": "/api/v4"}[kind]
        project = "/projects/team%2Fwidgets" if kind == "gitlab" else "/repos/team/widgets"
        self._prefix = path + api + project

    def __enter__(self) -> ForgeServer:
        super().__enter__()
        return self

    @property
    def calls(self) -> list[str]:
        """Method and path of each request, below the repository's."""
        return [f"{request.method} {request.path.removeprefix(self._prefix)}" for request in self.requests]

    def _answer(self, request: Request) -> Answer:
        if self._prism:
            self._prism.check(request)
        scheme = "token" if self.kind == "gitea" else "Bearer"
        if request.headers.get("authorization") != f"{scheme} {TOKEN}":
            return Answer(401, {"message": "Bad credentials"})
        if not request.path.startswith(self._prefix):
            return Answer(404, {"message": "Not Found"})
        rest = request.path.removeprefix(self._prefix)
        if instead := self.instead.get(f"{request.method} {rest}"):
            return instead(request)  # type: ignore[no-any-return]
        table = GITLAB if self.kind == "gitlab" else GITHUB_AND_GITEA
        for method, pattern, call in table:
            if method == request.method and (match := re.fullmatch(pattern, rest)):
                return call(self, request, *map(unquote, match.groups()))
        return Answer(404, {"message": f"nothing at {rest}"})

    # ---- GitHub and Gitea

    def _pull(self, pull: Pull) -> dict[str, Any]:
        return {
            "number": pull.number, "state": pull.state, "title": pull.title, "body": pull.body,
            "html_url": f"{self.root}/team/widgets/pulls/{pull.number}",
            "head": {"ref": pull.head, "repo_id": pull.repository}, "base": {"ref": pull.base, "repo_id": 7},
        }  # fmt: skip

    def read_repository(self, _: Request) -> Answer:
        return Answer(200, {"id": 7, "name": "widgets", "owner": {"login": "team"}, "default_branch": self.repository.default_branch})

    def list_pulls(self, request: Request) -> Answer:
        assert request.query["state"] == "open"
        pulls = [pull for pull in self.repository.pulls if pull.state == "open"]
        if self.kind == "github":
            head, base = request.query["head"], request.query["base"]
            pulls = [pull for pull in pulls if (f"team:{pull.head}", pull.base) == (head, base)]
        else:
            start = (int(request.query["page"]) - 1) * int(request.query["limit"])
            pulls = pulls[start : start + int(request.query["limit"])]
        return Answer(200, [self._pull(pull) for pull in pulls])

    def open_pull(self, request: Request) -> Answer:
        wanted = request.json
        there = self.repository.branches >= {wanted["head"], wanted["base"]}
        exists = bool(self.repository.open_between(wanted["head"], wanted["base"]))
        if self.kind == "github":
            errors = None
            if not there:
                errors = [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
            elif exists:
                errors = [{"message": f"A pull request already exists for team:{wanted['head']}."}]
            elif wanted["head"] in self.repository.empty_branches:
                errors = [{"message": f"No commits between {wanted['base']} and {wanted['head']}"}]
            if errors:
                return Answer(422, {"message": "Validation Failed", "errors": errors})
        elif not there:
            return Answer(404, {"message": "The target couldn't be found."})
        elif exists:
            return Answer(409, {"message": "pull request already exists for these targets [id: 1, issue_id: 2]"})
        pull = self.repository.open(wanted["head"], wanted["base"], wanted["title"], wanted["body"])
        return Answer(201, self._pull(pull))

    def read_pull(self, _: Request, number: str) -> Answer:
        return Answer(200, self._pull(self.repository.pull(number)))

    def write_pull(self, request: Request, number: str) -> Answer:
        self.repository.pull(number).body = request.json["body"]
        return Answer(201 if self.kind == "gitea" else 200, self._pull(self.repository.pull(number)))

    def list_comments(self, request: Request, number: str) -> Answer:
        comments = [comment for comment in self.repository.comments.values() if comment["pull"] == int(number)]
        if self.kind != "gitea":
            size, page = int(request.query["per_page"]), int(request.query["page"])
            if request.query.get("sort") == "desc":
                comments.reverse()
            comments = comments[(page - 1) * size : page * size]
        return Answer(200, comments)

    def add_comment(self, request: Request, number: str) -> Answer:
        return Answer(201, self.repository.comment(int(number), request.json["body"]))

    def edit_comment(self, request: Request, comment: str) -> Answer:
        if int(comment) not in self.repository.comments:
            return Answer(404, {"message": "Not Found"})
        self.repository.comments[int(comment)]["body"] = request.json["body"]
        return Answer(200, self.repository.comments[int(comment)])

    def edit_note(self, request: Request, _: str, comment: str) -> Answer:
        return self.edit_comment(request, comment)

    def set_status(self, request: Request, sha: str) -> Answer:
        if sha not in self.repository.commits:
            return {
                "github": Answer(422, {"message": f"No commit found for SHA: {sha}"}),
                "gitea": Answer(500, {"message": "object does not exist"}),
                "gitlab": Answer(404, {"message": "404 Commit Not Found"}),
            }[self.kind]
        status = request.json
        states = {
            "github": {"error", "failure", "pending", "success"},
            "gitea": {"error", "failure", "pending", "success", "warning"},
            "gitlab": {"pending", "running", "success", "failed", "canceled"},
        }[self.kind]
        assert status["state"] in states, status
        if self.kind == "gitlab" and self.repository.states(status["name"])[-1:] == [status["state"]]:
            why = f"Cannot transition status via :run from :{status['state']}"
            return Answer(400, {"message": why})
        self.repository.statuses.append(status)
        return Answer(201, {"id": len(self.repository.statuses), "status": status["state"]})

    def add_check(self, request: Request) -> Answer:
        if not self.repository.may_write_checks:
            return Answer(403, {"message": "You must authenticate via a GitHub App."})
        number = 200 + len(self.repository.checks)
        self.repository.checks[number] = request.json
        return Answer(201, {"id": number})

    def edit_check(self, request: Request, number: str) -> Answer:
        self.repository.checks[int(number)] |= request.json
        return Answer(200, {"id": int(number)})

    # ---- GitLab

    def _merge_request(self, pull: Pull) -> dict[str, Any]:
        return {
            "id": 1000 + pull.number, "iid": pull.number, "title": pull.title, "description": pull.body,
            "source_project_id": pull.repository, "web_url": f"{self.root}/team/widgets/-/merge_requests/{pull.number}",
        }  # fmt: skip

    def list_merge_requests(self, request: Request) -> Answer:
        assert request.query["state"] == "opened"
        found = self.repository.open_between(request.query["source_branch"], request.query["target_branch"])
        return Answer(200, [self._merge_request(pull) for pull in found])

    def open_merge_request(self, request: Request) -> Answer:
        wanted = request.json
        source, target = wanted["source_branch"], wanted["target_branch"]
        if source not in self.repository.branches:
            return Answer(400, {"message": {"validate_branches": ["source branch does not exist"]}})
        if self.repository.open_between(source, target):
            return Answer(409, {"message": ["Another open merge request already exists for this source branch: !1"]})
        pull = self.repository.open(source, target, wanted["title"], wanted["description"])
        return Answer(201, self._merge_request(pull))

    def read_merge_request(self, _: Request, number: str) -> Answer:
        return Answer(200, self._merge_request(self.repository.pull(number)))


S = ForgeServer
GITHUB_AND_GITEA: list[tuple[str, str, Any]] = [
    ("GET", r"", S.read_repository),
    ("GET", r"/pulls", S.list_pulls),
    ("POST", r"/pulls", S.open_pull),
    ("GET", r"/pulls/(\d+)", S.read_pull),
    ("PATCH", r"/pulls/(\d+)", S.write_pull),
    ("GET", r"/issues/(\d+)/comments", S.list_comments),
    ("POST", r"/issues/(\d+)/comments", S.add_comment),
    ("PATCH", r"/issues/comments/(\d+)", S.edit_comment),
    ("POST", r"/statuses/([^/]+)", S.set_status),
    ("POST", r"/check-runs", S.add_check),
    ("PATCH", r"/check-runs/(\d+)", S.edit_check),
]
GITLAB: list[tuple[str, str, Any]] = [
    ("GET", r"", S.read_repository),
    ("GET", r"/merge_requests", S.list_merge_requests),
    ("POST", r"/merge_requests", S.open_merge_request),
    ("GET", r"/merge_requests/(\d+)", S.read_merge_request),
    ("GET", r"/merge_requests/(\d+)/notes", S.list_comments),
    ("POST", r"/merge_requests/(\d+)/notes", S.add_comment),
    ("PUT", r"/merge_requests/(\d+)/notes/(\d+)", S.edit_note),
    ("POST", r"/statuses/([^/]+)", S.set_status),
]
