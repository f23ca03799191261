# SPDX-License-Identifier: MIT
"""What `jci run` starts: the config, as if Python had been given it, with an end for every way it can go wrong.

    python3 -c "from jaypore_ci._main import main; main()" [ARGUMENT...]

Exits as the pipeline does (0 passed, 1 failed, 130 interrupted); with 2 where the config is wrong: it raises, declares no
pipeline, or hangs.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys

from jaypore_ci import _core, _process, jci
from jaypore_ci.interfaces import TriggerFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from types import FrameType
else:
    import _signal as signal  # what `signal` is made of, without its enums: these take as long to import as all else here

_FAILED, _WRONG, _INTERRUPTED = 1, 2, 130
_LIMIT_VARIABLE = "JCI_CONFIG_TIMEOUT"
_DEFAULT_LIMIT = 60.0


class ConfigHangs(BaseException):
    """Raised where the config is when its time is over; not an Exception, which it might catch."""


def main() -> None:
    """Run the config that `jci run` names, and exit."""
    try:
        path, workspace = _core.take_options()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    os.environ.pop("_JCI", None)
    if not path:
        _fail("this is for `jci run` to start, which names the config")
    if workspace:
        os.environ["JAYPORE_RUN"] = workspace
    limit = _limit()
    gc.freeze()  # what is there by now stays to the end: no collection need look at it, least of all those that end the process
    _watch(limit)
    try:
        _run_as_main(path)
    except SystemExit:
        raise
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except ConfigHangs as error:
        print(f"jci: error: `{path}` has not left its `with` after {limit:g} s; it is here:", file=sys.stderr)
        _show(error)
        print(f"hint: {_LIMIT_VARIABLE}=SECONDS gives it more time", file=sys.stderr)
        sys.exit(_WRONG)
    except TriggerFailed as error:
        print(f"jci: error: {error}", file=sys.stderr)
        sys.exit(_FAILED)
    except BaseException as error:
        _show(error)
        sys.exit(_WRONG)
    finally:
        _core.stop_watching()
    _check_that_it_ran(path)
    sys.exit(jci.Pipeline.worst_exit_code)


def _run_as_main(path: str) -> None:
    """What `python3 path` does."""
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        _fail(f"cannot read the config `{path}`: {error.strerror}")
    sys.argv = [path, *sys.argv[1:]]
    directory = os.path.dirname(os.path.abspath(path))
    if sys.path and sys.path[0] == "":
        sys.path[0] = directory
    else:
        sys.path.insert(0, directory)
    module = type(sys)("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)


def _watch(limit: float) -> None:
    def hang(number: int, frame: FrameType | None) -> None:
        if _core.is_watching():
            raise ConfigHangs

    signal.signal(_core.HANG_SIGNAL, hang)
    faulthandler.register(_core.DUMP_SIGNAL, all_threads=False)
    _core.start_watching(limit)


def _limit() -> float:
    text = os.environ.get(_LIMIT_VARIABLE, "")
    try:
        limit = float(text or _DEFAULT_LIMIT)
    except ValueError:
        limit = -1
    if not 0 < limit < 1e6:
        _fail(f"{_LIMIT_VARIABLE} must be a number of seconds above 0, not `{text}`")
    return limit


def _check_that_it_ran(path: str) -> None:
    if jci.Pipeline.declared == 0:
        _fail(f"`{path}` declares no pipeline; it needs a `with jci.Pipeline() as p:`")
    if jci.Pipeline.ended == 0:
        _fail(f"`{path}` declares a pipeline, but never runs it; write `with jci.Pipeline() as p:`")


def _show(error: BaseException) -> None:
    """Print the error as Python would, had it run the config itself."""
    _process.cut_our_frames(error)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit:
        pass  # the hook's own choice of an exit code


def _fail(message: str) -> None:
    print(f"jci: error: {message}", file=sys.stderr)
    sys.exit(_WRONG)
