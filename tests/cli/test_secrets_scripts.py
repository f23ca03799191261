# SPDX-License-Identifier: MIT
"""`secrets/bin/edit_env.sh` and `set_env.sh`, as shells run them."""

from __future__ import annotations

import pytest
from project import Finished
from vault import Vault, make_vault, scripts

__all__ = ["make_vault"]

VALUES = {"TOKEN": "s3cret", "LINES": "it's\n$two `lines`\n", "EMPTY": ""}
SHOW = 'printf "[%s]" "$TOKEN" "$LINES" "$EMPTY"; env | grep -c _jaypore'
SHOWN = "[s3cret][it's\n$two `lines`\n][]0\n"


@pytest.fixture(name="scripted")
def write_scripts(vault: Vault) -> Vault:
    vault.add_scripts()
    vault.set_all(VALUES)
    return vault


def test_both_are_there() -> None:
    assert sorted(scripts()) == ["edit_env", "set_env"]


@pytest.mark.parametrize("command", ["source secrets/bin/set_env.sh ci", ". secrets/bin/set_env.sh ci", ". secrets/bin/set_env.sh", "ENV=ci; . secrets/bin/set_env.sh"])
def test_bash_gets_the_variables(scripted: Vault, command: str) -> None:
    assert scripted.say(["bash", "-eu", "-c", f"{command}; {SHOW} || true"]) == Finished(0, SHOWN, "")


@pytest.mark.parametrize("command", [". secrets/bin/set_env.sh", "ENV=ci; . secrets/bin/set_env.sh", "set -- ci; . secrets/bin/set_env.sh"])
def test_a_plain_shell_gets_the_variables(scripted: Vault, command: str) -> None:
    assert scripted.say(["sh", "-eu", "-c", f"{command}; {SHOW} || true"]) == Finished(0, SHOWN, "")


def test_a_plain_shell_may_say_ci_too(scripted: Vault) -> None:
    """dash hands on no argument: `ci` is also what is taken where nothing is said."""
    assert scripted.say(["sh", "-c", f". secrets/bin/set_env.sh ci; {SHOW}"]).out == SHOWN


def test_bash_sources_it_from_anywhere_and_stays_there(scripted: Vault) -> None:
    script = f"source {scripted.path}/secrets/bin/set_env.sh ci; {SHOW}; pwd"
    assert scripted.say(["bash", "-c", script], where="..") == Finished(0, f"{SHOWN}{scripted.scratch}\n", "")


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_that_sources_it_in_vain_goes_on_and_knows(scripted: Vault, shell: str) -> None:
    script = ". secrets/bin/set_env.sh; echo $?; echo ${TOKEN-unset}"
    done = scripted.say([shell, "-c", script], ENV="nope")
    assert done == Finished(0, "2\nunset\n", "jci: error: there is no `secrets/nope.enc`; `jci secrets edit nope` makes it\n")


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_no_value_is_on_a_command_line_or_in_a_trace(scripted: Vault, shell: str) -> None:
    look = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '^s3cre[t]$'"
    done = scripted.say([shell, "-c", f". secrets/bin/set_env.sh; {look}"])
    assert done.out == "0\n"


@pytest.mark.parametrize("command", [["bash", "secrets/bin/edit_env.sh", "ci"], ["sh", "secrets/bin/edit_env.sh"], ["secrets/bin/edit_env.sh", "ci"]])
def test_edit_env_edits(scripted: Vault, command: list[str]) -> None:
    editor = scripted.editor('sed -i s/s3cret/n3w/ "$1"')
    assert scripted.say(command, EDITOR=editor) == Finished(0, "", "")
    assert scripted.said("get", "ci", "TOKEN") == "n3w"


def test_edit_env_edits_from_anywhere(scripted: Vault) -> None:
    editor = scripted.editor('sed -i s/s3cret/n3w/ "$1"')
    assert scripted.say(["project/secrets/bin/edit_env.sh", "ci"], where="..", EDITOR=editor).code == 0
    assert scripted.said("get", "ci", "TOKEN") == "n3w"


def test_edit_env_ends_as_the_edit_does(scripted: Vault) -> None:
    assert scripted.say(["sh", "secrets/bin/edit_env.sh", "ci"], EDITOR="false").code == 1
