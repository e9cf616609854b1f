"""What drills do to the archive and to what they made themselves, and how each is undone.

Nothing of the repository is deleted or overwritten: its folder is closed, a segment is set aside
within it, a configuration is rendered otherwise. Everything here may be done twice without harm.
"""

import re
import shutil
from pathlib import Path

import psycopg
from psycopg import sql

from howdah.foundation.errors import CommandFailed, Conflict, Unavailable
from howdah.foundation.processes.accounts import POSTGRESQL, own
from howdah.foundation.rendering.pgbackrest import STANZA, repository_path, servers_of
from howdah.foundation.settings import Settings
from howdah.operations.drills.tenant import PREFIX
from howdah.operations.restores.clone import CloneServer, stop
from howdah.operations.restores.folder import RestoreFolder
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

ASIDE = "drill-aside"
"""Folder of the repository in which segments wait to be put back."""
COPY = "drilled"
"""Folder of the home; short, for it holds a socket."""
TABLE_PREFIX = "drill_"
WRONG_PASSPHRASE = "this-is-not-the-passphrase-of-the-repository"  # noqa: S105  (wrong on purpose)
CLOSED_MODE, OPEN_MODE = 0o000, 0o750


def repository_folder(settings: Settings) -> Path:
    """The repository's folder on this machine."""
    return Path(repository_path(settings.topology, settings.layout))


def close_repository(settings: Settings) -> None:
    """Nobody may enter the repository's folder any more, as if its disk were away."""
    repository_folder(settings).chmod(CLOSED_MODE)


def open_repository(settings: Settings, _: str) -> None:
    """Enter it as before."""
    own(repository_folder(settings), POSTGRESQL, OPEN_MODE)


def spoil_passphrase(settings: Settings) -> None:
    """Have every pgBackRest use another passphrase than the repository's."""
    _set_passphrase(settings, WRONG_PASSPHRASE)


def mend_passphrase(settings: Settings, _: str) -> None:
    """The right one again, from the home's secrets."""
    _set_passphrase(settings, settings.secret("repository_key"))


def _set_passphrase(settings: Settings, passphrase: str) -> None:
    layout = settings.layout
    nodes = ["", *(server.node for server in servers_of(settings.topology, layout))]
    line = f"repo1-cipher-pass={passphrase}"
    for node in nodes:
        path = layout.pgbackrest_configuration(node)
        before = path.read_text(encoding="utf-8")
        text = re.sub(r"^repo1-cipher-pass=.*$", lambda _: line, before, flags=re.MULTILINE)
        partial = path.with_name(f".{path.name}.drill")
        partial.touch(mode=0o600)
        partial.write_text(text, encoding="utf-8")
        own(partial, POSTGRESQL, 0o600)
        partial.replace(path)


def find_segment(settings: Settings, archive_id: str, segment: str) -> str:
    """The file of a segment, as a path below the repository. Raises CommandFailed."""
    folder = repository_folder(settings)
    below = folder / "archive" / STANZA / archive_id / segment[:16]
    found = [
        path for path in below.glob(f"{segment}-*") if not path.name.endswith(".pgbackrest.tmp")
    ]
    if len(found) != 1:
        raise CommandFailed(f"the archive holds {len(found)} files of segment {segment}")
    return str(found[0].relative_to(folder))


def take_segment_away(settings: Settings, file: str) -> None:
    """Set a segment's file aside, on the same disk."""
    folder = repository_folder(settings)
    (folder / ASIDE).mkdir(exist_ok=True)
    own(folder / ASIDE, POSTGRESQL, 0o700)
    (folder / file).rename(folder / ASIDE / Path(file).name)


def put_segment_back(settings: Settings, file: str) -> None:
    """Where it was. Raises Conflict when something else is there now."""
    folder = repository_folder(settings)
    aside = folder / ASIDE / Path(file).name
    if aside.exists():
        if (folder / file).exists():
            raise Conflict(
                f"{folder / file} is there again, and so is {aside}",
                hint="compare the two and delete the one that is set aside when they are alike",
            )
        aside.rename(folder / file)
    if (folder / ASIDE).is_dir() and not any((folder / ASIDE).iterdir()):
        (folder / ASIDE).rmdir()


def copy_folder(settings: Settings) -> Path:
    """Where a drill restores to."""
    return settings.home / COPY


def discard_copy(settings: Settings, _: str) -> None:
    """Stop the server of a restored copy, if it runs, and delete the copy."""
    folder = copy_folder(settings)
    if folder.exists():
        stop(CloneServer(RestoreFolder(folder), port=0), "immediate")
        shutil.rmtree(folder)


def make_table(settings: Settings, name: str, rows: int) -> None:
    """A table of the drill's own."""
    with connect_directly(settings, SUPERUSER) as connection, connection.transaction():
        table = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE TABLE {} (id integer PRIMARY KEY)").format(table))
        connection.execute(
            sql.SQL("INSERT INTO {} SELECT generate_series(1, {})").format(table, sql.Literal(rows))
        )


def drop_table(settings: Settings, name: str) -> int:
    """Drop it; returns the transaction that did."""
    _require_ours(name)
    with connect_directly(settings, SUPERUSER) as connection, connection.transaction():
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
        row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    assert row is not None
    return int(row[0]) & 0xFFFFFFFF


def remove_table(settings: Settings, name: str) -> None:
    """The same as a repair: whatever is left of it goes. Raises Unavailable."""
    _require_ours(name)
    with connect_directly(settings, SUPERUSER) as connection:
        try:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.Error as failure:
            why = str(failure).strip().partition("\n")[0]
            raise Unavailable(f"the table {name} could not be dropped ({why})") from failure


def table_name(slug: str) -> str:
    """The table of the drill with that organization."""
    return TABLE_PREFIX + slug.removeprefix(PREFIX).replace("-", "_")


def _require_ours(name: str) -> None:
    if not name.startswith(TABLE_PREFIX):
        raise ValueError(f"{name} is no table of a drill")
