# SPDX-License-Identifier: MIT
"""What the tests of the remotes share."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from forge_server import SHA, Prism
from peers import NoPeers, free_port, github_description, install, serving

from jaypore_ci import repos

# Where the user's caches are, not those that a test gets.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jaypore-tests"


@pytest.fixture(autouse=True)
def a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's History, tokens or proxies."""
    for variable in [name for name in os.environ if name.startswith("JAYPORE_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def repo() -> repos.Mock:
    return repos.Mock(sha=SHA, branch="feature", commit_message="Fix the door\n\nIt squeaked.")


@pytest.fixture(scope="session")
def modules() -> Path:
    try:
        return install(CACHE)
    except NoPeers as reason:
        pytest.skip(f"the npm packages are not there: {reason}")


@pytest.fixture(scope="session")
def prism_process(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    scratch = tmp_path_factory.mktemp("prism")
    description = scratch / "github.json"
    description.write_text(json.dumps(github_description(modules)))
    port = free_port()
    prism = [str(modules / ".bin/prism"), "mock", "-h", "127.0.0.1", "-p", str(port), str(description)]
    with serving(["node", *prism], port, scratch / "log") as url:
        yield url


@pytest.fixture
def prism(prism_process: str) -> Iterator[Prism]:
    """Every request of the test is valid, says GitHub's own description."""
    prism = Prism(prism_process)
    yield prism
    assert prism.violations == []
    assert prism.checked > 0


@pytest.fixture(scope="session")
def telegram_process(modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    script = str(Path(__file__).with_name("telegram_server.cjs"))
    log = tmp_path_factory.mktemp("telegram") / "log"
    with serving(["env", f"NODE_PATH={modules}", "node", script, str(port)], port, log) as url:
        yield url
