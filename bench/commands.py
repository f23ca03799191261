#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole commands side by side: ours, what a user would pick instead, and the floor of the machine.

All of them where none is named.
usage: commands.py [start] [declare] [shell] [output] [docker] [docker-log] [docker-ssh] [docker-elsewhere] [publish]

Runs are interleaved (A B C A B C ...), so that a machine whose speed drifts slows all alike; figures are medians, ratios are medians
of the ratios within a round. `jci` is the first on PATH; gitlab-ci-local takes part where it is there too (its versions up to 4.56 run on
Debian 12's Node).
"""

from __future__ import annotations

import json
import os
import random
import resource
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PYTHON = "/usr/bin/python3"
PARALLEL = max(8, 2 * (os.cpu_count() or 1))  # what executors.Shell takes where nothing is said

IMPORTS = "from jaypore_ci import jci, executors, remotes, reporters, repos"

DECLARE = """
import time
from jaypore_ci import executors, jci, remotes
def empty(name, command): pass
p = jci.Pipeline(executor=executors.Mock(), remote=remotes.Mock(branch="b", sha="s"))
start = time.perf_counter()
for i in range(10000): empty(f"job{i}", "true")
middle = time.perf_counter()
for i in range(10000): p.job(f"job{i}", "true")
end = time.perf_counter()
print((end - middle) / 10000 * 1e6, (middle - start) / 10000 * 1e6)
"""


class Scratch:
    """A directory for everything a measurement makes, with git repositories of one config each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # users have their bytecode cached
        os.environ.update(
            XDG_STATE_HOME=str(root / "state"), XDG_CACHE_HOME=str(root / "cache"), JAYPORE_PYTHON=PYTHON, HOME=str(root)
        )

    def repository(self, name: str, config: str) -> Path:
        folder = self.root / name
        (folder / "cicd").mkdir(parents=True)
        (folder / "cicd" / "cicd.py").write_text(config)
        git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
        for step in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "Measure"]):
            subprocess.run([*git, *step], check=True)
        return folder


def seconds(command: list[str], cwd: Path | None = None, **variables: str) -> float:
    # To a file: whoever reads a pipe meanwhile takes time from what is measured.
    with tempfile.TemporaryFile() as told:
        start = time.perf_counter()
        done = subprocess.run(command, cwd=cwd, env=os.environ | variables, check=False, stdout=subprocess.DEVNULL, stderr=told)
        took = time.perf_counter() - start
        if done.returncode != 0:
            told.seek(0)
            sys.exit(f"{shlex.join(command)}: exit code {done.returncode}: {told.read().decode(errors='replace')[-2000:]}")
    return took


class Engine:
    """The one that DOCKER_HOST names, with the image busybox:local: tests/engine/with-engine gives both."""

    def __init__(self) -> None:
        host = os.environ.get("DOCKER_HOST") or sys.exit("no DOCKER_HOST: see tests/engine/with-engine")
        self.socket = host.removeprefix("unix://")

    def docker(self, *arguments: str) -> str:
        return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()

    def curl(self, call: str, *arguments: str) -> list[str]:
        return ["curl", "-sN", "--unix-socket", self.socket, *arguments, f"http://localhost/v1.41/{call}"]


def usage(command: list[str], cwd: Path) -> tuple[float, float]:
    """Seconds of processor time and MiB of memory at most, of `command` and the processes it waits for."""
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def compare(title: str, candidates: dict[str, Callable[[], float]], rounds: int) -> None:
    """The first candidate is ours; the ratios are ours / other."""
    for run in candidates.values():
        run()  # warm caches
    times: dict[str, list[float]] = {name: [] for name in candidates}
    order = list(candidates)
    for _ in range(rounds):
        random.shuffle(order)  # an engine still tidies up after one when the next begins
        for name in order:
            times[name].append(candidates[name]())
    print(f"\n{title}   ({rounds} rounds)")
    ours = next(iter(times.values()))
    for name, values in times.items():
        ratio = statistics.median(mine / other for mine, other in zip(ours, values))
        difference = statistics.median(mine - other for mine, other in zip(ours, values))
        print(f"  {name:<34} {statistics.median(values) * 1e3:10.1f} ms   ours: {ratio:6.2f} x  {difference * 1e3:+9.1f} ms")


