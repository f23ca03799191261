"""Jaypore CI builds and tests itself, with itself: `jci run`, after `eval "$(./dev env)"`."""

from jaypore_ci import executors, jci

with jci.Pipeline(executor=executors.Shell(), timeout=3600) as p:
    with p.stage("Build"):
        p.job("Compile", "./dev build")
    with p.stage("Check", env={"CI": "true"}):
        p.job("Test", "./dev test")
        p.job("AddressSanitizer", "./dev unit asan", depends_on=["Test"])
        p.job("ThreadSanitizer", "./dev unit tsan", depends_on=["AddressSanitizer"])
        p.job("Lint", "./dev lint", depends_on=["ThreadSanitizer"])
