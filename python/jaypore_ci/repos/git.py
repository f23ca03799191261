# SPDX-License-Identifier: MIT
"""A commit of a git repository."""

from __future__ import annotations

from jaypore_ci._core import Git

__all__ = ["Git"]
