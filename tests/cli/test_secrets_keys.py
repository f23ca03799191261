# SPDX-License-Identifier: MIT
"""`jci secrets keygen`, `add-recipient` and `rotate`: who can read, and who cannot any more."""

from __future__ import annotations

import re
import subprocess

import pytest
from project import JCI, Finished
from vault import AGE_A, AGE_B, KEY_A, KEY_B, Vault, make_vault, mode_of

__all__ = ["make_vault"]

VALUES = {"TOKEN": "s3cret", "LINES": "one\ntwo", "EMPTY": ""}
NOT_FOR_A = (
    f"jci: error: `secrets/ci.enc` cannot be opened: the key is wrong; it opens for `{AGE_B}`; ask one who has such a key for it, or to say "
    "`jci secrets add-recipient ci` with the public key of yours\n"
)


def encrypted(vault: Vault) -> dict[str, str]:
    """The file's lines, by name."""
    return dict(line.split("=", 1) for line in vault.enc.read_text().splitlines())


# ---- keygen


@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_keygen_makes_a_key_that_only_its_owner_reads(vault: Vault, umask: str) -> None:
    done = vault.say(["sh", "-c", f"umask {umask}; exec {JCI} secrets keygen prod"])
    assert re.fullmatch(r"age1[a-z0-9]{58}\n", done.out)
    assert done == Finished(0, done.out, "`secrets/prod.key` is made: keep it out of git, and a copy of it in a safe place\n")
    key = vault.path / "secrets/prod.key"
    assert re.fullmatch(f"# public key: {done.out}AGE-SECRET-KEY-1[A-Z0-9]{{58}}\n", key.read_text())
    assert mode_of(key) == 0o600


def test_keygen_keeps_keys_out_of_git(vault: Vault) -> None:
    vault.secrets("keygen", "prod")
    vault.set_all({"A": "1"})
    vault.git("add", "-A")
    assert vault.git("ls-files").split() == ["secrets/.gitignore", "secrets/ci.enc"]


def test_keygen_makes_the_first_of_a_repository(vault: Vault) -> None:
    vault.key.unlink()
    vault.key.parent.rmdir()
    assert vault.secrets("keygen", "ci").code == 0
    vault.set_all(VALUES)
    assert vault.values() == VALUES


def test_keygen_never_replaces_a_key(vault: Vault) -> None:
    assert vault.secrets("keygen", "ci") == Finished(
        2,
        "",
        "jci: error: `secrets/ci.key` is there already; without it nothing that it encrypts can be read again, so it is not replaced\n",
    )
    assert vault.key.read_text() == KEY_A + "\n"


def test_two_keys_are_never_the_same(vault: Vault) -> None:
    assert vault.secrets("keygen", "one").out != vault.secrets("keygen", "two").out


# ---- add-recipient


def test_one_more_key_opens_the_file(vault: Vault) -> None:
    vault.set_all(VALUES)
    before = encrypted(vault)
    assert vault.said("add-recipient", "ci", AGE_B) == f"`secrets/ci.enc` opens for {AGE_B} too\n"
    after = encrypted(vault)
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == ["sops_age__list_1__map_enc", "sops_age__list_1__map_recipient"]
    for key in (KEY_A, KEY_B):
        vault.use_key(key)
        assert vault.values() == VALUES


def test_adding_a_key_twice_changes_nothing(vault: Vault) -> None:
    vault.set_all(VALUES)
    before = vault.enc.read_bytes()
    assert vault.said("add-recipient", "ci", AGE_A) == f"`secrets/ci.enc` opens for {AGE_A} already\n"
    assert vault.enc.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("age1xyz", "`age1xyz` is no recipient; one begins with `age1` and is made by `jci secrets keygen` or `age-keygen`"),
        (
            AGE_A[:-1] + "q",
            f"`{AGE_A[:-1]}q` is no recipient; one begins with `age1` and is made by `jci secrets keygen` or `age-keygen`",
        ),
        (
            "ssh-ed25519 AAAA",
            "keys of ssh are none of the kind that Jaypore CI encrypts for; `jci secrets keygen` or `age-keygen` make one",
        ),
    ],
)
def test_what_is_no_public_key_is_not_added(vault: Vault, text: str, problem: str) -> None:
    vault.set_all(VALUES)
    before = vault.enc.read_bytes()
    assert vault.secrets("add-recipient", "ci", text) == Finished(2, "", f"jci: error: {problem}\n")
    assert vault.enc.read_bytes() == before


def test_a_secret_key_is_not_taken_for_a_public_one_nor_shown(vault: Vault) -> None:
    vault.set_all(VALUES)
    for key in (KEY_B, KEY_B.lower()):
        assert vault.secrets("add-recipient", "ci", key) == Finished(
            2, "", "jci: error: that is a secret key, which nobody else may see; say its public key, `age1...`\n"
        )


