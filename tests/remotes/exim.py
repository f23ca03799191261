# SPDX-License-Identifier: MIT
"""Debian's Exim on loopback, as a process of this user: TLS, logins, and a mailbox that all mails end in.

The program is in build/peers, where `./dev test` puts it: its package would start a server for the whole machine.
"""

from __future__ import annotations

import email.policy
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from git_servers import answers
from project import until

PROGRAM = shutil.which("exim4", path=f"{Path(__file__).resolve().parents[2] / 'build/peers'}:/usr/sbin")
NOBODY = 65534

CONFIGURATION = """
primary_hostname = mail.example.org
spool_directory = {scratch}/spool
log_file_path = {scratch}/%slog
pid_file_path = {scratch}/pid
exim_user = {user}
exim_group = {user}
deliver_drop_privilege
never_users =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {ports}
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = {scratch}/certificate.pem
tls_privatekey = {scratch}/key.pem
auth_advertise_hosts = ${{if eq {{$tls_in_cipher}}{{}}{{}}{{*}}}}
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = check_rcpt
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
begin acl
check_rcpt:
  deny !authenticated = *
       message = only for those who log in
  deny local_parts = nobody
       message = nobody is not here
  accept
begin authenticators
{mechanism}:
  driver = plaintext
  public_name = {mechanism}
  server_prompts = {prompts}
  server_condition = ${{if and {{{{eq {{{login}}}{{ci@example.org}}}}{{eq {{{password}}}{{s3cret}}}}}}}}
  server_set_id = {login}
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = {scratch}/mail
  maildir_format
  user = {user}
  group = {user}
  envelope_to_add
"""
MECHANISMS = {
    "PLAIN": {"prompts": ":", "login": "$auth2", "password": "$auth3"},
    "LOGIN": {"prompts": "<| Username: | Password:", "login": "$auth1", "password": "$auth2"},
}


@dataclass
class Exim:
    port: int
    scratch: Path

    @property
    def certificate(self) -> Path:
        return self.scratch / "certificate.pem"

    def mails(self, count: int) -> list[EmailMessage]:
        """One for each recipient, as soon as there are so many."""
        delivered = self.scratch / "mail/new"
        until(lambda: delivered.exists() and len(list(delivered.iterdir())) >= count)
        parser = BytesParser(policy=email.policy.default)
        found = [parser.parsebytes(mail.read_bytes()) for mail in delivered.iterdir()]
        assert len(found) == count
        return found

    @property
    def log(self) -> str:
        return (self.scratch / "mainlog").read_text()


def _identities(scratch: Path, user: int) -> dict[str, str]:
    """Debian's Exim looks for a user of this name and starts for nobody without it."""
    (scratch / "passwd").write_text(f"root:x:0:0::/:/bin/sh\nDebian-exim:x:{user}:{user}::/:/bin/sh\n")
    (scratch / "group").write_text(f"root:x:0:\nDebian-exim:x:{user}:\n")
    return {
        "LD_PRELOAD": "libnss_wrapper.so",
        "NSS_WRAPPER_PASSWD": str(scratch / "passwd"),
        "NSS_WRAPPER_GROUP": str(scratch / "group"),
    }


@contextmanager
def exim(scratch: Path, port: int, *, mechanism: str = "PLAIN", implicit_tls: bool = False) -> Iterator[Exim]:
    """`scratch` is a directory that everybody may enter, with key.pem and certificate.pem in it."""
    assert PROGRAM is not None
    user = os.getuid() or NOBODY
    if os.getuid() == 0:
        for path in (scratch, *scratch.iterdir()):
            os.chown(path, user, user)
    (scratch / "spool").mkdir()
    os.chown(scratch / "spool", user, -1)
    ports = f"{port} : 465" if implicit_tls else f"{port}"
    configuration = scratch / "exim.conf"
    configuration.write_text(CONFIGURATION.format(scratch=scratch, user=user, ports=ports, mechanism=mechanism, **MECHANISMS[mechanism]))
    configuration.chmod(0o644)
    with (scratch / "said").open("wb") as said, subprocess.Popen(
        [PROGRAM, "-C", str(configuration), "-bdf"],
        env=os.environ | _identities(scratch, user),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=said,
    ) as server:
        try:
            until(lambda: answers(port) or server.poll() is not None)
            assert server.poll() is None, (scratch / "said").read_text()
            yield Exim(port, scratch)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, 15)
            server.wait()
            with suppress(ProcessLookupError):  # its children may still write their last words into `scratch`
                os.killpg(server.pid, 9)
