# SPDX-License-Identifier: MIT
"""The report as a block of text."""

from __future__ import annotations

from jaypore_ci._core import Text

__all__ = ["Text"]
