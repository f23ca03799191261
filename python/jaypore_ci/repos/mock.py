# SPDX-License-Identifier: MIT
"""A commit that a test makes up."""

from __future__ import annotations

from jaypore_ci._core import MockRepo as Mock

__all__ = ["Mock"]
