# SPDX-License-Identifier: MIT
"""The process of a config: how it starts, how it ends, what its children do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from .conftest import Run

PASSES = """
from jaypore_ci import jci, executors, remotes
with jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock()) as p:
    p.job("x", "x")
"""
AN_EXECUTOR = """
from jaypore_ci import jci, interfaces, repos
class Ends(interfaces.Executor):
    code = 0
    def run(self, job):
        print("ran", job.name, flush=True)
        return "1"
    def get_status(self, run_id):
        return interfaces.JobStatus(False, self.code)
class Nowhere(interfaces.Remote):
    def publish(self, report, status):
        pass
def pipeline(code):
    executor = Ends()
    executor.code = code
    return jci.Pipeline(executor=executor, repo=repos.Mock(), remote=Nowhere(sha="", branch=""))
"""

# ---- importing


def test_importing_takes_no_heavy_modules() -> None:
    script = "import sys; before = set(sys.modules); from jaypore_ci import jci, executors, remotes, reporters, repos\n"
    script += "print(*sorted(name for name in set(sys.modules) - before if not name.startswith('jaypore_ci')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__future__"]


def test_modules_are_there_by_their_dotted_names() -> None:
    script = "import jaypore_ci; print(jaypore_ci.repos.git.Git.__name__, jaypore_ci.executors.mock.Mock.__name__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "Git Mock\n"


def test_an_extension_that_does_not_load_says_what_to_do(tmp_path: Path) -> None:
    import jaypore_ci

    package = tmp_path / "jaypore_ci"
    package.mkdir()
    (package / "__init__.py").write_text(Path(jaypore_ci.__file__).read_text())
    done = subprocess.run(
        [sys.executable, "-c", "import jaypore_ci"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1
    message = done.stderr[done.stderr.index("ImportError: jaypore_ci cannot load its extension") :]
    assert f"{sys.implementation.name} {sys.version.split()[0]} on {sys.platform}, at {sys.executable}" in message
    assert "install jaypore_ci for this interpreter" in message


# ---- a config run by hand


def test_a_pipeline_that_passes_goes_on_behind_with(python: Run) -> None:
    done = python(AN_EXECUTOR + "with pipeline(0) as p:\n    p.job('x', 'x')\nprint('behind', p.get_status().name)")
    assert (done.code, done.out.splitlines()[0], done.out.splitlines()[-1]) == (0, "ran x", "behind PASSED")


def test_a_pipeline_that_fails_ends_the_process_with_1(python: Run) -> None:
    done = python(AN_EXECUTOR + "with pipeline(1) as p:\n    p.job('x', 'x')\nprint('behind')")
    assert done.code == 1
    assert "behind" not in done.out
    assert "Traceback" not in done.err


def test_a_wrong_config_ends_the_process_with_2(python: Run) -> None:
    done = python("import atexit; atexit.register(print, 'bye')\nfrom jaypore_ci import jci\njci.Pipeline(imge=1)\n")
    assert (done.code, done.out) == (2, "bye\n")
    assert done.err.splitlines()[-1] == (
        "jaypore_ci.interfaces.BadConfig: pipeline: unknown argument `imge`; did you mean `image`?"
    )
    assert "jci.Pipeline(imge=1)" in done.err
    assert "jci.py" not in done.err


def test_an_exception_in_the_body_runs_nothing_and_ends_as_python_does(python: Run) -> None:
    done = python(AN_EXECUTOR + "with pipeline(0) as p:\n    p.job('x', 'x')\n    1 / 0")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[-1] == "ZeroDivisionError: division by zero"


# ---- children


@pytest.mark.parametrize("where", ["before", "inside"])
def test_a_forked_child_does_not_run_the_pipeline(python: Run, where: str) -> None:
    fork = "import os; child = os.fork() == 0"
    before, inside = (fork, "pass") if where == "before" else ("pass", fork)
    done = python(f"""{AN_EXECUTOR}
import os
{before}
with pipeline(0) as p:
    p.job('x', 'x')
    {inside}
if child:
    os._exit(0)
os.wait()
""")
    assert done.code == 0
    assert done.out.count("ran x") == 1
    assert done.err.count("is a child of the one that runs this config") == 1


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_of_multiprocessing_does_not_run_the_pipeline(python: Run, method: str) -> None:
    done = python(f"""{AN_EXECUTOR}
import multiprocessing
def work(n):
    return n + 1
with pipeline(0) as p:
    if __name__ == "__main__":
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            assert pool.map(work, [1, 2]) == [2, 3]
    p.job("x", "x")
