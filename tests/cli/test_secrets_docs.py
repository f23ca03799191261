# SPDX-License-Identifier: MIT
"""The commands of docs/secrets.md, one after the other in one repository, as they stand."""

from __future__ import annotations

import re

from project import ROOT
from vault import AGE_A, Vault, make_vault

__all__ = ["make_vault"]

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_of_the_document_works(vault: Vault) -> None:
    blocks = BLOCK.findall((ROOT / "docs/secrets.md").read_text())
    [dotenv] = [text for language, text in blocks if language == "dotenv"]
    commands = [text for language, text in blocks if language in ("sh", "bash")]
    assert len(blocks) == len(commands) + 1
    assert len(commands) > 6
    vault.key.unlink()
    vault.add_scripts()
    vault.write("example", dotenv)
    vault.write("deploy_key.pem", "-----BEGIN KEY-----\nabc\n-----END KEY-----\n")
    vault.write(".env", "export FROM_DOTENV='yes'\n")
    vault.git("commit", "-q", "--allow-empty", "-m", "Start")
    editor = vault.editor('[ -s "$1" ] || cp example "$1"')
    script = "set -euo pipefail\n" + "".join(f"echo '== {number}'\n{text}" for number, text in enumerate(commands))
    done = vault.say(["bash", "-c", script], EDITOR=editor)
    assert done.code == 0, done.out + done.err
    said = dict(enumerate(part.split("\n", 1)[1] for part in done.out.split("== ")[1:]))
    assert vault.values() == {
        "DB_HOST": "db.example.org",
        "DB_PASSWORD": "s3cret",
        "CERTIFICATE": "line one\nline two",
        "DEPLOY_KEY": "-----BEGIN KEY-----\nabc\n-----END KEY-----\n",
        "FROM_DOTENV": "yes",
    }
    assert said[2].startswith("DB_HOST\nDB_PASSWORD\nCERTIFICATE\nDEPLOY_KEY\ns3cret")
    assert said[3] == "the password has 6 characters\n"
    assert "+DB_PASSWORD=s3cret\n" in said[max(said)]


def test_the_document_shows_what_is_in_a_key_and_a_file(vault: Vault) -> None:
    text = (ROOT / "docs/secrets.md").read_text()
    vault.secrets("keygen", "new")
    assert "first line of its file" in text
    assert (vault.path / "secrets/new.key").read_text().startswith("# public key: age1")
    vault.set_all({"A": "1"})
    assert "behind `recipient=`" in text
    assert f"_recipient={AGE_A}\n" in vault.enc.read_text()
