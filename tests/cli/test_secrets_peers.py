# SPDX-License-Identifier: MIT
"""Files go both ways between `jci secrets` and those who knew the format before: recorded files of sops, and the package sops-age of npm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from npm import answer, installed
from vault import AGE_B, KEY_A, KEY_B, SAMPLES, Vault, make_vault

__all__ = ["make_vault"]


def plain_values() -> dict[str, str]:
    lines = (line for line in (SAMPLES / "plain.env").read_text().splitlines() if line and not line.startswith("#"))
    return {name: value.replace("\\n", "\n") for name, value in (line.split("=", 1) for line in lines)}


# ---- what sops wrote


@pytest.mark.parametrize(("name", "key"), [("a-3.8.1.enc", KEY_A), ("a-3.13.2.enc", KEY_A), ("ab-3.13.2.enc", KEY_A), ("ab-3.13.2.enc", KEY_B)])
def test_files_of_sops_are_read(vault: Vault, name: str, key: str) -> None:
    vault.use_sample(name)
    vault.use_key(key)
    assert vault.values() == plain_values()
    assert vault.said("textconv", "secrets/ci.enc") == (SAMPLES / "plain.env").read_text()


@pytest.mark.parametrize("name", ["a-3.8.1.enc", "a-3.13.2.enc", "ab-3.13.2.enc"])
def test_comments_order_and_notes_of_sops_stay(vault: Vault, name: str) -> None:
    before = vault.use_sample(name).decode()
    vault.set_all({"NEW": "last"})
    after = vault.enc.read_text()
    kept = [line for line in after.splitlines() if not line.startswith(("NEW=", "sops_mac=", "sops_lastmodified="))]
    assert kept == [line for line in before.splitlines() if not line.startswith(("sops_mac=", "sops_lastmodified="))]
    assert vault.said("textconv", "secrets/ci.enc") == (SAMPLES / "plain.env").read_text() + "NEW=last\n"


# ---- what sops-age reads


@pytest.fixture(name="sops_age", scope="module")
def install_sops_age() -> Path:
    return installed("sops")


Read = Callable[..., dict[str, str]]


@pytest.fixture(name="read")
def make_read(vault: Vault, sops_age: Path) -> Read:
    def read(key: str = KEY_A) -> dict[str, str]:
        return dict(answer(sops_age, "read.mjs", str(vault.enc), key))

    return read


VALUES = {
    "PLAIN": "s3cret",
    "EQUALS": "a=b==c=",
    "HASH": "one #two # three",
    "QUOTES": "\"double\" 'single' `tick`",
    "SPACES": "  before and after  ",
    "LINES": "-----BEGIN KEY-----\nabc=\n\n-----END KEY-----\n",
    "UNICODE": "héllo ✓ 日本 \U0001f511",
    "LONG": "x" * 5000,
}


def test_sops_age_reads_what_was_set(vault: Vault, read: Read) -> None:
    vault.set_all(VALUES)
    assert read() == VALUES


def test_sops_age_reads_what_was_edited_and_imported(vault: Vault, read: Read) -> None:
    editor = vault.editor('printf "# note\\nA=one\\\\\\\\ntwo\\nB=it is # 2\\n" >"$1"')
    assert vault.secrets("edit", "ci", EDITOR=editor).code == 0
    vault.said("import", "ci", "-", stdin='C="three\\n3"\nB=new\n')
    assert read() == {"A": "one\ntwo", "B": "new", "C": "three\n3"} == vault.values()


def test_sops_age_reads_a_file_of_sops_that_was_changed(vault: Vault, read: Read) -> None:
    vault.use_sample("a-3.13.2.enc")
    before = read()
    vault.set_all({"DB_PASS": "changed"})
    assert read() == before | {"DB_PASS": "changed"}


def test_sops_age_follows_who_may_read(vault: Vault, read: Read) -> None:
    vault.set_all(VALUES)
    vault.said("add-recipient", "ci", AGE_B)
    assert read(KEY_B) == read(KEY_A) == VALUES
    vault.said("rotate", "ci", "--without", AGE_B)
    assert read(KEY_A) == VALUES
    with pytest.raises(AssertionError):
        read(KEY_B)


def test_sops_age_takes_a_key_that_was_made_here(vault: Vault, read: Read) -> None:
    vault.key.unlink()
    vault.secrets("keygen", "ci")
    vault.set_all(VALUES)
    assert read(vault.key.read_text().splitlines()[-1]) == VALUES