""")
    assert (done.code, done.out.count("ran x")) == (0, 1)


# ---- a config that `jci run` starts


def test_a_config_runs_as_main(bootstrap: Run) -> None:
    done = bootstrap(PASSES + "import sys, os\nprint(__name__, __file__, sys.argv, sys.path[0] == os.getcwd())", "a", "b")
    assert (done.code, done.out, done.err) == (0, "__main__ cicd.py ['cicd.py', 'a', 'b'] True\n", "")


def test_it_exits_as_the_pipeline_does(bootstrap: Run) -> None:
    assert bootstrap(AN_EXECUTOR + "with pipeline(1) as p:\n    p.job('x', 'x')").code == 1
    assert bootstrap(AN_EXECUTOR + "p = pipeline(1)\np.job('x', 'x')\np.run()").code == 1
    assert bootstrap(AN_EXECUTOR + "with pipeline(0) as p:\n    p.job('x', 'x')").code == 0


def test_an_exception_shows_the_config_and_not_us(bootstrap: Run) -> None:
    done = bootstrap("def declare():\n    return 1 / 0\n\ndeclare()\n")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Traceback (most recent call last):\n"
        '  File "cicd.py", line 4, in <module>\n'
        "    declare()\n"
        '  File "cicd.py", line 2, in declare\n'
        "    return 1 / 0\n"
        "           ~~^~~\n"
        "ZeroDivisionError: division by zero\n"
    )


def test_a_syntax_error_is_pythons_own_message(bootstrap: Run) -> None:
    done = bootstrap("from jaypore_ci import jci\nwith jci.Pipeline( as p:\n    pass\n")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        '  File "cicd.py", line 2\n'
        "    with jci.Pipeline( as p:\n"
        "                       ^^\n"
        "SyntaxError: invalid syntax\n"
    )


def test_a_mistake_shows_the_line_that_makes_it(bootstrap: Run) -> None:
    done = bootstrap("from jaypore_ci import jci, executors\nwith jci.Pipeline() as p:\n    p.job('x', None)\n")
    assert done.code == 2
    assert done.err.startswith(
        "Traceback (most recent call last):\n"
        '  File "cicd.py", line 3, in <module>\n'
        "    p.job('x', None)\n"
        "jaypore_ci.interfaces.BadConfig: job `x` "
    )


def test_a_config_without_a_pipeline_is_told_so(bootstrap: Run) -> None:
    done = bootstrap("x = 1\n")
    assert (done.code, done.err) == (2, "jci: error: `cicd.py` declares no pipeline; it needs a `with jci.Pipeline() as p:`\n")
    done = bootstrap("from jaypore_ci import jci\np = jci.Pipeline()\n")
    assert (done.code, done.err) == (
        2,
        "jci: error: `cicd.py` declares a pipeline, but never runs it; write `with jci.Pipeline() as p:`\n",
    )


def test_a_config_that_leaves_early_is_taken_at_its_word(bootstrap: Run) -> None:
    assert bootstrap("raise SystemExit(0)").code == 0
    assert bootstrap("raise SystemExit(5)").code == 5


def test_ctrl_c_before_the_run_exits_with_130(bootstrap: Run) -> None:
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # as in a terminal, also where the tests run in the background
    done = bootstrap(f"import os, signal\n{heard}\nos.kill(os.getpid(), signal.SIGINT)\n")
    assert (done.code, done.err) == (130, "interrupted\n")


def test_a_world_that_fails_is_no_traceback(bootstrap: Run) -> None:
    done = bootstrap(PASSES.replace("    p.job", "    p.executor.fail_setup('no engine answers')\n    p.job"))
    assert (done.code, done.err) == (1, "jci: error: no engine answers\n")


def test_a_config_that_hangs_is_stopped_where_it_hangs(bootstrap: Run) -> None:
    done = bootstrap("import time\ndef wait():\n    time.sleep(100)\nwait()\n", JCI_CONFIG_TIMEOUT="0.3")
    assert done.code == 2
    assert done.err.startswith("jci: error: `cicd.py` has not left its `with` after 0.3 s; it is here:\n")
    assert '  File "cicd.py", line 3, in wait\n    time.sleep(100)\n' in done.err
    assert done.err.endswith("hint: JCI_CONFIG_TIMEOUT=SECONDS gives it more time\n")


def test_a_config_that_cannot_be_interrupted_is_stopped_too(bootstrap: Run) -> None:
    done = bootstrap("import re\nsum(range(10**15))\n", JCI_CONFIG_TIMEOUT="0.3")
    assert done.code == 2
    assert done.err.startswith("jci: error: the config hangs, and cannot be interrupted; it is here:\n")
    assert 'File "cicd.py", line 2 in <module>' in done.err


def test_the_pipeline_itself_may_take_longer(bootstrap: Run) -> None:
    slow = AN_EXECUTOR.replace('        return "1"', '        import time; time.sleep(1)\n        return "1"')
    assert bootstrap(slow + "with pipeline(0) as p:\n    p.job('x', 'x')", JCI_CONFIG_TIMEOUT="0.9").code == 0


def test_what_jci_run_says_is_not_inherited(bootstrap: Run) -> None:
    script = PASSES + "import os, subprocess\nprint(os.environ.get('_JCI'), flush=True)\nsubprocess.run(['sh', '-c', 'echo [$_JCI]'])"
    done = bootstrap(script)
    assert (done.code, done.out) == (0, "None\n[]\n")


def test_what_somebody_else_says_in_its_place_is_refused(bootstrap: Run) -> None:
    for nonsense in ("{}", "1000000:-1", ""):
        done = bootstrap(PASSES, _JCI=nonsense)
        assert done.code == 2
        assert "the variable `_JCI` is set by `jci run` for itself and cannot be read" in done.err
