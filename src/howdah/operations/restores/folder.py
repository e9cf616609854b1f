"""The folder of a restore: the database and everything of its server, and a note on how far it got.

DIR/restore.json   what is being restored, or was      DIR/data   the data directory
DIR/etc            its own configuration               DIR/run    its socket
DIR/server.log     its log, also of the recovery
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from howdah.foundation.processes.accounts import POSTGRESQL, own

RESTORING, RECOVERING, COMPLETE, FAILED = "restoring", "recovering", "complete", "failed"


@dataclass(frozen=True)
class RestoreFolder:
    """The paths in it."""

    path: Path

    @property
    def note(self) -> Path:
        """How far the restore got."""
        return self.path / "restore.json"

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "data"

    @property
    def configuration(self) -> Path:
        """postgresql.conf, pg_hba.conf and pg_ident.conf, which hold instead of the source's."""
        return self.path / "etc"

    @property
    def sockets(self) -> Path:
        """The socket directory."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.path / "server.log"

    @property
    def tablespaces(self) -> Path:
        """Where tablespaces go, so that none is written over the source's."""
        return self.path / "tablespaces"

    def socket(self, port: int) -> Path:
        """The server's socket."""
        return self.sockets / f".s.PGSQL.{port}"


@dataclass(frozen=True)
class Note:
    """What the note of a folder says."""

    state: str
    target: str
    backup: str
    begun_at: str
    at_work: bool
    """Whether the process that restores there is alive."""

    def __str__(self) -> str:
        return f"a restore to {self.target} from the backup {self.backup}, begun {self.begun_at}"


def write_note(folder: RestoreFolder, state: str, facts: Mapping[str, Any]) -> None:
    """Say how far it is; complete or not there."""
    me = psutil.Process()
    document = {
        **facts,
        "state": state,
        "changed_at": datetime.now(UTC).isoformat(),
        "pid": me.pid,
        "process_started": me.create_time(),
    }
    partial = folder.note.with_suffix(".new")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, default=str)
        file.flush()
        os.fsync(file.fileno())
    own(partial, POSTGRESQL, 0o644)
    partial.replace(folder.note)


def read_note(folder: RestoreFolder) -> Note | None:
    """What the note says; None when there is none that can be read."""
    try:
        document = json.loads(folder.note.read_text(encoding="utf-8"))
        return Note(
            state=document["state"],
            target=document["target"],
            backup=document["backup"],
            begun_at=document["begun_at"],
            at_work=_is_alive(document),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(document: Mapping[str, Any]) -> bool:
    pid = int(document["pid"])
    if pid == os.getpid():
        return False
    with contextlib.suppress(psutil.Error):
        return bool(psutil.Process(pid).create_time() == document["process_started"])
    return False


def make_folder(folder: RestoreFolder) -> None:
    """Make the folder and those in it, for the account of PostgreSQL alone."""
    folder.path.mkdir(parents=True, exist_ok=True)
    own(folder.path, POSTGRESQL, 0o700)
    for inner in (folder.data, folder.configuration, folder.sockets, folder.tablespaces):
        inner.mkdir(exist_ok=True)
        own(inner, POSTGRESQL, 0o700)


def folder_bytes(path: Path) -> int:
    """What the files below it hold; files that come and go meanwhile do not count."""
    total = 0
    for place, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def server_pid(folder: RestoreFolder) -> int | None:
    """The PID of the server that runs there, or None."""
    try:
        pid = int((folder.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        process = psutil.Process(pid)
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    with contextlib.suppress(psutil.Error):
        if process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE:
            return pid
    return None
