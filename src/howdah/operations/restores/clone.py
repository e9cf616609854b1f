"""The server of a restored database: configured to touch nothing but its own folder, recovered,
watched until it takes writes, stopped.

The source's configuration does not hold: not what lies in its data directory (Patroni's), nor what
ALTER SYSTEM set there. A copy that archived would put its own timeline into the repository, and the
next restore of production would follow it.
"""

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import (
    POSTGRESQL,
    account,
    as_account,
    command_line,
    own,
    running_as_root,
)
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.rendering.patroni import POSTGRESQL_BINARIES
from howdah.foundation.rendering.text import assignments, quoted
from howdah.foundation.settings import Settings
from howdah.operations.restores.folder import RestoreFolder, server_pid
from howdah.operations.restores.serverlog import LogReader, Recovered
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection

HEADER = (
    "Written by `howdah restore`: this server is a copy, it archives nothing and follows nobody."
)
MAP = "operators"
START_SECONDS = 20.0
STOP_SECONDS = 600.0
POLL_SECONDS = 0.1
AT_LEAST = {
    "max_connections": "max_connections setting",
    "max_worker_processes": "max_worker_processes setting",
    "max_wal_senders": "max_wal_senders setting",
    "max_prepared_transactions": "max_prepared_xacts setting",
    "max_locks_per_transaction": "max_locks_per_xact setting",
}
"""Parameters that must be at least the source's, and pg_controldata's names of them."""


class RecoveryFailed(CommandFailed):
    """The restored database could not be recovered."""


@dataclass(frozen=True)
class CloneServer:
    """Where a clone's server listens: its socket, and the loopback interface when wanted."""

    folder: RestoreFolder
    port: int
    listens: bool = False

    def start_command(self) -> list[str]:
        """What starts it by hand."""
        return _pg_ctl(self.folder, "start", "-l", str(self.folder.log))


def connect_clone(server: CloneServer, database: str = "postgres") -> Connection:
    """An autocommit connection as its superuser, by the socket: no password is needed there.

    Raises psycopg.OperationalError while it does not take connections.
    """
    return psycopg.connect(
        host=str(server.folder.sockets),
        port=server.port,
        user=SUPERUSER,
        dbname=database,
        application_name="howdah restore",
        connect_timeout=5,
        autocommit=True,
        prepare_threshold=None,
    )


def configure(settings: Settings, server: CloneServer) -> None:
    """Write the clone's own configuration beside its data directory."""
    folder = server.folder
    files = {
        "postgresql.conf": assignments(_parameters(settings, server), HEADER),
        "pg_hba.conf": f"# {HEADER}\nlocal all {SUPERUSER} peer map={MAP}\n"
        "local all all scram-sha-256\nhost all all samehost scram-sha-256\n",
        "pg_ident.conf": "".join(f"{MAP} {name} {SUPERUSER}\n" for name in _operators()),
    }
    for name, text in files.items():
        path = folder.configuration / name
        path.write_text(text, encoding="utf-8")
        own(path, POSTGRESQL, 0o600)


def _operators() -> list[str]:
    """Accounts of the system that may be its superuser through the socket."""
    return sorted({"root", POSTGRESQL, account(POSTGRESQL).name})


def _parameters(settings: Settings, server: CloneServer) -> dict[str, object]:
    folder, memory = server.folder, settings.topology.postgresql
    return {
        "data_directory": quoted(folder.data),
        "hba_file": quoted(folder.configuration / "pg_hba.conf"),
        "ident_file": quoted(folder.configuration / "pg_ident.conf"),
        "listen_addresses": quoted("127.0.0.1" if server.listens else ""),
        "port": server.port,
        "unix_socket_directories": quoted(folder.sockets),
        "archive_mode": "off",
        "primary_conninfo": "''",
        "primary_slot_name": "''",
        "synchronous_standby_names": "''",
        # Nobody reads while it recovers, so the source's limits need not be met on the way.
        "hot_standby": "off",
        "wal_level": "replica",
        # Extensions of the source want their libraries, pgaudit for every change of the schema.
        "shared_preload_libraries": quoted(_libraries(settings)),
        "shared_buffers": f"{memory.shared_buffers_mb}MB",
        "maintenance_work_mem": f"{memory.maintenance_work_mem_mb}MB",
        "max_wal_size": f"{memory.max_wal_size_mb}MB",
        "checkpoint_timeout": "15min",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "log_destination": "'stderr'",
        "logging_collector": "off",
        "log_line_prefix": "'%m [%p] '",
        "log_min_messages": "warning",
        "log_checkpoints": "on",
        "password_encryption": "'scram-sha-256'",
        **_limits(settings, folder.data),
    }


