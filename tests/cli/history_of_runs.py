"""Writes a history as a run leaves it: rows, logs and locks."""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = re.findall(r'R"\((.*?)\)"', (ROOT / "src/jci/history/schema.cpp").read_text(), re.DOTALL)
START = 1_700_000_000_000_000  # 2023-11-14 22:13:20 UTC, in microseconds
SHA = "edcb193bae" + "0" * 30


class History:
    def __init__(self, state: Path, repository: Path) -> None:
        self.state = state / "jaypore"
        self.repository = repository
        self.state.mkdir(parents=True)
        self.locks: list[IO[str]] = []
        self.database = sqlite3.connect(self.state / "history.db", isolation_level=None)
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.executescript("".join(SCHEMA))
        self.database.execute(f"PRAGMA user_version = {len(SCHEMA)}")

    def directory(self, run: str) -> Path:
        return self.state / "runs" / run

    def run(self, run: str, status: str = "PASSED", *, minute: int = 0, sha: str = SHA, **columns: Any) -> None:
        """A run of 75 seconds (unless RUNNING) that began that many minutes after START."""
        started = START + minute * 60_000_000
        row = {
            "pipe_id": run, "repo_root": str(self.repository), "sha": sha, "branch": "main",
            "remote": "https://example.org/x.git", "subject": "Add a thing", "executor": "shell",
            "config": "cicd/cicd.py", "workspace": "/work", "dirty": 0, "started_at": started,
            "ended_at": None if status == "RUNNING" else started + 75_000_000, "status": status,
        }
        self.insert("runs", row | columns)
        self.directory(run).mkdir(parents=True)

    def job(self, run: str, name: str, status: str = "PASSED", log: bytes = b"", streams: str = "", **columns: Any) -> None:
        row: dict[str, Any] = {
            "run": self.database.execute("SELECT id FROM runs WHERE pipe_id = ?", [run]).fetchone()[0],
            "name": name, "stage": "Pipeline", "image": "x", "is_service": 0, "depends_on": json.dumps([]), "status": status,
        }
        row["job"] = self.database.execute("SELECT count(*) FROM jobs WHERE run = ?", [row["run"]]).fetchone()[0]
        if status in ("PASSED", "FAILED"):
            row |= {"outcome": "exited", "code": int(status == "FAILED"), "started_at": START, "took_ns": 1_500_000_000, "run_id": "4711"}
        self.insert("jobs", row | columns)
        if log:
            (self.directory(run) / f"{name}.log").write_bytes(log)
        if streams:
            (self.directory(run) / f"{name}.streams").write_text(streams)

    def insert(self, table: str, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        self.database.execute(f"INSERT INTO {table}({', '.join(row)}) VALUES({marks})", list(row.values()))

    def hold_lock(self, run: str) -> None:
        """As the process of a run that goes on does."""
        lock = (self.directory(run) / "lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        self.locks.append(lock)

    def close(self) -> None:
        self.database.close()
        for lock in self.locks:
            lock.close()
