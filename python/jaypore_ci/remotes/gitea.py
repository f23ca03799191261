# SPDX-License-Identifier: MIT
"""Reports in Gitea's pull request of the branch."""

from __future__ import annotations

from jaypore_ci._core import Gitea

__all__ = ["Gitea"]
