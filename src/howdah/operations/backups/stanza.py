"""The stanza: the repository's notes on which database it holds."""

import shutil

from howdah.foundation.errors import CommandFailed
from howdah.foundation.rendering.pgbackrest import STANZA, servers_of
from howdah.foundation.settings import Settings
from howdah.operations.backups.program import BackupProgramFailed, pgbackrest

ANOTHER_DATABASE = frozenset({28, 44, 51, 58})
"""Exit codes of pgBackRest when database and repository do not belong together."""


def make_stanza(settings: Settings) -> None:
    """Note in the repository which database it holds; does nothing when it says so already.

    Raises CommandFailed when it holds another one, BackupProgramFailed when it cannot be read.
    """
    try:
        pgbackrest(settings, "stanza-create")
    except BackupProgramFailed as failure:
        if failure.details["exit_code"] not in ANOTHER_DATABASE:
            raise
        raise CommandFailed(
            "the repository holds the backups of another database, so nothing can be archived",
            hint="name another folder (or bucket) in backup.path; to go back to what the "
            "repository holds, `howdah restore` does that",
        ) from failure


def forget_spool(settings: Settings) -> None:
    """Delete pgBackRest's notes of a database that is no more.

    They say "archived" of segments by their names alone, and a new database has the same names.
    """
    for server in servers_of(settings.topology, settings.layout):
        notes = settings.layout.spool / server.node / "archive" / STANZA
        if notes.exists():
            shutil.rmtree(notes)
