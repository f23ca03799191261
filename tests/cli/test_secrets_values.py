# SPDX-License-Identifier: MIT
"""`jci secrets get`, `set`, `list`, `exec`, `env` and `import`: what goes in comes out, byte for byte, and is seen by nobody on the way."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from project import DEADLINE, JCI, Finished, until
from vault import KEY_A, Vault, make_vault

__all__ = ["make_vault"]

VALUES = {
    "PLAIN": "s3cret",
    "EMPTY": "",
    "EQUALS": "a=b==c=",
    "HASH": "one #two # three",
    "QUOTES": "\"double\" 'single' `tick`",
    "SHELL": "$HOME ${HOME} $(id) \\ ! * ; & |",
    "SPACES": "  before and after\t ",
    "LINES": "-----BEGIN KEY-----\nabc=\n\n-----END KEY-----\n",
    "NEWLINE_ONLY": "\n\n",
    "CARRIAGE": "dos\r\nline\r",
    "BACKSLASH": "C:\\new\\table",
    "UNICODE": "héllo ✓ 日本 \U0001f511",
    "NOT_UTF8": "\udcff\udcfe!",
    "LONG": "x" * 100_000,
}


def test_values_come_back_as_they_were_set(vault: Vault) -> None:
    vault.set_all(VALUES)
    assert {name: vault.said("get", "ci", name) for name in VALUES} == VALUES
    assert vault.said("list", "ci") == "".join(f"{name}\n" for name in VALUES)
    assert vault.values() == VALUES


def test_nothing_of_a_value_is_in_the_file(vault: Vault) -> None:
    vault.set_all({"TOKEN": "s3cret-value", "OTHER": "s3cret-value"})
    lines = vault.enc.read_text().splitlines()
    assert [line.split("=")[0] for line in lines] == [
        "TOKEN",
        "OTHER",
        "sops_age__list_0__map_enc",
        "sops_age__list_0__map_recipient",
        "sops_lastmodified",
        "sops_mac",
        "sops_unencrypted_suffix",
        "sops_version",
    ]
    assert all(re.fullmatch(r"\w+=ENC\[AES256_GCM,data:[\w+/=]{16},iv:[\w+/=]{44},tag:[\w+/=]{24},type:str\]", line) for line in lines[:2])
    assert vault.files_with("s3cret-value") == []


def test_the_newline_that_ends_a_single_line_is_no_part_of_the_value(vault: Vault) -> None:
    for given, kept in {"one\n": "one", "one": "one", "\n": "", "one\ntwo\n": "one\ntwo\n", "one\r\n": "one\r"}.items():
        vault.set_all({"KEY": given})
        assert vault.said("get", "ci", "KEY") == kept


def test_setting_what_is_there_leaves_the_file_as_it_is(vault: Vault) -> None:
    vault.set_all(VALUES)
    before = vault.enc.read_bytes(), vault.enc.stat().st_ino
    vault.set_all(VALUES)
    assert (vault.enc.read_bytes(), vault.enc.stat().st_ino) == before


def test_setting_one_variable_touches_no_line_of_another(vault: Vault) -> None:
    before = vault.use_sample("a-3.13.2.enc").decode().splitlines()
    vault.set_all({"DB_PASS": "new"})
    after = vault.enc.read_text().splitlines()
    changed = [new.split("=")[0] for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["DB_PASS", "sops_lastmodified", "sops_mac"]


def test_a_name_that_is_not_there_is_guessed(vault: Vault) -> None:
    vault.set_all({"DB_PASSWORD": "x", "DB_USER": "y"})
    assert vault.secrets("get", "ci", "DB_PASSWROD") == Finished(
        2, "", "jci: error: there is no `DB_PASSWROD` in `secrets/ci.enc`; did you mean `DB_PASSWORD`?\n"
    )
    assert vault.secrets("get", "ci", "ZEBRA") == Finished(
        2, "", "jci: error: there is no `ZEBRA` in `secrets/ci.enc`; `jci secrets list ci` lists them\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("2ND", "x", "`2ND` is no name for a variable; it has letters, digits and `_`, and no space around it"),
        ("A B", "x", "`A B` is no name for a variable; it has letters, digits and `_`, and no space around it"),
        ("export A", "x", "`export A` is no name for a variable; leave out the `export`"),
        ("sops_mac", "x", "`sops_mac` cannot be a variable: names that begin with `sops_` are SOPS's own"),
        ("A", "a\0b", "the value of `A` has a NUL byte, which no variable can have"),
    ],
)
def test_what_no_environment_can_have_is_refused(vault: Vault, name: str, value: str, problem: str) -> None:
    before = vault.use_sample("a-3.13.2.enc")
    assert vault.secrets("set", "ci", name, stdin=value) == Finished(2, "", f"jci: error: {problem}\n")
    assert vault.enc.read_bytes() == before


def test_secrets_are_found_from_a_directory_below(vault: Vault) -> None:
    vault.set_all({"KEY": "value"})
    vault.write("deep/down/file", "")
    assert vault.secrets("get", "ci", "KEY", where="deep/down") == Finished(0, "value", "")


def test_set_reads_a_terminal_without_showing_what_is_typed(vault: Vault) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [JCI, "secrets", "set", "ci", "TOKEN"], cwd=vault.path, env=vault.environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    shown = b""
    while not shown.endswith(b"Value of TOKEN: "):
        shown += os.read(ours, 1000)
    os.write(ours, b"typed-secret\n")
    assert process.wait(DEADLINE) == 0
    os.close(theirs)
    assert rest_of(ours) == b"\r\n"
    assert vault.said("get", "ci", "TOKEN") == "typed-secret"


def test_ctrl_c_at_the_question_leaves_the_terminal_as_it_was(vault: Vault) -> None:
    ours, theirs = pty.openpty()
    before = subprocess.run(["stty", "-g"], stdin=theirs, capture_output=True, check=True).stdout
    process = subprocess.Popen(
        [JCI, "secrets", "set", "ci", "TOKEN"], cwd=vault.path, env=vault.environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    shown = b""
    while not shown.endswith(b"Value of TOKEN: "):
        shown += os.read(ours, 1000)
    process.send_signal(signal.SIGINT)
    assert process.wait(DEADLINE) == -signal.SIGINT
    assert subprocess.run(["stty", "-g"], stdin=theirs, capture_output=True, check=True).stdout == before
    os.close(theirs)
    os.close(ours)
    assert not vault.enc.exists()


def rest_of(terminal: int) -> bytes:
    shown = b""
    try:
        while some := os.read(terminal, 1000):
            shown += some
    except OSError:  # how a terminal ends
        pass
    os.close(terminal)
    return shown


# ---- exec and env


def test_exec_becomes_the_command(vault: Vault) -> None:
    vault.set_all({"A": "one", "B": "two words"})
    done = vault.secrets("exec", "ci", "--", "sh", "-c", 'cat; echo "$A,$B,$1"; echo err >&2; exit 7', "x", "--help", stdin="in,")
    assert done == Finished(7, "in,one,two words,--help\n", "err\n")


def test_exec_ends_by_the_signal_that_its_command_does(vault: Vault) -> None:
    vault.set_all({"A": "one"})
    assert vault.secrets("exec", "ci", "--", "sh", "-c", "kill -TERM $$").code == -signal.SIGTERM


def test_exec_puts_secrets_before_what_is_set_already(vault: Vault) -> None:
    vault.set_all({"A": "of the file"})
    assert vault.secrets("exec", "ci", "--", "printenv", "A", "PLAIN", A="of the caller", PLAIN="stays").out == "of the file\nstays\n"


def test_exec_says_when_there_is_no_such_command(vault: Vault) -> None:
    vault.set_all({"A": "one"})
    assert vault.secrets("exec", "ci", "--", "no-such-command") == Finished(
        1, "", "jci: error: cannot start `no-such-command`: No such file or directory\n"
    )
    assert vault.secrets("exec", "ci") == Finished(2, "", "jci: error: COMMAND is required; see `jci secrets exec --help`\n")


# Says where a value is to be seen in the command lines of all processes; has it from its environment only.
SEEN = """
import os, pathlib
for entry in pathlib.Path("/proc").iterdir():
    try:
        line = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
    except OSError:
        continue
    if os.environb[b"TOKEN"] in line:
        print(line)
