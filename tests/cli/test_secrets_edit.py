# SPDX-License-Identifier: MIT
"""`jci secrets edit`: the text that an editor gets and gives, and what is left behind, whatever happens meanwhile: nothing."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest
from project import DEADLINE, JCI, Finished, until
from vault import AGE_A, Vault, make_vault, mode_of

__all__ = ["make_vault"]

TEXT = """\
# the database
DB_HOST=db.example.org
DB_PASS=any text, with = and # and "quotes"
CERTIFICATE=line one\\nline two
EMPTY=
"""


def edit(vault: Vault, script: str, **variables: str) -> Finished:
    return vault.secrets("edit", "ci", **({"EDITOR": vault.editor(script)} | variables))


def filled(vault: Vault) -> bytes:
    vault.write("text", TEXT)
    assert edit(vault, f'cat "{vault.path}/text" >"$1"') == Finished(0, "", "")
    (vault.path / "text").unlink()
    return vault.enc.read_bytes()


def test_the_first_edit_makes_the_file(vault: Vault) -> None:
    filled(vault)
    assert vault.values() == {
        "DB_HOST": "db.example.org",
        "DB_PASS": 'any text, with = and # and "quotes"',
        "CERTIFICATE": "line one\nline two",
        "EMPTY": "",
    }
    assert f"sops_age__list_0__map_recipient={AGE_A}\n" in vault.enc.read_text()
    assert mode_of(vault.enc) == 0o644
    assert vault.left_in_memory() == []


def test_the_editor_gets_the_text_as_it_was_left(vault: Vault) -> None:
    filled(vault)
    seen = vault.scratch / "seen"
    edit(vault, f'cat "$1" >"{seen}"; stat -c %a "$1" "$(dirname "$1")" >>"{seen}"; basename "$1" >>"{seen}"')
    assert seen.read_text() == TEXT + "600\n700\nci.env\n"


@pytest.mark.parametrize("script", ["true", 'cp "$1" "$1.new"; mv "$1.new" "$1"', 'touch "$1"'])
def test_a_text_that_is_not_changed_leaves_the_file_as_it_is(vault: Vault, script: str) -> None:
    before = filled(vault), vault.enc.stat().st_ino, vault.enc.stat().st_mtime_ns
    assert edit(vault, script) == Finished(0, "", "nothing is changed\n")
    assert (vault.enc.read_bytes(), vault.enc.stat().st_ino, vault.enc.stat().st_mtime_ns) == before


def test_an_empty_line_more_is_no_change_of_the_file(vault: Vault) -> None:
    before = filled(vault)
    assert edit(vault, 'printf "\\n\\n" >>"$1"').code == 0
    assert vault.enc.read_bytes() == before


def test_only_lines_that_were_edited_get_new_ciphertext(vault: Vault) -> None:
    before = vault.use_sample("a-3.13.2.enc").decode().splitlines()
    assert edit(vault, 'sed -i "s/db.local/db.remote/; /^EMPTY/d; 1i FIRST=new" "$1"') == Finished(0, "", "")
    after = vault.enc.read_text().splitlines()
    new = [line.split("=")[0] for line in after if line not in before]
    gone = [line.split("=")[0] for line in before if line not in after]
    assert (new, gone) == (["FIRST", "DB_HOST", "sops_lastmodified", "sops_mac"], ["DB_HOST", "EMPTY", "sops_lastmodified", "sops_mac"])


def test_visual_goes_before_editor_and_may_have_arguments(vault: Vault) -> None:
    filled(vault)
    assert edit(vault, "exit 9", VISUAL="sed -i -e s/example/EXAMPLE/").code == 0
    assert vault.said("get", "ci", "DB_HOST") == "db.EXAMPLE.org"


def test_what_an_editor_puts_beside_the_text_goes_too(vault: Vault) -> None:
    filled(vault)
    assert edit(vault, 'cp "$1" "$1~"; mkdir "$(dirname "$1")/undo"; cp "$1" "$(dirname "$1")/undo/x"').code == 0
    assert vault.left_in_memory() == []


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ('echo NEW=1 >>"$1"; exit 3', "ended with 3"),
        ('echo NEW=1 >>"$1"; kill -9 $$', "was ended by signal 9"),
    ],
)
def test_an_editor_that_fails_changes_nothing(vault: Vault, script: str, problem: str) -> None:
    before = filled(vault)
    editor = vault.editor(script)
    done = vault.secrets("edit", "ci", EDITOR=f"exec {editor}")
    assert done == Finished(1, "", f"jci: error: the editor `exec {editor}` {problem}: nothing is changed\n")
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])


def test_an_editor_that_takes_the_text_away_changes_nothing(vault: Vault) -> None:
    before = filled(vault)
    done = edit(vault, 'rm "$1"')
    assert done.code == 1
    assert done.err.endswith("ci.env`: No such file or directory\n")
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])


def test_there_has_to_be_an_editor(vault: Vault) -> None:
    before = filled(vault)
    done = vault.say([JCI, "secrets", "edit", "ci"], PATH="/nowhere")
    assert done == Finished(2, "", "jci: error: there is no editor; name one by the environment variable `EDITOR`\n")
    done = vault.secrets("edit", "ci", EDITOR="no-such-editor")
    assert (done.code, done.out) == (1, "")
    assert done.err.endswith("jci: error: the editor `no-such-editor` ended with 127: nothing is changed\n")
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("half a secret", "line 6 is neither `KEY=value` nor a comment, which begins with `#`; a newline of a value is written `\\n`"),
        ("export A=1", "`export A` is no name for a variable; leave out the `export`"),
        ("<<<<<<< HEAD", "line 6 is a conflict marker of git"),
    ],
)
def test_without_a_terminal_a_line_that_is_none_is_an_error(vault: Vault, line: str, problem: str) -> None:
    before = filled(vault)
    assert edit(vault, f"echo '{line}' >>\"$1\"") == Finished(2, "", f"jci: error: {problem}\n")
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])


def on_a_terminal(vault: Vault, script: str, answers: bytes) -> tuple[int, str]:
    """Exit code, and what is shown."""
    ours, theirs = pty.openpty()
    environment = vault.environment | {"EDITOR": vault.editor(script)}
    process = subprocess.Popen(
        [JCI, "secrets", "edit", "ci"], cwd=vault.path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    os.write(ours, answers)
    shown = b""
    try:
        while some := os.read(ours, 1000):
            shown += some
    except OSError:  # how a terminal ends
        pass
    os.close(ours)
    return process.wait(DEADLINE), shown.decode()


def test_on_a_terminal_a_line_that_is_none_may_be_edited_again(vault: Vault) -> None:
    filled(vault)
    once = vault.scratch / "once"
    script = f'if [ -e "{once}" ]; then sed -i s/nonsense/NEW=1/ "$1"; else touch "{once}"; echo nonsense >>"$1"; fi'
    code, shown = on_a_terminal(vault, script, b"y\n")
    assert code == 0
    assert "jci: line 6 is neither" in shown
    assert "Edit again? Otherwise the changes are lost. [Y/n]" in shown
    assert vault.said("get", "ci", "NEW") == "1"


def test_on_a_terminal_one_may_give_up(vault: Vault) -> None:
    before = filled(vault)
    code, shown = on_a_terminal(vault, 'echo nonsense >>"$1"', b"n\n")
    assert code == 2
    assert shown.count("line 6 is neither") == 2
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])


# ---- what ends it from outside


class Editing:
    """`jci secrets edit` while its editor has the text open, until `go_on`."""

    def __init__(self, vault: Vault) -> None:
        self.open = vault.scratch / "open"
        self.go_on = vault.scratch / "go on"
        os.mkfifo(self.go_on)
        editor = vault.editor(f'echo TOKEN=plain-secret >>"$1"; cp "$1" "$1.swp"; echo "$1" >"{self.open}.new"; mv "{self.open}.new" "{self.open}"; cat "{self.go_on}"')
        environment = vault.environment | {"EDITOR": editor}
        hears_all = ["env", "--default-signal=HUP"]  # also where these tests run below nohup
        self.process = subprocess.Popen([*hears_all, JCI, "secrets", "edit", "ci"], cwd=vault.path, env=environment, start_new_session=True)
        until(self.open.exists)
        self.text = Path(self.open.read_text().strip())
        assert "TOKEN=plain-secret" in self.text.read_text()

    def end(self) -> int:
        with self.go_on.open("w"):
            pass
        return self.process.wait(DEADLINE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_in_the_clear_is_left_when_jci_is_killed(vault: Vault, number: signal.Signals) -> None:
    before = filled(vault)
    editing = Editing(vault)
    assert str(editing.text).startswith(str(vault.memory))
    editing.process.send_signal(number)
    assert editing.process.wait(DEADLINE) == -number
    until(lambda: vault.left_in_memory() == [])  # the editor is still there, and holds nothing
    editing.end()
    assert (vault.enc.read_bytes(), vault.left_in_memory()) == (before, [])
    assert vault.files_with("plain-secret") == [vault.scratch / "my editor"]  # which writes it


def test_nothing_in_the_clear_is_left_when_all_of_the_terminal_is_killed(vault: Vault) -> None:
    before = filled(vault)
    editing = Editing(vault)
    os.killpg(editing.process.pid, signal.SIGKILL)
    assert editing.process.wait(DEADLINE) == -signal.SIGKILL
    until(lambda: vault.left_in_memory() == [])
    assert vault.enc.read_bytes() == before


def test_ctrl_c_is_the_editors(vault: Vault) -> None:
    filled(vault)
    editing = Editing(vault)
    editing.process.send_signal(signal.SIGINT)
    editing.process.send_signal(signal.SIGQUIT)
    assert editing.end() == 0
    assert vault.said("get", "ci", "TOKEN") == "plain-secret"


def test_an_edit_in_vain_does_not_keep_others_from_reading(vault: Vault) -> None:
    filled(vault)
    editing = Editing(vault)
    assert vault.said("get", "ci", "EMPTY") == ""
    assert editing.end() == 0


def test_without_a_place_in_memory_nothing_is_written(vault: Vault) -> None:
    filled(vault)
    scratch = str(vault.scratch)
    read_only = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/dev/shm", "/dev/shm", "--bind", scratch, scratch]
    done = vault.say([*read_only, JCI, "secrets", "edit", "ci"], EDITOR="false", XDG_RUNTIME_DIR="/")
    if done.err.startswith("bwrap"):
        pytest.skip(f"/dev/shm cannot be made read-only: {done.err.strip()}")
    assert done == Finished(
        1,
        "",
        "jci: error: neither `$XDG_RUNTIME_DIR` nor `/dev/shm` is kept in memory, and secrets in the clear must not reach a disk; mount a tmpfs "
        "there, or use `jci secrets set`\n",
    )