def bench_start(scratch: Scratch) -> None:
    jci = shutil.which("jci") or sys.exit("no jci on PATH")
    empty = scratch.root / "empty"
    subprocess.run(["cc", "-O2", "-x", "c", "-", "-o", str(empty)], input=b"int main(void) { return 0; }", check=True)
    one = scratch.repository(
        "one", 'from jaypore_ci import executors, jci\n\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job("T", "true")\n'
    )
    compare("jci --version", {"jci --version": lambda: seconds([jci, "--version"]), "an empty C program": lambda: seconds([str(empty)])}, 41)
    compare(
        "import jaypore_ci",
        {IMPORTS: lambda: seconds([PYTHON, "-c", IMPORTS]), "python3 -c pass": lambda: seconds([PYTHON, "-c", "pass"])},
        41,
    )
    compare(
        "a run of one job `true`",
        {
            "jci run": lambda: seconds([jci, "run"], one),
            "python3 -c pass": lambda: seconds([PYTHON, "-c", "pass"]),
            "sh -c true": lambda: seconds(["sh", "-c", "true"]),
        },
        41,
    )


def bench_declare(scratch: Scratch) -> None:
    results = [
        tuple(float(word) for word in subprocess.run([PYTHON, "-c", DECLARE], check=True, capture_output=True, text=True).stdout.split())
        for _ in range(9)
    ]
    job, call = (statistics.median(values) for values in zip(*results))
    print(f"\ndeclaring 10,000 jobs from Python   (9 rounds)\n  p.job      {job:6.2f} us\n  empty call {call:6.2f} us")


# The parent of a job is the one so many before it, if any.
BACK = {"independent": None, "chain": 1, "layered": 100}


def parent(form: str, i: int) -> str | None:
    back = BACK[form]
    return None if back is None or i < back else f"job{i - back}"


def shell_config(form: str, jobs: int) -> str:
    """In a loop, as nobody writes a thousand lines."""
    back = BACK[form]
    parents = "[]" if back is None else f'[f"job{{i - {back}}}"] if i >= {back} else []'
    return f"""from jaypore_ci import executors, jci

with jci.Pipeline(executor=executors.Shell()) as p:
    for i in range({jobs}):
        p.job(f"job{{i}}", "true", depends_on={parents})
"""


def ninja_file(form: str, jobs: int) -> str:
    lines = ["rule true", "  command = true"]
    lines += [f"build job{i}: true {parent(form, i) or ''}" for i in range(jobs)]
    return "\n".join(lines) + "\n"


def make_file(form: str, jobs: int) -> str:
    names = " ".join(f"job{i}" for i in range(jobs))
    # The semicolon has make take a shell, as the others do.
    return f"all: {names}\n.PHONY: all {names}\n" + "".join(f"job{i}: {parent(form, i) or ''}\n\t@true;\n" for i in range(jobs))


def bench_shell(scratch: Scratch) -> None:
    jci, floor = shutil.which("jci") or sys.exit("no jci on PATH"), shutil.which("bench_shell_floor") or sys.exit("no bench_shell_floor")
    for jobs, rounds in ((1_000, 5), (10_000, 3)):
        for form in ("independent", "chain", "layered"):
            folder = scratch.repository(f"{form}-{jobs}", shell_config(form, jobs))
            ninja, make = folder / "build.ninja", folder / "Makefile"
            ninja.write_text(ninja_file(form, jobs))
            make.write_text(make_file(form, jobs))
            at_once = 1 if form == "chain" else PARALLEL
            candidates = {
                "jci run": lambda: seconds([jci, "run"], folder),
                "posix_spawn loop": lambda: seconds([floor, str(jobs), str(at_once)]),
                "ninja": lambda: seconds(["ninja", "-j", str(at_once)], folder),
                "make": lambda: seconds(["make", "-s", f"-j{at_once}"], folder),
                "xargs -P": lambda: seconds(["sh", "-c", f"seq {jobs} | xargs -P {at_once} -I{{}} sh -c true"]),
            }
            compare(f"{jobs} jobs `true`, {form}, {at_once} at once", candidates, rounds)


def bench_output(scratch: Scratch) -> None:
    print_1_gb = "head -c 1000000000 /dev/zero"
    config = f'from jaypore_ci import executors, jci\n\nwith jci.Pipeline(executor=executors.Shell()) as p:\n    p.job("Print", "{print_1_gb}")\n'
    folder = scratch.repository("output", config)

    def to_cat() -> float:
        target = scratch.root / "copy"
        target.unlink(missing_ok=True)
        return seconds(["sh", "-c", f"{print_1_gb} | cat >{target}"])

    def run() -> float:
        shutil.rmtree(scratch.root / "state", ignore_errors=True)
        return seconds(["jci", "run"], folder)

    compare("a job that prints 1 GB", {"jci run": run, "head | cat > file": to_cat}, 5)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  the largest process of all of these: {peak:.1f} MiB")


