# SPDX-License-Identifier: MIT
"""The commit being built: `Git`, or `Mock` in a test. To write one, see `interfaces.Repo`."""

from __future__ import annotations

from jaypore_ci.repos.git import Git
from jaypore_ci.repos.mock import Mock

__all__ = ["Git", "Mock"]
