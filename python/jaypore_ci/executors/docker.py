# SPDX-License-Identifier: MIT
"""Jobs in containers."""

from __future__ import annotations

from jaypore_ci._core import Docker

__all__ = ["Docker"]
