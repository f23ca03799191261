# SPDX-License-Identifier: MIT
"""`jci secrets textconv`: what git shows of encrypted files."""

from __future__ import annotations

import pytest
from project import JCI, Finished
from vault import KEY_A, KEY_B, SAMPLES, Vault, make_vault

__all__ = ["make_vault"]


@pytest.fixture(name="told")
def tell_git(vault: Vault) -> Vault:
    """A vault whose git asks `jci`, with one commit."""
    vault.write(".gitattributes", "*.enc diff=jci-secrets\n")
    vault.git("config", "diff.jci-secrets.textconv", f"{JCI} secrets textconv")
    vault.secrets("keygen", "other")  # for its .gitignore
    vault.set_all({"HOST": "one.example.org", "LINES": "a\nb", "SAME": "same"})
    vault.commit()
    return vault


def changes(diff: str) -> list[str]:
    """Its lines without git's header."""
    return [line for line in diff.splitlines() if not line.startswith(("diff ", "index ", "--- ", "+++ ", "@@"))]


def test_git_diff_shows_variables_in_the_clear(told: Vault) -> None:
    told.set_all({"HOST": "two.example.org", "NEW": "1"})
    assert changes(told.git("diff")) == ["-HOST=one.example.org", "+HOST=two.example.org", " LINES=a\\nb", " SAME=same", "+NEW=1"]


def test_git_log_and_show_do_as_well_and_for_old_keys_too(told: Vault) -> None:
    told.set_all({"SAME": "other"})
    told.secrets("rotate", "ci")
    told.commit("Change a secret")
    assert changes(told.git("show", "--format=")) == [" HOST=one.example.org", " LINES=a\\nb", "-SAME=same", "+SAME=other"]
    assert "+SAME=other" in told.git("log", "-p")


def test_from_a_directory_below_the_keys_are_found(told: Vault) -> None:
    told.set_all({"SAME": "other"})
    told.write("deep/file", "")
    diff = told.say(["git", "diff"], where="deep")
    assert changes(diff.out) == [" HOST=one.example.org", " LINES=a\\nb", "-SAME=same", "+SAME=other"]


def test_without_a_key_git_diff_shows_encrypted_lines(told: Vault) -> None:
    told.set_all({"SAME": "other"})
    told.use_key(KEY_B)
    lines = [line for line in changes(told.git("diff")) if line[1:].startswith(("HOST", "SAME"))]
    assert [line.split(",data:")[0] for line in lines] == [" HOST=ENC[AES256_GCM", "-SAME=ENC[AES256_GCM", "+SAME=ENC[AES256_GCM"]


def test_a_new_recipient_alone_changes_no_variable(told: Vault) -> None:
    told.secrets("rotate", "ci")
    assert changes(told.git("diff")) == []


def test_any_key_beside_the_file_opens_it(vault: Vault) -> None:
    vault.use_sample("a-3.8.1.enc")
    vault.write("secrets/third.key", KEY_A).chmod(0o600)
    vault.use_key(KEY_B)
    plain = (SAMPLES / "plain.env").read_text()
    assert vault.secrets("textconv", "secrets/ci.enc") == Finished(0, plain, "")


@pytest.mark.parametrize(
    "text", ["", "no file of SOPS\n", "<<<<<<< HEAD\nA=1\n=======\n>>>>>>> other\n", "A=ENC[AES256_GCM,data:x]\nsops_mac=\nsops_lastmodified=\n"]
)
def test_what_cannot_be_opened_is_shown_as_it_is(vault: Vault, text: str) -> None:
    vault.write("secrets/odd.enc", text)
    assert vault.secrets("textconv", "secrets/odd.enc") == Finished(0, text, "")


def test_a_tampered_file_is_shown_as_it_is(vault: Vault) -> None:
    text = vault.use_sample("bad-plain-changed.enc").decode()
    assert vault.secrets("textconv", "secrets/ci.enc") == Finished(0, text, "")


def test_a_key_that_others_may_read_is_not_used(vault: Vault) -> None:
    text = vault.use_sample("a-3.8.1.enc").decode()
    vault.key.chmod(0o644)
    assert vault.secrets("textconv", "secrets/ci.enc") == Finished(0, text, "")
