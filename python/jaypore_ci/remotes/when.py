# SPDX-License-Identifier: MIT
"""Who is told what: a remote that is told on some occasions only."""

from __future__ import annotations

from jaypore_ci._core import When

__all__ = ["When"]
