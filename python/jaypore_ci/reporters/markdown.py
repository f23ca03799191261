# SPDX-License-Identifier: MIT
"""The report as a pull request shows it."""

from __future__ import annotations

from jaypore_ci._core import Markdown

__all__ = ["Markdown"]
