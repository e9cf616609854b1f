"""The log files of the programs."""

import time
from collections.abc import Iterator
from pathlib import Path

from howdah.foundation.errors import NotFound
from howdah.foundation.layout import Layout

TAIL_LINES = 15
TAIL_BYTES = 64 * 1024
POLL_SECONDS = 0.2


def new_lines(path: Path, since_byte: int, count: int = TAIL_LINES) -> list[str]:
    """The last lines written after `since_byte` (0 when the file was rotated meanwhile)."""
    if not path.exists():
        return []
    size = path.stat().st_size
    begin = since_byte if since_byte <= size else 0
    with path.open("rb") as file:
        file.seek(max(begin, size - TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()[-count:]


def log_file(layout: Layout, service: str) -> Path:
    """The log of a service. Raises NotFound when it has logged nothing yet."""
    path = layout.log_of(service)
    if path.parent != layout.logs or not path.is_file():
        known = sorted(item.stem for item in layout.logs.glob("*.log"))
        hint = f"there are logs of {', '.join(known)}" if known else "start it with `howdah up`"
        raise NotFound(f"there is no log of {service!r}", hint=hint)
    return path


def postgresql_log(layout: Layout, member: str) -> Path:
    """What PostgreSQL of a member of the cluster logs now, as JSON. Raises NotFound.

    Patroni, which runs it, has the log of the member's name.
    """
    folder = layout.member_logs(member)
    files = folder.glob("*.json") if folder.parent == layout.logs else ()
    newest = max(files, key=lambda file: file.stat().st_mtime, default=None)
    if newest is None:
        known = sorted(item.parent.name for item in layout.logs.glob("*/*.json"))
        members = ", ".join(dict.fromkeys(known))
        hint = f"there are logs of {members}" if known else "only members of a cluster have one"
        raise NotFound(f"there is no log of PostgreSQL of {member!r}", hint=hint)
    return newest


def follow(path: Path) -> Iterator[str]:
    """Lines as they are written, for ever; continues in the new file after a rotation."""
    with path.open(errors="replace") as file:
        file.seek(0, 2)
        inode = path.stat().st_ino
        while path.exists() and path.stat().st_ino == inode:
            line = file.readline()
            if line:
                yield line.rstrip("\n")
            else:
                time.sleep(POLL_SECONDS)
        yield from (line.rstrip("\n") for line in file)
    while not path.exists():
        time.sleep(POLL_SECONDS)
    yield from follow(path)