print("looked")
"""


def test_values_are_on_no_command_line(vault: Vault) -> None:
    vault.set_all({"TOKEN": "never-on-a-command-line"})
    assert vault.said("exec", "ci", "--", sys.executable, "-c", SEEN) == "looked\n"
    vault.write("look.py", SEEN)
    script = f'eval "$({JCI} secrets env ci)" && exec {sys.executable} look.py'
    assert vault.say(["sh", "-c", script]) == Finished(0, "looked\n", "")


def test_a_value_is_on_no_command_line_while_it_is_set(vault: Vault) -> None:
    process = subprocess.Popen([JCI, "secrets", "set", "ci", "TOKEN"], cwd=vault.path, env=vault.environment, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"never-on-a-command-line")
    process.stdin.flush()
    proc = Path(f"/proc/{process.pid}")
    until(lambda: b"\0TOKEN\0" in (proc / "cmdline").read_bytes())
    assert b"never-on" not in (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
    process.stdin.close()
    assert process.wait(DEADLINE) == 0


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_back_what_env_prints(vault: Vault, shell: str) -> None:
    vault.set_all(VALUES)
    dump = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(os.environb[n.encode()] for n in sys.argv[1:]))"
    script = f'eval "$("$0" secrets env ci)" && exec {sys.executable} -c "{dump}" "$@"'
    done = vault.say([shell, "-c", script, JCI, *VALUES])
    assert (done.code, done.err) == (0, "")
    assert dict(zip(VALUES, done.out.split("\0"), strict=True)) == VALUES


def test_env_prints_a_line_for_each_variable(vault: Vault) -> None:
    vault.set_all({"A": "it's", "EMPTY": "", "LINES": "one\ntwo"})
    assert vault.said("env", "ci") == "export A='it'\\''s'\nexport EMPTY=''\nexport LINES='one\ntwo'\n"


# ---- import

DOTENV = """\
# a comment
export A=1
B = two words   # a remark
C='as $it \\n is'
D="line one\\nline two \\"quoted\\""
E="over
two lines"

