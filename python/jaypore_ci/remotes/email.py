# SPDX-License-Identifier: MIT
"""Reports sent as mails."""

from __future__ import annotations

from jaypore_ci._core import Email

__all__ = ["Email"]
