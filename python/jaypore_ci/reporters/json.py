# SPDX-License-Identifier: MIT
"""The report for programs."""

from __future__ import annotations

from jaypore_ci._core import Json

__all__ = ["Json"]
