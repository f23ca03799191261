# SPDX-License-Identifier: MIT
"""The report as one HTML file."""

from __future__ import annotations

from jaypore_ci._core import Html

__all__ = ["Html"]
