"""ARCHITECTURE.md says which room may include which; the code is held against it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(src/jci/(?:[a-z_]+/)*|bindings/python/)` \| .* \| (.*) \|$", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"](jci/[^>"]+)[>"]', re.MULTILINE)


def rooms() -> dict[str, set[str]]:
    """Room -> what it may include: rooms ("core") and single headers ("util/async.hpp")."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    return {
        room.rstrip("/"): {word.strip("` ") for word in allowed.split(",") if word.strip("` ")}
        for room, allowed in ROW.findall(text)
    }


def sources() -> list[Path]:
    found = [*ROOT.glob("src/**/*.[ch]pp"), *ROOT.glob("bindings/python/**/*.[ch]pp")]
    assert len(found) > 50, "the sources have moved; this test looks in the wrong place"
    return found


def target_room(header: str) -> str:
    parts = header.split("/")
    return parts[1] if len(parts) > 2 else ""


def breaks(room: str, header: str, allowed: set[str]) -> bool:
    inside = header.removeprefix("jci/")
    own = room.removeprefix("src/jci").strip("/")
    target = target_room(header)
    if header == "jci/version.hpp" or target == own:
        return False
    return target not in allowed and inside not in allowed


def test_every_folder_is_a_room_of_the_table() -> None:
    table = rooms()
    folders = {str(path.parent.relative_to(ROOT)) for path in sources()}
    assert folders <= set(table), "say in ARCHITECTURE.md what lives there and what it may include"


def test_no_include_breaks_the_table() -> None:
    table = rooms()
    broken = []
    for path in sources():
        room = str(path.parent.relative_to(ROOT))
        for header in INCLUDE.findall(path.read_text()):
            if breaks(room, header, table[room]):
                broken.append(f"{path.relative_to(ROOT)} includes {header}")
    assert broken == []


def test_the_rules_themselves_can_be_broken() -> None:
    assert breaks("src/jci/core", "jci/util/text.hpp", {"util/async.hpp"})
    assert breaks("src/jci/reporters", "jci/engine/engine.hpp", {"core", "util"})
    assert not breaks("src/jci/core", "jci/util/async.hpp", {"util/async.hpp"})
    assert not breaks("src/jci/engine", "jci/engine/signals.hpp", {"core", "util"})
