"""`python3 greeter.pyz URL_FILE`: serve greetings over HTTP and write where to `URL_FILE`."""

from __future__ import annotations

import os
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from greeter import greet


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        try:
            status, text = 200, greet(query["name"][0], query.get("language", ["en"])[0])
        except KeyError as missing:
            status, text = 404, f"unknown: {missing}"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def own_address() -> str:
    """In a container the one by which others of its network reach it."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


def main() -> None:
    host = os.environ.get("GREETER_HOST") or own_address()
    server = ThreadingHTTPServer((host, 0), Handler)  # any free port: two runs at once must not collide
    url = f"http://{host}:{server.server_port}"
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(url)
    os.rename(sys.argv[1] + ".new", sys.argv[1])  # whole or not at all
    print("serving at", url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
