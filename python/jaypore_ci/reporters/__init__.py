# SPDX-License-Identifier: MIT
"""What turns a pipeline into text. To write one, see `interfaces.Reporter`."""

from __future__ import annotations

from jaypore_ci.reporters.text import Text

__all__ = ["Text"]
