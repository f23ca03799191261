# SPDX-License-Identifier: MIT
"""Reports as a note of GitLab's merge request of the branch."""

from __future__ import annotations

from jaypore_ci._core import Gitlab

__all__ = ["Gitlab"]