F=
A=3
"""


def test_import_takes_over_a_plain_file(vault: Vault) -> None:
    vault.set_all({"OLD": "stays", "B": "goes"})
    vault.write(".env", DOTENV)
    assert vault.said("import", "ci", ".env") == "7 variables imported into `secrets/ci.enc`\n"
    assert vault.values() == {
        "OLD": "stays",
        "B": "two words",
        "A": "3",
        "C": "as $it \\n is",
        "D": 'line one\nline two "quoted"',
        "E": "over\ntwo lines",
        "F": "",
    }
    assert (vault.path / ".env").read_text() == DOTENV


def test_import_reads_stdin(vault: Vault) -> None:
    assert vault.said("import", "ci", "-", stdin="A=1\n") == "1 variable imported into `secrets/ci.enc`\n"
    assert vault.values() == {"A": "1"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("A=1\nhalf a secret\n", "line 2: there is no `=` in it"),
        ("A=1\n\nB='never closed\n", "line 4: a quote is not closed"),
        ("A=1\n9B=2\n", "line 2: `9B` is no name for a variable"),
    ],
)
def test_import_takes_all_or_nothing(vault: Vault, text: str, problem: str) -> None:
    vault.set_all({"OLD": "stays"})
    before = vault.enc.read_bytes()
    vault.write(".env", text)
    assert vault.secrets("import", "ci", ".env") == Finished(2, "", f"jci: error: `.env` cannot be imported: {problem}\n")
    assert vault.enc.read_bytes() == before


def test_import_says_when_there_is_no_file(vault: Vault) -> None:
    assert vault.secrets("import", "ci", ".env") == Finished(1, "", "jci: error: cannot read `.env`: No such file or directory\n")
    assert not vault.enc.exists()


# ---- at once


def test_of_changes_at_the_same_time_none_is_lost(vault: Vault) -> None:
    names = [f"KEY_{number}" for number in range(24)]
    calls = [
        subprocess.Popen([JCI, "secrets", "set", "ci", name], cwd=vault.path, env=vault.environment, stdin=subprocess.PIPE) for name in names
    ]
    for call, name in zip(calls, names, strict=True):  # each waits for its value: from now on all are busy
        assert call.stdin is not None
        call.stdin.write(name.encode())
        call.stdin.close()
    assert [call.wait(DEADLINE) for call in calls] == [0] * len(calls)
    assert vault.values().keys() == set(names)


def test_the_key_may_come_from_the_environment(vault: Vault) -> None:
    vault.set_all({"KEY": "value"})
    vault.key.unlink()
    assert vault.said("get", "ci", "KEY", SOPS_AGE_KEY=KEY_A) == "value"
    elsewhere = vault.scratch / "keys.txt"
    elsewhere.write_text(f"# mine\n{KEY_A}\n")
    elsewhere.chmod(0o644)
    assert vault.said("get", "ci", "KEY", SOPS_AGE_KEY_FILE=str(elsewhere)) == "value"
