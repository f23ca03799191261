# SPDX-License-Identifier: MIT
"""The npm packages that the remotes are tested against, and the processes they run as, on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 600
START_SECONDS = 60


class NoPeers(Exception):
    """The packages cannot be had here; the text says why."""


def install(cache: Path) -> Path:
    """`node_modules` as the lock file says, below `cache`; made once."""
    if not shutil.which("npm"):
        raise NoPeers("there is no npm")
    lock = (HERE / "package-lock.json").read_bytes()
    place = cache / f"peers-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not place.exists():
        _install(place)
    return place / "node_modules"


def _install(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = place.with_name(f"{place.name}.{os.getpid()}")
    scratch.mkdir()
    for file in ("package.json", "package-lock.json"):
        shutil.copy(HERE / file, scratch)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"]
    try:
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode != 0:
            raise NoPeers(f"npm cannot install them: {done.stderr.strip().splitlines()[0]}")
        # Descriptions of all products are in the package, hundreds of megabytes; one is read.
        for file in (scratch / "node_modules/@octokit/openapi/generated").iterdir():
            if file.name != "api.github.com.json":
                file.unlink()
        scratch.rename(place)
    except subprocess.TimeoutExpired:
        raise NoPeers(f"npm did not install them within {INSTALL_SECONDS} s") from None
    except OSError:
        if not place.exists():  # another run was faster
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


# What we call, of the hundreds of paths.
GITHUB_PATHS = (
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/statuses/{sha}",
    "/repos/{owner}/{repo}/check-runs",
    "/repos/{owner}/{repo}/check-runs/{check_run_id}",
)


def github_description(modules: Path) -> dict[str, Any]:
    """GitHub's own, reduced to what we call and stricter: the token is obligatory, an unknown field an error."""
    whole = json.loads((modules / "@octokit/openapi/generated/api.github.com.json").read_text())
    paths = {path: whole["paths"][path] for path in GITHUB_PATHS}
    for calls in paths.values():
        for call in calls.values():
            _tighten(call)
    components: dict[str, Any] = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    _collect(paths, whole, components)
    return {"openapi": whole["openapi"], "info": whole["info"], "security": [{"token": []}], "paths": paths, "components": components}


def _tighten(call: dict[str, Any]) -> None:
    for answer in call["responses"].values():
        content = answer.get("content", {})
        if "application/json" in content:  # the type that GitHub asks clients to accept is not in its description
            content["application/vnd.github+json"] = content["application/json"]
    for body in call.get("requestBody", {}).get("content", {}).values():
        _close(body["schema"])


def _close(schema: dict[str, Any]) -> None:
    if schema.get("type") == "object" and "properties" in schema and "oneOf" not in schema:
        schema["additionalProperties"] = False
    parts = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    for part in parts:
        _close(part)


def _collect(node: Any, whole: dict[str, Any], components: dict[str, Any]) -> None:
    """Adds all that `node` refers to."""
    if isinstance(node, list):
        for part in node:
            _collect(part, whole, components)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            _, _, kind, name = reference.split("/")
            if name not in components.setdefault(kind, {}):
                components[kind][name] = whole["components"][kind][name]
                _collect(components[kind][name], whole, components)
        for part in node.values():
            _collect(part, whole, components)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int, log: Path) -> Iterator[str]:
    """A process that serves HTTP on 127.0.0.1, from when it answers until the end of the context."""
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        _wait_for(process, url, log)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"it does not answer: {log.read_text()[-2000:]}")
