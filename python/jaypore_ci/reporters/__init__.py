# SPDX-License-Identifier: MIT
"""What turns a pipeline into text. To write one, see `interfaces.Reporter`."""

from __future__ import annotations

from jaypore_ci.reporters.html import Html
from jaypore_ci.reporters.json import Json
from jaypore_ci.reporters.junit import JUnit
from jaypore_ci.reporters.markdown import Markdown
from jaypore_ci.reporters.text import Text

__all__ = ["Html", "JUnit", "Json", "Markdown", "Text"]
