# SPDX-License-Identifier: MIT
"""`secrets=[...]` of pipeline, stage and job: which secret variables a job gets, and where they are not to be seen."""

from __future__ import annotations

import pytest
from project import Finished, Project, make_project  # noqa: F401

SECRETS = {"JAYPORE_DB_PASSWORD": "s3cr3t-db", "JAYPORE_DEPLOY_TOKEN": "s3cr3t-deploy", "JAYPORE_DSN": "s3cr3t-dsn"}
PUBLIC = {"JAYPORE_FLAVOUR": "vanilla", "JAYPORE_SECRETS": "JAYPORE_DSN"}
# Names of what it gets, and whether a value is on a command line.
SHOW = """\
env | sed -n 's/^\\(DB_PASSWORD\\|DEPLOY_TOKEN\\|DSN\\|FLAVOUR\\)=.*/\\1/p' | sort | xargs echo
"""
LOOK = """\
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' >lines
grep -c 'look.sh' lines
printenv DB_PASSWORD | grep -c -F -f - lines
"""


def run(project: Project, body: str, *, arguments: str = "", **variables: str) -> Finished:
    project.write("show.sh", SHOW)
    project.write("look.sh", LOOK)
    project.config(body.replace("SHOW", "'sh show.sh'"), arguments=arguments)
    return project.run(**(SECRETS | PUBLIC | variables))


def got(project: Project, job: str) -> str:
    return project.jci("logs", job).out.strip()


def test_a_job_gets_the_secrets_that_it_lists_and_what_is_public(project: Project) -> None:
    body = (
        "p.job('all', SHOW)\n"
        "p.job('none', SHOW, secrets=[])\n"
        "p.job('one', SHOW, secrets=['DB_PASSWORD'])\n"
        "p.job('two', SHOW, secrets=['JAYPORE_DSN', 'DEPLOY_TOKEN'])\n"
        "p.job('plain', SHOW, secrets='DSN')\n"
        "p.job('public', SHOW, secrets=['FLAVOUR'])\n"
    )
    assert run(project, body).code == 0
    assert {job: got(project, job) for job in ("all", "none", "one", "two", "plain", "public")} == {
        "all": "DB_PASSWORD DEPLOY_TOKEN DSN FLAVOUR",
        "none": "FLAVOUR",
        "one": "DB_PASSWORD FLAVOUR",
        "two": "DEPLOY_TOKEN DSN FLAVOUR",
        "plain": "DSN FLAVOUR",
        "public": "FLAVOUR",
    }


def test_what_pipeline_and_stage_say_is_inherited(project: Project) -> None:
    body = (
        "with p.stage('Outer'):\n"
        "    p.job('outer', SHOW)\n"
        "with p.stage('Inner', secrets=['DSN']):\n"
        "    p.job('inner', SHOW)\n"
        "    p.job('own', SHOW, secrets=['DEPLOY_TOKEN'])\n"
    )
    assert run(project, body, arguments="secrets=[]").code == 0
    assert [got(project, job) for job in ("outer", "inner", "own")] == ["FLAVOUR", "DSN FLAVOUR", "DEPLOY_TOKEN FLAVOUR"]


def test_a_variable_of_the_jobs_own_is_its_own(project: Project) -> None:
    assert run(project, "p.job('own', SHOW, secrets=[], env={'DB_PASSWORD': 'mine'})").code == 0
    assert got(project, "own") == "DB_PASSWORD FLAVOUR"


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("DB_PASWORD", "`DB_PASWORD`, but there is no variable `JAYPORE_DB_PASWORD`; did you mean `DB_PASSWORD`?"),
        ("JAYPORE_ZEBRA", "`ZEBRA`, but there is no variable `JAYPORE_ZEBRA`; set it, as `jci secrets exec ENV -- jci run` does, or take it out of the list"),
        ("GITHUB_TOKEN", "`GITHUB_TOKEN`, which no job gets, as it is for us or for a remote; give the job a variable of its own"),
    ],
)
def test_a_secret_that_is_not_there_is_said_before_anything_runs(project: Project, secret: str, problem: str) -> None:
    done = run(project, f"p.job('first', 'touch $SCRATCH/ran')\np.job('Deploy it', 'true', secrets=['{secret}'])", JAYPORE_GITHUB_TOKEN="x")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].endswith(f"job `Deploy-it`: `secrets` has {problem}")
    assert not (project.scratch / "ran").exists()


def test_a_plan_needs_no_secrets(project: Project) -> None:
    project.config("p.job('Deploy', 'true', secrets=['DEPLOY_TOKEN'])")
    assert project.jci("plan").code == 0


def test_a_test_of_the_config_needs_no_secrets(project: Project) -> None:
    project.config("p.job('Deploy', 'true', secrets=['DEPLOY_TOKEN'])", arguments="executor=executors.Mock()")
    assert project.jci("run").code == 0


def test_secrets_of_jobs_are_on_no_command_line(project: Project) -> None:
    run(project, "p.job('look', 'sh look.sh')\np.job('other', 'sleep 0.1')\n")
    seen, values = got(project, "look").split()
    assert int(seen) > 0
    assert int(values) == 0


def test_what_a_job_did_not_get_is_masked_all_the_same(project: Project) -> None:
    assert run(project, "p.job('say', 'echo s3cr3t-' 'deploy', secrets=[])").code == 0
    assert got(project, "say") == "********"


CPP = """#include <jci/jci.hpp>
int main() {
  return jci::run({.secrets = {{}}}, [](jci::Pipeline& p) {
    p.job("none", "sh show.sh");
    p.job("one", "sh show.sh", {.secrets = {{"DSN"}}});
    p.stage("Stage", {.secrets = {{"JAYPORE_DSN", "DEPLOY_TOKEN"}}}, [&] { p.job("two", "sh show.sh"); });
  });
}
"""


def test_a_config_in_cpp_says_the_same(project: Project) -> None:
    project.write("cicd/cicd.cpp", CPP)
    project.write("show.sh", SHOW)
    project.commit()
    assert project.run(**(SECRETS | PUBLIC)).code == 0
    assert [got(project, job) for job in ("none", "one", "two")] == ["FLAVOUR", "DSN FLAVOUR", "DEPLOY_TOKEN DSN FLAVOUR"]
    done = project.run(**{**SECRETS, **PUBLIC, "JAYPORE_DSN": ""})
    assert done.code == 0, done.err
    done = project.run(JAYPORE_DEPLOY_TOKEN="s3cr3t-deploy")
    assert done.code == 2
    assert done.err.splitlines()[-1] == "jci: error: job `one`: `secrets` has `DSN`, but there is no variable `JAYPORE_DSN`; set it, as `jci secrets exec ENV -- jci run` does, or take it out of the list"
