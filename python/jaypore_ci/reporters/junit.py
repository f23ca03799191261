# SPDX-License-Identifier: MIT
"""The report as JUnit XML."""

from __future__ import annotations

from jaypore_ci._core import JUnit

__all__ = ["JUnit"]