def _libraries(settings: Settings) -> str:
    return "pg_stat_statements,pgaudit" if settings.topology.clustered else "pg_stat_statements"


def _limits(settings: Settings, data: Path) -> dict[str, object]:
    own_limit = {"max_connections": settings.topology.postgresql.max_connections}
    text = run(
        as_account(POSTGRESQL, [f"{POSTGRESQL_BINARIES}/pg_controldata", str(data)]),
        env={"LANG": "C", "LC_ALL": "C"},
        cwd=Path("/"),
    )
    limits: dict[str, object] = {}
    for name, title in AT_LEAST.items():
        found = re.search(rf"^{title}:\s+(\d+)$", text, re.MULTILINE)
        limits[name] = max(int(found[1]) if found else 0, own_limit.get(name, 0))
    return limits


def start(server: CloneServer) -> None:
    """Start the server and return at once. Raises RecoveryFailed."""
    folder = server.folder
    folder.log.touch()
    own(folder.log, POSTGRESQL, 0o600)
    try:
        run(
            _pg_ctl(folder, "start", "-l", str(folder.log), "-W"),
            cwd=folder.path,
            env={"LANG": "C.UTF-8", "TZ": "UTC", "PATH": f"{POSTGRESQL_BINARIES}:/usr/bin:/bin"},
        )
    except ProcessFailed as failure:
        raise RecoveryFailed(
            f"the restored server does not start: {failure.message}",
            hint=f"its log is {folder.log}",
        ) from failure


def await_promotion(
    server: CloneServer, log: LogReader, show: Callable[[Recovered], None]
) -> Recovered:
    """Wait until it has recovered and takes writes; what its log says of the way.

    As long as it takes: a recovery ends or fails by itself. Raises RecoveryFailed with the reason.
    """
    patience = time.monotonic() + START_SECONDS
    while True:
        found = log.read()
        show(found)
        if server_pid(server.folder) is not None:
            patience = 0.0
            if _takes_writes(server):
                return log.read()
        elif time.monotonic() > patience:
            raise _failure(server.folder, log.read())
        time.sleep(POLL_SECONDS)


def _takes_writes(server: CloneServer) -> bool:
    try:
        with connect_clone(server) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,)
    except psycopg.OperationalError:
        return False


def _failure(folder: RestoreFolder, found: Recovered) -> RecoveryFailed:
    reasons = "".join(f"\n  {line}" for line in dict.fromkeys((*found.damage, *found.fatal)))
    where = f" after segment {found.newest_segment}" if found.newest_segment else ""
    return RecoveryFailed(
        f"the recovery failed{where}: PostgreSQL says{reasons or ' nothing'}",
        hint=f"its log is {folder.log}; `howdah backup check` looks for holes, "
        "`howdah backup verify` for damage",
        segment=found.newest_segment,
    )


def forget_recovery(server: CloneServer) -> None:
    """Take out what pgBackRest set for the recovery."""
    with connect_clone(server) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("CHECKPOINT")


def drop_foreign_settings(folder: RestoreFolder) -> None:
    """Of postgresql.auto.conf leave what pgBackRest wrote for the recovery.

    It would win over our postgresql.conf, whatever ALTER SYSTEM set at the source.
    """
    path = folder.data / "postgresql.auto.conf"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = [
        line
        for line in text.splitlines()
        if re.match(r"(restore_command|recovery_target\w*|archive_mode)\s*=", line)
    ]
    # The last one of a name holds, and pgBackRest writes at the end.
    last = {line.partition("=")[0].strip(): line for line in kept}
    path.write_text("".join(f"{line}\n" for line in last.values()), encoding="utf-8")
    own(path, POSTGRESQL, 0o600)


def stop(server: CloneServer, mode: str = "fast") -> None:
    """Stop it; does nothing when it does not run."""
    folder = server.folder
    if server_pid(folder) is None:
        with contextlib.suppress(OSError):
            (folder.data / "postmaster.pid").unlink()  # of a server that was killed
        return
    stopping = _pg_ctl(folder, "stop", "-m", mode, "-t", f"{STOP_SECONDS:.0f}")
    run(stopping, cwd=folder.path, timeout_seconds=STOP_SECONDS + 10)


def _pg_ctl(folder: RestoreFolder, *words: str) -> list[str]:
    program = [f"{POSTGRESQL_BINARIES}/pg_ctl", "-D", str(folder.configuration), *words]
    return as_account(POSTGRESQL, program)


def start_line(server: CloneServer) -> str:
    """The command that starts it, for a person."""
    command = [f"{POSTGRESQL_BINARIES}/pg_ctl", "-D", str(server.folder.configuration)]
    command += ["-l", str(server.folder.log), "start"]
    if running_as_root():
        command = ["runuser", "-u", POSTGRESQL, "--", *command]
    return command_line(command)