# ---- rotate


def test_rotate_encrypts_all_anew(vault: Vault) -> None:
    vault.set_all(VALUES)
    vault.said("add-recipient", "ci", AGE_B)
    before = encrypted(vault)
    assert vault.said("rotate", "ci") == f"`secrets/ci.enc` is encrypted anew; it opens for\n  {AGE_A}\n  {AGE_B}\n"
    after = encrypted(vault)
    assert [name for name in before if after[name] == before[name] and "lastmodified" not in name] == [
        "EMPTY",
        "sops_age__list_0__map_recipient",
        "sops_age__list_1__map_recipient",
        "sops_unencrypted_suffix",
        "sops_version",
    ]
    for key in (KEY_A, KEY_B):
        vault.use_key(key)
        assert vault.values() == VALUES


def test_rotate_without_a_key_shuts_it_out(vault: Vault) -> None:
    vault.set_all(VALUES)
    vault.said("add-recipient", "ci", AGE_B)
    assert vault.said("rotate", "ci", "--without", AGE_A) == f"`secrets/ci.enc` is encrypted anew; it opens for\n  {AGE_B}\n"
    assert vault.secrets("list", "ci") == Finished(2, "", NOT_FOR_A)
    vault.use_key(KEY_B)
    assert vault.values() == VALUES


@pytest.mark.parametrize(
    ("without", "problem"),
    [
        ([AGE_A], "nobody would be left who can open it"),
        ([AGE_B], "`secrets/ci.enc` does not open for all that `--without` names"),
        (["age1xyz"], "`age1xyz` is no recipient; one begins with `age1` and is made by `jci secrets keygen` or `age-keygen`"),
    ],
)
def test_rotate_that_cannot_be_changes_nothing(vault: Vault, without: list[str], problem: str) -> None:
    vault.set_all(VALUES)
    before = vault.enc.read_bytes()
    assert vault.secrets("rotate", "ci", "--without", *without) == Finished(2, "", f"jci: error: {problem}\n")
    assert vault.enc.read_bytes() == before


def test_a_colleague_is_let_in_and_shut_out(vault: Vault) -> None:
    vault.set_all(VALUES)
    public = vault.secrets("keygen", "ada").out.strip()
    vault.said("add-recipient", "ci", public)
    mine, theirs = vault.key.read_text(), (vault.path / "secrets/ada.key").read_text()
    vault.key.write_text(theirs)
    vault.set_all({"TOKEN": "by ada"})
    vault.key.write_text(mine)
    assert vault.said("get", "ci", "TOKEN") == "by ada"
    vault.said("rotate", "ci", "--without", public)
    vault.key.write_text(theirs)
    assert vault.secrets("get", "ci", "TOKEN").code == 2


# ---- age itself


def test_age_reads_the_data_key_with_a_key_that_keygen_made(vault: Vault) -> None:
    vault.key.unlink()
    vault.secrets("keygen", "ci")
    vault.set_all(VALUES)
    wrapped = encrypted(vault)["sops_age__list_0__map_enc"].replace("\\n", "\n")
    opened = subprocess.run(["age", "-d", "-i", vault.key], input=wrapped.encode(), capture_output=True, check=True).stdout
    assert len(opened) == 32
    public = subprocess.run(["age-keygen", "-y", vault.key], capture_output=True, text=True, check=True).stdout
    assert vault.key.read_text().startswith(f"# public key: {public}")


def test_a_key_that_age_made_is_one(vault: Vault) -> None:
    vault.key.unlink()
    made = subprocess.run(["age-keygen", "-o", vault.key], capture_output=True, text=True, check=True)
    assert mode_of(vault.key) == 0o600
    vault.set_all(VALUES)
    assert vault.values() == VALUES
    public = made.stderr.removeprefix("Public key: ").strip()
    assert encrypted(vault)["sops_age__list_0__map_recipient"] == public


def test_a_data_key_that_age_wrapped_opens_the_file(vault: Vault) -> None:
    vault.set_all(VALUES)
    wrapped = encrypted(vault)["sops_age__list_0__map_enc"].replace("\\n", "\n")
    data_key = subprocess.run(["age", "-d", "-i", vault.key], input=wrapped.encode(), capture_output=True, check=True).stdout
    ours = subprocess.run(["age", "-a", "-r", AGE_B], input=data_key, capture_output=True, check=True).stdout.decode()
    text = vault.enc.read_text()
    for old, new in ((wrapped, ours), (AGE_A, AGE_B)):
        text = text.replace(old.replace("\n", "\\n"), new.replace("\n", "\\n"))
    vault.enc.write_text(text)
    vault.use_key(KEY_B)
    assert vault.values() == VALUES
