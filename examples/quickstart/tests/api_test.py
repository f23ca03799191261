"""Talks to the running service, whose address it finds in the file named on the command line."""

import os
import sys
import time
import urllib.request


def address(path: str) -> str:
    deadline = time.monotonic() + 20
    while not os.path.exists(path):
        if time.monotonic() > deadline:
            sys.exit(f"no service wrote its address to {path}")
        time.sleep(0.02)
    with open(path) as file:
        return file.read()


with urllib.request.urlopen(f"{address(sys.argv[1])}/?name=Ada&language=hi", timeout=10) as answer:
    text = answer.read().decode()
print("the service says:", text)
assert text == "Namaste, Ada!", text
