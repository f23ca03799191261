# SPDX-License-Identifier: MIT
"""Reports in GitHub's pull request of the branch."""

from __future__ import annotations

from jaypore_ci._core import Github

__all__ = ["Github"]
