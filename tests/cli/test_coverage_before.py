# SPDX-License-Identifier: MIT
"""How much of the code tests run, compared with the branch that work is merged into."""

from __future__ import annotations

from project import Project, make_project  # noqa: F401


def measured(project: Project, executed: int) -> str:
    project.write("measured", f"SF:a.c\nLF:1000\nLH:{executed}\nend_of_record\n")
    project.config("p.job('Test', 'cp measured lcov.info', coverage='lcov.info')")
    ran = project.run()
    assert ran.code == 0, ran.err
    return next(line for line in ran.out.splitlines() if line.startswith("Test: "))


def test_coverage_is_compared_with_the_last_run_on_the_target_branch(project: Project) -> None:
    assert measured(project, 800) == "Test: coverage: 80.0%"
    assert measured(project, 810) == "Test: coverage: 81.0% (+1.0)"
    project.git("checkout", "-q", "-b", "feature")
    assert measured(project, 805) == "Test: coverage: 80.5% (-0.5)"
    assert measured(project, 830) == "Test: coverage: 83.0% (+2.0)", "runs on the branch itself do not count"


def test_the_target_branch_is_the_one_of_origin(project: Project) -> None:
    project.write("a", "")
    project.commit()
    project.git("branch", "-m", "trunk")
    project.git("clone", "-q", "--bare", ".", str(project.scratch / "origin"))
    project.git("remote", "add", "origin", str(project.scratch / "origin"))
    project.git("fetch", "-q")
    project.git("remote", "set-head", "origin", "trunk")
    assert measured(project, 500) == "Test: coverage: 50.0%"
    project.git("checkout", "-q", "-b", "main")
    assert measured(project, 510) == "Test: coverage: 51.0% (+1.0)"
    assert measured(project, 520) == "Test: coverage: 52.0% (+2.0)"


def test_a_last_run_that_measured_nothing_is_passed_over(project: Project) -> None:
    measured(project, 700)
    project.config("p.job('Test', 'exit 1', coverage='lcov.info')")
    assert project.run().code == 1
    assert measured(project, 710) == "Test: coverage: 71.0% (+1.0)"
