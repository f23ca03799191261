# SPDX-License-Identifier: MIT
"""Reports stored in the git repository itself."""

from __future__ import annotations

from jaypore_ci._core import GitRemote

__all__ = ["GitRemote"]
