# SPDX-License-Identifier: MIT
"""Where reports are published to: `GitRemote` in git itself, `Email` by mail, `Mock` in a test. To write one, see `interfaces.Remote`."""

from __future__ import annotations

from jaypore_ci.remotes.email import Email
from jaypore_ci.remotes.git import GitRemote
from jaypore_ci.remotes.mock import Mock

__all__ = ["Email", "GitRemote", "Mock"]
