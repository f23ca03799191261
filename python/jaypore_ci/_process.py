# SPDX-License-Identifier: MIT
"""What the process of a config does at its edges: tracebacks, exit codes, forks."""

from __future__ import annotations

import os
import sys

from jaypore_ci.interfaces import BadConfig, TriggerFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

_IMPORTED_IN = os.getpid()
_PACKAGE = os.path.dirname(__file__)


def cut_our_frames(error: BaseException) -> None:
    """Cut the package's own frames off the traceback, at both ends: what is left is the config's."""
    first = error.__traceback__
    while first is not None and _is_ours(first):
        first = first.tb_next
    entry = first
    while entry is not None:
        if entry.tb_next is not None and _is_ours(entry.tb_next):
            entry.tb_next = None
        entry = entry.tb_next
    error.__traceback__ = first


def _is_ours(entry: TracebackType) -> bool:
    return os.path.dirname(entry.tb_frame.f_code.co_filename).startswith(_PACKAGE)


def exit_with_2_on_bad_config() -> None:
    """Let an uncaught BadConfig end the process with 2: Python prints it as usual, and then exits as we say."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        interactive = hasattr(sys, "ps1") or sys.flags.interactive
        ours = isinstance(error, (BadConfig, TriggerFailed))  # of these our own frames say nothing
        if ours and not interactive:
            cut_our_frames(error)
            traceback = error.__traceback__
        before(kind, error, traceback)
        if isinstance(error, BadConfig) and not interactive:
            raise SystemExit(2)

    sys.excepthook = hook


def is_child(declared_in: int, in_test: bool) -> bool:
    """Is this a child of the process that should run the pipeline?

    declared_in: the process in which it was declared.   in_test: it has a mock executor. Such a pipeline runs in whatever
    process declared it, a test runner's worker for example.
    """
    if os.getpid() != declared_in:
        return True
    if in_test:
        return False
    multiprocessing = sys.modules.get("multiprocessing.process")
    spawned = multiprocessing is not None and multiprocessing.current_process().name != "MainProcess"
    return spawned or os.getpid() != _IMPORTED_IN


CHILD_DOES_NOT_RUN = (
    "jaypore_ci: process {pid} is a child of the one that runs this config, so it does not run the pipeline; end it before "
    "it leaves `with`, for example by os._exit(0), or start it under `if __name__ == '__main__'`"
)
