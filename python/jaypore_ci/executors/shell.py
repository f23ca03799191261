# SPDX-License-Identifier: MIT
"""Jobs as processes of this machine."""

from __future__ import annotations

from jaypore_ci._core import Shell

__all__ = ["Shell"]
