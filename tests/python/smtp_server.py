# SPDX-License-Identifier: MIT
"""A small mail server on loopback: STARTTLS, AUTH PLAIN and LOGIN, and what goes wrong with servers."""

from __future__ import annotations

import base64
import email
import email.message
import email.policy
import socketserver
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType


@dataclass
class Delivered:
    """One mail, as the server took it."""

    sender: str
    recipients: list[str]
    raw: bytes
    encrypted: bool
    login: tuple[str, str] | None

    @property
    def message(self) -> email.message.EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """Its plain text."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


def make_certificate(directory: Path) -> Path:
    """A self-signed certificate for `localhost`, 127.0.0.1 and 0.0.0.0, with its key in the same file."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:0.0.0.0"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    (directory / "both.pem").write_text(key.read_text() + certificate.read_text())
    return certificate


class _Session(socketserver.StreamRequestHandler):
    server: SmtpServer  # type: ignore[assignment]

    def handle(self) -> None:
        self.encrypted = False
        self.login: tuple[str, str] | None = None
        self.sender, self.recipients = "", list[str]()
        try:
            if self.server.implicit_tls:
                self.encrypt()
            if self.server.hangs:
                self.server.closing.wait()
                return
            self.say("220 test server")
            while line := self.rfile.readline():
                if not self.answer(line.decode().strip()):
                    return
        except OSError:
            pass  # the client has gone
        finally:
            self.connection.close()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.server.certificate
        context.load_cert_chain(self.server.certificate.with_name("both.pem"))
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.encrypted = True

    def answer(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        verb = verb.upper()
        self.server.commands.append(verb)
        if verb == "EHLO":
            self.greet()
        elif verb == "STARTTLS":
            self.say("220 go on")
            self.encrypt()
        elif verb == "AUTH":
            self.authenticate(rest)
        elif verb == "MAIL":
            self.sender, self.recipients = rest.partition("<")[2].partition(">")[0], []
            self.say("250 ok")
        elif verb == "RCPT":
            self.recipients.append(rest.partition("<")[2].partition(">")[0])
            self.say("250 ok")
        elif verb == "DATA":
            self.take()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            self.say("500 unknown")
        return True

    def greet(self) -> None:
        self.say("250-test")
        if self.server.certificate and not self.encrypted:
            self.say("250-STARTTLS")
        elif self.server.users:
            self.say("250-AUTH PLAIN LOGIN")
        self.say("250 8BITMIME")

    def ask(self, question: str) -> str:
        self.say("334 " + base64.b64encode(question.encode()).decode())
        return self.rfile.readline().decode().strip()

    def authenticate(self, how: str) -> None:
        if how.startswith("PLAIN"):
            sent = how[6:] or self.ask("")
            _, user, password = base64.b64decode(sent).decode().split("\0")
        else:
            user, password = (base64.b64decode(self.ask(part)).decode() for part in ("Username:", "Password:"))
        if self.server.users.get(user) == password:
            self.login = (user, password)
            self.say("235 ok")
        else:
            self.say(f"535 5.7.8 no: {user} {password}")  # a server that tells too much

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.server.refusal:
            self.say(self.server.refusal)
            return
        mail = Delivered(self.sender, self.recipients, b"".join(lines), self.encrypted, self.login)
        self.server.delivered.append(mail)
        self.say("250 taken")


@dataclass
class SmtpServer:
    """Serves while its `with` lasts. Offers STARTTLS where it has a certificate, and AUTH where it has users."""

    certificate: Path | None = None
    users: dict[str, str] = field(default_factory=dict)
    implicit_tls: bool = False
    hangs: bool = False
    refusal: str = ""
    at: int = 0
    delivered: list[Delivered] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> SmtpServer:
        self._server = _Listener(self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, owner: SmtpServer) -> None:
        self._owner = owner
        super().__init__(("127.0.0.1", owner.at), _Session)

    def finish_request(self, request: object, client_address: object) -> None:
        _Session(request, client_address, self._owner)  # type: ignore[arg-type]
