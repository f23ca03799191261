# SPDX-License-Identifier: MIT
"""Reports in a file, or on stdout."""

from __future__ import annotations

from jaypore_ci._core import File, Stdout

__all__ = ["File", "Stdout"]
