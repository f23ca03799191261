# SPDX-License-Identifier: MIT
"""What runs jobs: `Docker` in containers, `Shell` on this machine, `Mock` in a test. To write one, see `interfaces.Executor`."""

from __future__ import annotations

from jaypore_ci.executors.docker import Docker
from jaypore_ci.executors.mock import Mock
from jaypore_ci.executors.shell import Shell

__all__ = ["Docker", "Mock", "Shell"]
