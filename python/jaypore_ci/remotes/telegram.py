# SPDX-License-Identifier: MIT
"""Reports as a message in a chat of Telegram."""

from __future__ import annotations

from jaypore_ci._core import Telegram

__all__ = ["Telegram"]
