# SPDX-License-Identifier: MIT
"""What `jci secrets` says when a key, a file or the disk is not what it has to be, and that it then leaves the file alone."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest
from project import JCI, Finished
from vault import AGE_A, KEY_A, KEY_B, Vault, make_vault

__all__ = ["make_vault"]

CANNOT = "jci: error: `secrets/ci.enc` cannot be opened: "
READS = [["get", "ci", "DB_HOST"], ["list", "ci"], ["env", "ci"], ["exec", "ci", "--", "true"]]
WRITES = [["set", "ci", "DB_HOST"], ["edit", "ci"], ["import", "ci", "-"], ["rotate", "ci"], ["add-recipient", "ci", AGE_A]]


def refused_by_all(vault: Vault, problem: str) -> None:
    before = vault.enc.read_bytes()
    for command in READS + WRITES:
        assert vault.secrets(*command, stdin="A=1\n", EDITOR="false") == Finished(2, "", f"jci: error: {problem}\n"), command
    assert vault.enc.read_bytes() == before
    assert vault.left_in_memory() == []


# ---- keys


def test_a_wrong_key(vault: Vault) -> None:
    vault.use_sample("a-3.13.2.enc")
    vault.use_key(KEY_B)
    refused_by_all(
        vault,
        f"`secrets/ci.enc` cannot be opened: the key is wrong; it opens for `{AGE_A}`; ask one who has such a key for it, or to say `jci secrets "
        "add-recipient ci` with the public key of yours",
    )


def test_no_key(vault: Vault) -> None:
    vault.use_sample("a-3.13.2.enc")
    vault.key.unlink()
    refused_by_all(
        vault,
        f"`secrets/ci.enc` cannot be opened: there is no key; it opens for `{AGE_A}`; put one into `secrets/ci.key`, or into `SOPS_AGE_KEY`",
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_that_others_may_read(vault: Vault, mode: int) -> None:
    vault.use_sample("a-3.13.2.enc")
    vault.key.chmod(mode)
    refused_by_all(
        vault,
        f"others may read the key in `secrets/ci.key`, whose mode is {mode:04o}: say `chmod 600 secrets/ci.key`, and `jci secrets rotate` with a "
        "new key if anybody did",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no key in it"),
        ("# public key: age1\n", "there is no key in it"),
        (KEY_A[:-1] + "q", "line 1: it is no key; one begins with `AGE-SECRET-KEY-1`"),
        (f"# mine\n{KEY_A[:-4]}\n", "line 2: it is no key; one begins with `AGE-SECRET-KEY-1`"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "line 1: it is a key of ssh, or is itself encrypted, which only `age` reads"),
        ("AGE-PLUGIN-YUBIKEY-1XXXX\n", "line 1: it is a key of a plugin, which only `age` reads"),
    ],
)
def test_a_damaged_key(vault: Vault, text: str, problem: str) -> None:
    vault.use_sample("a-3.13.2.enc")
    vault.key.write_text(text)
    refused_by_all(vault, f"`secrets/ci.key`: {problem}")


# ---- files


def test_no_file(vault: Vault) -> None:
    for command in (*READS, ["rotate", "ci"], ["add-recipient", "ci", AGE_A]):
        assert vault.secrets(*command) == Finished(2, "", "jci: error: there is no `secrets/ci.enc`; `jci secrets edit ci` makes it\n")
    assert not vault.enc.exists()


def test_a_name_that_is_a_path(vault: Vault) -> None:
    for name in ("../ci", "a/b", ".", "..", "", "-"):
        done = vault.secrets("list", "--", name)
        assert done == Finished(
            2, "", f"jci: error: `{name}` cannot be the name of an environment; use letters, digits, `_`, `-` and dots\n"
        )


TAMPERED = [
    ("a value", "DB_HOST=ENC[AES256_GCM,data:", "DB_HOST=ENC[AES256_GCM,data:AAAA", "the value of `DB_HOST` was changed, or belongs to another name or file: take the line back from git's history"),
    ("a name", "DB_HOST=", "DB_HOSE=", "the value of `DB_HOSE` was changed, or belongs to another name or file: take the line back from git's history"),
    ("a value cut off", "type:str]\nDB_PASS", "type:st\nDB_PASS", "`DB_HOST` is not encrypted, or its encrypted value is cut off: take the line out and add it by `jci secrets`"),
    ("a value in the clear", "EMPTY=", "EMPTY=full", "`EMPTY` is not encrypted, or its encrypted value is cut off: take the line out and add it by `jci secrets`"),
    ("a plain value", "PLAIN_unencrypted=visible", "PLAIN_unencrypted=changed", "lines were changed, moved or removed without the key: take the file back from git's history"),
    ("the MAC", "sops_mac=ENC[AES256_GCM,data:", "sops_mac=ENC[AES256_GCM,data:AAAA", "its `sops_mac` or `sops_lastmodified` was changed: take the file back from git's history"),
    ("the MAC taken out", "sops_mac=", "sops_cam=", "it is no dotenv file that SOPS encrypted: there is no `sops_mac` in it"),
    ("the time", "sops_lastmodified=20", "sops_lastmodified=19", "its `sops_mac` or `sops_lastmodified` was changed: take the file back from git's history"),
    ("a line that is none", "DB_HOST=", "half a line\nDB_HOST=", "line 2 is neither `KEY=value` nor a comment, which begins with `#`; a newline of a value is written `\\n`"),
    ("a wrapped key", "\\nYWdl", "\\nYWdm", "it is no age file"),
    ("parts", "sops_version=", "sops_shamir_threshold=2\nsops_version=", "it uses `sops_shamir_threshold`, which only `sops` can handle"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "problem"), TAMPERED, ids=[row[0] for row in TAMPERED])
def test_a_tampered_file(vault: Vault, what: str, old: str, new: str, problem: str) -> None:
    del what
    text = vault.use_sample("a-3.13.2.enc").decode()
    assert old in text
    vault.enc.write_text(text.replace(old, new, 1))
    refused_by_all(vault, f"`secrets/ci.enc` cannot be opened: {problem}")


@pytest.mark.parametrize("name", ["bad-line-removed.enc", "bad-plain-changed.enc", "bad-renamed.enc"])
def test_what_sops_refuses(vault: Vault, name: str) -> None:
    vault.use_sample(name)
    done = vault.secrets("list", "ci")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(CANNOT)


def test_two_lines_that_changed_places(vault: Vault) -> None:
    vault.set_all({"A": "1", "B": "2"})
    first, second, *rest = vault.enc.read_text().splitlines(keepends=True)
    vault.enc.write_text("".join([second, first, *rest]))
    assert vault.secrets("list", "ci").err == CANNOT + "lines were changed, moved or removed without the key: take the file back from git's history\n"


def test_a_value_of_another_file_with_the_same_key(vault: Vault) -> None:
    vault.set_all({"A": "1"})
    ours = vault.enc.read_text()
    vault.enc.unlink()
    vault.set_all({"A": "2"})
    theirs = vault.enc.read_text()
    vault.enc.write_text("".join([ours.splitlines(keepends=True)[0], *theirs.splitlines(keepends=True)[1:]]))
    assert vault.secrets("list", "ci").err.startswith(CANNOT + "the value of `A` was changed, or belongs to another name or file")


def test_a_conflict_that_git_left(vault: Vault) -> None:
    vault.secrets("keygen", "other")
    vault.set_all({"A": "base"})
    vault.commit()
    vault.git("switch", "-qc", "theirs")
    vault.set_all({"A": "theirs"})
    vault.commit()
    vault.git("switch", "-q", "main")
    vault.set_all({"A": "ours"})
    vault.commit()
    assert vault.say(["git", "-c", "user.name=A", "-c", "user.email=a@b", "merge", "theirs"]).code == 1
    refused_by_all(
        vault,
        "`secrets/ci.enc` cannot be opened: line 1 is a conflict marker of git; take one side whole, by `git checkout --ours -- secrets/ci.enc` "
        "or `--theirs`, and make the other's changes again by `jci secrets edit ci`",
    )
    vault.git("checkout", "--ours", "--", "secrets/ci.enc")
    assert vault.values() == {"A": "ours"}


def test_a_file_that_is_none(vault: Vault) -> None:
    vault.enc.write_bytes(b"\x00\xff" * 1000)
    assert vault.secrets("list", "ci").code == 2
    vault.enc.unlink()
    vault.enc.mkdir()
    assert vault.secrets("list", "ci") == Finished(1, "", "jci: error: cannot read `secrets/ci.enc`: Is a directory\n")


# ---- disks


def full(vault: Vault, command: list[str]) -> Finished:
    """Runs it where no file can grow beyond 100 bytes; jci is not told by a signal, as on a full disk."""
    done = subprocess.run(
        [JCI, "secrets", *command],
        cwd=vault.path,
        env=vault.environment | {"EDITOR": "sh -c 'echo B=2 >\"$1\"' x"},
        input="B=1\n",
        capture_output=True,
        text=True,
        check=False,
        restore_signals=False,  # Python ignores SIGXFSZ
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", [["set", "ci", "NEW"], ["edit", "ci"], ["import", "ci", "-"], ["rotate", "ci"]], ids=lambda it: it[0])
def test_no_space_for_the_file(vault: Vault, command: list[str]) -> None:
    vault.set_all({"A": "1"})
    before = vault.enc.read_bytes()
    assert full(vault, command) == Finished(1, "", "jci: error: cannot write `secrets/ci.enc`: File too large\n")
    assert vault.enc.read_bytes() == before
    assert sorted(file.name for file in vault.enc.parent.iterdir()) == ["ci.enc", "ci.key"]
    assert vault.left_in_memory() == []


def test_no_space_for_a_key(vault: Vault) -> None:
    done = full(vault, ["keygen", "new"])
    assert done == Finished(1, "", "jci: error: cannot write `secrets/new.key`: No space left on device\n")
    assert not (vault.path / "secrets/new.key").exists()


def test_a_full_disk(vault: Vault) -> None:
    """The same on a real one, of 12 kB, by a process that alone sees it."""
    vault.set_all({"A": "1"})
    before = vault.enc.read_bytes()
    kept = vault.scratch / "kept"
    kept.mkdir()
    script = f"""
        mount -t tmpfs -o size=12k none secrets || exit 99
        cp -p {kept}/* secrets/ || exit 98
        head -c 1000000 /dev/zero >secrets/filler 2>/dev/null
        {JCI} secrets set ci NEW <"$0"; code=$?
        cp secrets/ci.enc {vault.scratch}/after
        ls secrets >{vault.scratch}/names
        exit $code
    """
    for file in (vault.enc, vault.key):
        subprocess.run(["cp", "-p", file, kept], check=True)
    value = Path(vault.scratch / "value")
    value.write_text("v" * 5000)
    done = vault.say(["unshare", "--mount", "sh", "-c", script, str(value)])
    if done.code in (1, 99) and "jci" not in done.err:
        pytest.skip(f"no disk can be mounted here: {done.err.strip()}")
    assert done == Finished(1, "", "jci: error: cannot write `secrets/ci.enc`: No space left on device\n")
    assert (vault.scratch / "after").read_bytes() == before
    assert (vault.scratch / "names").read_text().split() == ["ci.enc", "ci.key", "filler"]


def test_output_that_nobody_can_take(vault: Vault) -> None:
    vault.set_all({"A": "1"})
    with open("/dev/full", "w") as full_device:
        for command in (["get", "ci", "A"], ["env", "ci"], ["list", "ci"], ["textconv", "secrets/ci.enc"]):
            done = subprocess.run(
                [JCI, "secrets", *command], cwd=vault.path, env=vault.environment, stdout=full_device, stderr=subprocess.PIPE, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (1, "jci: error: cannot write to `stdout`: No space left on device\n"), command


# ---- usage


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ([], "A subcommand is required; see `jci secrets --help`"),
        (["get"], "ENV is required; see `jci secrets get --help`"),
        (["get", "ci"], "KEY is required; see `jci secrets get --help`"),
        (["get", "ci", "A", "B"], "The following argument was not expected: B; see `jci secrets get --help`"),
        (["rotate", "ci", "--with", "x"], "The following arguments were not expected: x --with; see `jci secrets rotate --help`"),
    ],
)
def test_wrong_usage(vault: Vault, command: list[str], problem: str) -> None:
    assert vault.secrets(*command) == Finished(2, "", f"jci: error: {problem}\n")
