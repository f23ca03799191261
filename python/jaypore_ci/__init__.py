# SPDX-License-Identifier: MIT
"""Jaypore CI: pipelines declared in Python, run where you work.

    from jaypore_ci import jci

    with jci.Pipeline(image="mydocker/image") as p:
        p.job("Black", "black --check .")
        p.job("PyTest", "pytest tests/")

`jci` declares pipelines; `executors`, `remotes`, `reporters` and `repos` are what they may be given; `interfaces` is what to
derive from to write such a thing oneself.
"""

from __future__ import annotations

import sys

try:
    from jaypore_ci import _core
except ImportError as error:
    raise ImportError(
        f"jaypore_ci cannot load its extension: {error}\n"
        f"This is {sys.implementation.name} {sys.version.split()[0]} on {sys.platform}, at {sys.executable}.\n"
        "The extension fits one Python version and one platform: install jaypore_ci for this interpreter, or run the "
        "config with the interpreter it was installed for (JAYPORE_PYTHON names it to `jci run`).",
        name="jaypore_ci._core",
    ) from error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jaypore_ci import executors, interfaces, jci, remotes, reporters, repos

__all__ = ["executors", "interfaces", "jci", "remotes", "reporters", "repos"]
__version__: str = _core.VERSION


def __getattr__(name: str) -> object:
    """Import a submodule when it is first named: `import jaypore_ci; jaypore_ci.repos.git.Git`."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    __import__(f"{__name__}.{name}")
    return sys.modules[f"{__name__}.{name}"]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
