# SPDX-License-Identifier: MIT
"""An ssh server on loopback, as a program: lets one key in and runs what it asks for; a line for each login in `logins`.

python3 ssh_server.py DIRECTORY: makes keys and `known_hosts` in it; prints its port.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

with warnings.catch_warnings():  # it names ciphers that nobody should use any longer
    warnings.simplefilter("ignore")
    import asyncssh


async def serve(directory: Path) -> None:
    async def run(process: Any) -> None:
        with (directory / "logins").open("a") as logins:
            logins.write(f"{process.command}\n")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        child = await asyncio.create_subprocess_shell(process.command, **pipes)
        await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
        code = await child.wait()
        await process.stdout.drain()
        process.exit(code)

    host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    user.write_private_key(str(directory / "id"))
    user.write_public_key(str(directory / "authorized"))
    (directory / "id").chmod(0o600)
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host], authorized_client_keys=str(directory / "authorized"), process_factory=run, encoding=None
    )
    port = server.sockets[0].getsockname()[1]
    (directory / "known_hosts").write_text(f"[127.0.0.1]:{port} {host.export_public_key().decode()}")
    print(port, flush=True)
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
