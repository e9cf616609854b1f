"""What must be right before a restore writes anything: all of it is looked at, and told at once."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.layout import LONGEST_SOCKET, SAFE_PATH
from howdah.foundation.processes.accounts import POSTGRESQL, as_account, running_as_root
from howdah.foundation.processes.ports import port_holder
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.rendering.pgbackrest import repository_path
from howdah.foundation.settings import Settings
from howdah.operations.restores.folder import (
    COMPLETE,
    RestoreFolder,
    folder_bytes,
    read_note,
    server_pid,
)
from howdah.operations.restores.window import Course

MARGIN_BYTES = 256 * 1024 * 1024
MARGIN = 1.05
LOOPBACK = "127.0.0.1"


class CannotRestore(CommandFailed):
    """The restore cannot be done as asked for."""


@dataclass(frozen=True)
class Place:
    """Where a restored database shall live."""

    folder: RestoreFolder
    port: int
    listens: bool
    """Whether the port is opened on the loopback interface, not only the socket of its name."""
    again: bool = False
    """Whether a finished restore in the folder may be replaced."""
    within_home: bool = False
    """Whether it is a place of the installation's own, for a restore that proves a backup."""


def check_all(find: Callable[[], Course], settings: Settings, place: Place) -> Course:
    """The course, when nothing speaks against it. Raises the one problem, or all of them.

    Nothing was written then.
    """
    failures: list[HowdahError] = []
    course = None
    try:
        course = find()
    except HowdahError as failure:
        failures.append(failure)
    problems = list(place_problems(settings, place))
    if course and not problems:
        problems += space_problems(place.folder, needed_bytes(course))
    if not failures and not problems and course:
        return course
    if failures and not problems:
        raise failures[0]
    raise _everything(failures, problems)


def _everything(failures: list[HowdahError], problems: list[str]) -> CannotRestore:
    sentences = [failure.message for failure in failures] + problems
    hints = [failure.hint for failure in failures if failure.hint]
    if len(sentences) == 1:
        return CannotRestore(sentences[0], hint="; ".join(hints) or None)
    lines = "".join(f"\n  {sentence}" for sentence in sentences)
    return CannotRestore(
        f"the restore cannot be done, for {len(sentences)} reasons:{lines}",
        hint="; ".join(hints) or None,
    )


def place_problems(settings: Settings, place: Place) -> Iterator[str]:
    """What speaks against the folder and the port, in sentences."""
    folder = place.folder
    path = folder.path
    if not SAFE_PATH.match(str(path)):
        yield f"{path} may hold only letters, digits and the characters _ . / + @ -"
        return
    longest = len(str(folder.socket(65535))) + len(".lock")
    if longest > LONGEST_SOCKET:
        yield f"{path} is {longest - LONGEST_SOCKET} characters too long for a socket in it"
    if not place.within_home:
        yield from _belongs_to_others(settings, path)
    yield from _occupied(place)
    yield from _unreachable(path)
    if place.listens and (holder := port_holder(LOOPBACK, place.port)):
        yield f"port {place.port} is taken by {holder}; name another one with --port"


def _belongs_to_others(settings: Settings, path: Path) -> Iterator[str]:
    """The installation and its repository: nothing is restored into, or over, them."""
    topology, layout = settings.topology, settings.layout
    taken = {"the installation": layout.home}
    if topology.backup.repository == "posix":
        taken["the repository"] = Path(repository_path(topology, layout))
    real = path.resolve()
    for title, other in taken.items():
        if real.is_relative_to(other.resolve()):
            yield f"{path} lies in {title} ({other}); name a folder outside of it"


def _occupied(place: Place) -> Iterator[str]:
    folder = place.folder
    path = folder.path
    if path.exists() and not path.is_dir():
        yield f"{path} is a file"
        return
    if not path.exists():
        return
    try:
        holds_something = any(path.iterdir())
    except OSError as problem:
        yield f"{path} cannot be looked into ({problem.strerror})"
        return
    note = read_note(folder)
    if note is None:
        if holds_something:
            yield f"{path} is not empty, and no restore of ours is in it"
        return
    if note.at_work:
        yield f"{note}, is at work in {path}; wait for it, or interrupt it"
    elif note.state == COMPLETE and not place.again:
        yield f"{path} holds {note}, finished; `--again` deletes it and restores anew"
    elif note.state == COMPLETE and server_pid(folder) is not None:
        yield f"the server of {note} runs in {path}; stop it first"


def _unreachable(path: Path) -> Iterator[str]:
    """Who runs PostgreSQL must be able to walk to the folder."""
    above = _existing(path)
    if not running_as_root():
        if not os.access(above, os.W_OK | os.X_OK):
            yield f"{above} may not be written to by this user"
        return
    try:
        run(as_account(POSTGRESQL, ["test", "-x", str(above)]), cwd=Path("/"))
    except ProcessFailed:
        yield f"the account {POSTGRESQL!r} cannot reach {above}: a folder on the way is closed"


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    return next(item for item in (path, *path.parents) if item.exists())


def needed_bytes(course: Course) -> int:
    """Room for the database, for what replaying its WAL adds at most, and some to spare."""
    return int(course.backup.database_bytes * MARGIN) + course.wal_bytes + MARGIN_BYTES


def space_problems(folder: RestoreFolder, needed: int) -> Iterable[str]:
    """What is there of an earlier try counts as free: it is written over."""
    above = _existing(folder.path)
    free = shutil.disk_usage(above).free + folder_bytes(folder.data)
    if free < needed:
        yield (
            f"{above} has {_gigabytes(free)} free, and the restore needs about {_gigabytes(needed)}"
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