def docker_config(form: str, sleeps: list[str]) -> str:
    lines = ["from jaypore_ci import jci", "", 'with jci.Pipeline(image="busybox:local") as p:']
    for i, seconds_asleep in enumerate(sleeps):
        stage = f'with p.stage("s{2 * i // len(sleeps)}"):\n        ' if form == "stages" and i in (0, len(sleeps) // 2) else ""
        indent = "    " if stage or form != "stages" else "        "
        parents = [f"job{i - 1}"] if form == "chain" and i else []
        lines.append(f'{indent}{stage}p.job("job{i}", "sleep {seconds_asleep}", depends_on={parents!r})')
    return "\n".join(lines) + "\n"


def gitlab_file(form: str, sleeps: list[str]) -> str:
    """The same jobs for gitlab-ci-local; YAML is a superset of JSON."""
    jobs: dict[str, object] = {"stages": ["s0", "s1"]}
    for i, seconds_asleep in enumerate(sleeps):
        stage = f"s{2 * i // len(sleeps)}" if form == "stages" else "s0"
        job: dict[str, object] = {"image": "busybox:local", "stage": stage, "script": [f"sleep {seconds_asleep}"]}
        jobs[f"job{i}"] = job if form == "stages" else job | {"needs": [f"job{i - 1}"] if form == "chain" and i else []}
    return json.dumps(jobs)


def gitlab_project(scratch: Scratch, engine: Engine, name: str, text: str) -> Path:
    folder = scratch.repository(f"gitlab-{name}", "")
    (folder / ".gitlab-ci.yml").write_text(text)
    subprocess.run(["git", "-C", str(folder), "remote", "add", "origin", "https://localhost/bench/bench.git"], check=True)
    engine.docker("tag", "busybox:local", "firecow/gitlab-ci-local-util:latest")  # its helper, of which it only wants a shell
    return folder


def bench_docker(scratch: Scratch) -> None:
    engine = Engine()
    jci, floor = shutil.which("jci") or sys.exit("no jci on PATH"), shutil.which("bench_docker_floor") or sys.exit("no bench_docker_floor")
    rows = [("independent", 1, "0"), ("independent", 10, "0"), ("independent", 50, "0"), ("chain", 10, "0"), ("stages", 10, "0"), ("independent", 20, "1")]
    for form, jobs, asleep in rows:
        rounds = 21 if jobs == 1 else 5  # what one job takes differs less between these than from round to round
        folder = scratch.repository(f"docker-{form}-{jobs}-{asleep}", docker_config(form, [asleep] * jobs))
        at_once = 1 if form == "chain" else jobs // 2 if form == "stages" else jobs

        def xargs(network: str) -> float:
            return seconds(["sh", "-c", f"seq {jobs} | xargs -P {at_once} -I{{}} docker run --rm --network {network} busybox:local sleep {asleep}"])

        def own_network() -> float:
            start = time.perf_counter()
            engine.docker("network", "create", "bench")
            xargs("bench")
            engine.docker("network", "rm", "bench")
            return time.perf_counter() - start

        candidates = {
            "jci run": lambda: seconds([jci, "run", "--executor", "docker"], folder),
            "the engine's calls alone": lambda: seconds([floor, form, *[asleep] * jobs]),
            "docker run, in a network of its own": own_network,
            "docker run, in everybody's network": lambda: xargs("bridge"),
        }
        if gitlab := shutil.which("gitlab-ci-local"):
            project = gitlab_project(scratch, engine, folder.name, gitlab_file(form, [asleep] * jobs))
            run = [gitlab, "--pull-policy", "if-not-present", "--concurrency", str(jobs)]
            candidates["gitlab-ci-local"] = lambda: seconds(run, project)
        compare(f"{jobs} jobs `sleep {asleep}` in Docker, {form}", candidates, rounds)
    used = [usage([jci, "run", "--executor", "docker"], scratch.root / "docker-independent-50-0") for _ in range(3)]
    cpu, memory = (statistics.median(values) for values in zip(*used))
    print(f"\n50 jobs in Docker, what the client needs   (3 rounds)\n  {cpu:.2f} s of processor time, {memory:.1f} MiB in the largest of its processes")


def bench_docker_ssh(scratch: Scratch) -> None:
    """Below tests/engine/with-sshd, which makes `far` a name of the engine's machine."""
    if "SSHD" not in os.environ:
        sys.exit("no ssh server: see tests/engine/with-sshd")
    for jobs in (1, 50):
        folder = scratch.repository(f"docker-ssh-{jobs}", docker_config("independent", ["0"] * jobs))
        run = ["jci", "run", "--executor", "docker"]
        # As many at once as its connections do not disturb each other with.
        loop = f"seq {jobs} | xargs -P 8 -I{{}} docker run --rm --network none busybox:local sleep 0"
        candidates = {
            "jci run, over ssh": lambda: seconds(run, folder, DOCKER_HOST="ssh://far"),
            "jci run, at the local socket": lambda: seconds(run, folder),
            "docker run, over ssh": lambda: seconds(["sh", "-c", loop], DOCKER_HOST="ssh://far"),
        }
        compare(f"{jobs} jobs `sleep 0` in Docker over ssh", candidates, 3)


def bench_docker_elsewhere(scratch: Scratch) -> None:
    """The engine must not see what is in TMPDIR: with-engine --hide."""
    folder = scratch.repository("docker-elsewhere", docker_config("independent", ["0"]))
    for number in range(5000):
        file = folder / f"d{number // 100}" / f"f{number}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(os.urandom(4000))
    git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@localhost"]

    def change(files: int) -> None:
        for number in range(files):
            (folder / f"d{number // 100}" / f"f{number}").write_bytes(os.urandom(4000))
        for step in (["add", "-A"], ["commit", "-qm", "Change", "--allow-empty"]):
            subprocess.run([*git, *step], check=True)

    def run(files: int, host: str) -> float:
        change(files)
        return seconds(["jci", "run", "--executor", "docker"], folder, DOCKER_HOST=host)

    host = "ssh://far" if "SSHD" in os.environ else os.environ["DOCKER_HOST"]
    candidates = {
        "nothing has changed": lambda: run(0, host),
        "ten files have": lambda: run(10, host),
        "all have": lambda: run(5000, host),
    }
    compare(f"a job with 5,000 files, on an engine that does not see them ({host.partition(':')[0]})", candidates, 3)


def bench_docker_log(scratch: Scratch) -> None:
    """A job that prints 1 GB in lines of 100 bytes, and the same stream read by curl."""
    engine = Engine()
    script = f"yes {'x' * 99} | head -n 10000000"
    folder = scratch.repository("docker-log", f'from jaypore_ci import jci\n\nwith jci.Pipeline(image="busybox:local") as p:\n    p.job("Print", "{script}")\n')
    memory: list[float] = []

    def run() -> float:
        shutil.rmtree(scratch.root / "state", ignore_errors=True)
        start = time.perf_counter()
        memory.append(usage(["jci", "run", "--executor", "docker"], folder)[1])
        return time.perf_counter() - start

    def read_by_curl() -> float:
        start = time.perf_counter()
        container = engine.docker("create", "busybox:local", "sh", "-c", script)
        with subprocess.Popen(engine.curl(f"containers/{container}/attach?stream=1&stdout=1", "-X", "POST"), stdout=subprocess.PIPE) as curl:
            assert curl.stdout is not None
            engine.docker("start", container)
            while curl.stdout.read(1 << 20):
                pass
        engine.docker("rm", container)
        return time.perf_counter() - start

    compare("a job in Docker that prints 1 GB", {"jci run": run, "curl": read_by_curl}, 3)
    print(f"  memory of jci run at most: {max(memory):.1f} MiB")


def bench_publish(scratch: Scratch) -> None:
    """A run whose remote takes connections and never answers, and one whose remote is a file."""
    jobs = "".join(f'    p.job("Job{i}", "sleep 7")\n' for i in range(4))

    def repository(name: str, remote: str) -> Path:
        return scratch.repository(name, f"from jaypore_ci import executors, jci, remotes, repos\n\nwith jci.Pipeline(executor=executors.Shell(), remote={remote}) as p:\n{jobs}")

    jci = shutil.which("jci") or sys.exit("no jci on PATH")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections, and nobody answers
        hanging = repository("hanging", f"remotes.Telegram(repo=repos.Git.from_env(), token='1:t', chat='-1', root='http://127.0.0.1:{silent.getsockname()[1]}')")
        file = repository("file", f"remotes.File(path={str(scratch.root / 'report')!r})")
        compare(
            "a run of 7 s",
            {"its remote hangs": lambda: seconds([jci, "run"], hanging), "its remote is a file": lambda: seconds([jci, "run"], file)},
            5,
        )


def main() -> None:
    benches = {
        "start": bench_start, "declare": bench_declare, "shell": bench_shell, "output": bench_output,
        "publish": bench_publish, "docker": bench_docker, "docker-log": bench_docker_log, "docker-ssh": bench_docker_ssh,
        "docker-elsewhere": bench_docker_elsewhere,
    }  # fmt: skip
    needs = {"docker": "DOCKER_HOST", "docker-log": "DOCKER_HOST", "docker-ssh": "SSHD", "docker-elsewhere": "SSHD"}
    names = sys.argv[1:] or [name for name in benches if name not in needs or needs[name] in os.environ]
    with tempfile.TemporaryDirectory(prefix="jci-bench-") as folder:
        scratch = Scratch(Path(folder))
        for name in names:
            benches[name](scratch)


if __name__ == "__main__":
    main()
