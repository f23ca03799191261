# SPDX-License-Identifier: MIT
"""Jobs that only pretend to run, for testing a config."""

from __future__ import annotations

from jaypore_ci._core import MockExecutor as Mock

__all__ = ["Mock"]
