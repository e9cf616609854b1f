"""A copy from a backup: a server of its own beside the live one, which notices nothing of it.

Unlike what a dump restores it has production's bloat and statistics, and its load is not on the
live server. It is reached through its socket alone, under a name that no live database has.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import psycopg
from psycopg import sql

from howdah.foundation.settings import Settings
from howdah.operations.backups.program import require_backups
from howdah.operations.migrations.scratch import PREFIX, leading_to
from howdah.operations.migrations.session import Report
from howdah.operations.restores import clone
from howdah.operations.restores.clone import CloneServer, RecoveryFailed, connect_clone
from howdah.operations.restores.folder import RestoreFolder
from howdah.operations.restores.into import RestorePlan, restore_into
from howdah.operations.restores.report import RestoreReport
from howdah.operations.restores.scratch import scratch_folder
from howdah.operations.restores.target import Target, moment_text
from howdah.operations.roles.provision import provision_roles

PLACE = "rehearsal"
START_SECONDS = 60.0
POLL_SECONDS = 0.1
LIBRARIES = ("pg_stat_statements", "pgaudit")
"""What extensions of the copy refuse to work without: one counts, the other has triggers."""
INSTALLED = "SELECT extname FROM pg_extension WHERE extname = ANY (%s) ORDER BY extname DESC"


@contextmanager
def restored_copy(
    settings: Settings, target: Target, report: Report
) -> Iterator[tuple[Settings, str]]:
    """Settings that lead to the copy, and what it is. Deleted at the end.

    Raises BackupsDisabled, CommandFailed while another rehearsal of this kind runs, and what a
    restore raises: OutsideWindow, CannotRestore, BackupProgramFailed, RecoveryFailed.
    """
    require_backups(settings)
    with scratch_folder(settings, PLACE, "rehearsal on a backup") as folder:
        port = settings.topology.ports.postgresql
        plan = RestorePlan(target, folder.path, start=True, port=port, within_home=True)
        done = restore_into(settings, plan, report)
        server = CloneServer(folder, port)
        copy = leading_to(_reached(settings, folder), f"{PREFIX}{uuid4().hex[:12]}")
        _rename(server, settings.topology.postgresql.database, copy.topology.postgresql.database)
        _load_libraries(server, copy.topology.postgresql.database)
        provision_roles(copy)  # with today's passwords, whatever they were then
        yield copy, _told(done)


def _reached(settings: Settings, folder: RestoreFolder) -> Settings:
    """One server, by its socket, whatever the topology of the original is."""
    topology = settings.topology
    postgresql = replace(topology.postgresql, host=str(folder.sockets))
    return replace(settings, topology=replace(topology, profile="solo", postgresql=postgresql))


def _rename(server: CloneServer, name: str, new: str) -> None:
    """A name that says what it is; only such a database is ever masked."""
    names = sql.Identifier(name), sql.Identifier(new)
    with connect_clone(server) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def _load_libraries(server: CloneServer, database: str) -> None:
    """Start again with the libraries that the copy's extensions need."""
    with connect_clone(server, database) as connection:
        names = [name for (name,) in connection.execute(INSTALLED, (list(LIBRARIES),)).fetchall()]
        chosen = sql.SQL(", ").join(map(sql.Identifier, names))
        if names:
            connection.execute(
                sql.SQL("ALTER SYSTEM SET shared_preload_libraries = {}").format(chosen)
            )
    clone.stop(server)
    clone.start(server)
    _await(server)


def _await(server: CloneServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connect_clone(server).close()
            return
        except psycopg.OperationalError as failure:
            if time.monotonic() > deadline:
                raise RecoveryFailed(
                    f"the restored server does not start again: {str(failure).strip()}",
                    hint=f"its log is {server.folder.log}",
                ) from failure
        time.sleep(POLL_SECONDS)


def _told(done: RestoreReport) -> str:
    """`the backup 20260302-020000F, with what was archived up to 2026-03-02 11:59:58+00`."""
    until = f", with what was archived up to {moment_text(done.reached_at)}" * bool(done.reached_at)
    return f"the backup {done.backup}{until}"
