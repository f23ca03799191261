# SPDX-License-Identifier: MIT
"""A remote that remembers what was published, for tests."""

from __future__ import annotations

from jaypore_ci._core import MockRemote as Mock

__all__ = ["Mock"]
