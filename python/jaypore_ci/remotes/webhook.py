# SPDX-License-Identifier: MIT
"""Reports posted to a URL."""

from __future__ import annotations

from jaypore_ci._core import Webhook

__all__ = ["Webhook"]
