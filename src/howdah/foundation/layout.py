"""Where everything of one installation lies below its home. Pure: paths only."""

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

SAFE_PATH = re.compile(r"^/[A-Za-z0-9_./+@-]*$")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own in it, its owner checked)
LONGEST_SOCKET = 107
"""Bytes that the path of a Unix socket may have (sockaddr_un)."""


@dataclass(frozen=True)
class Layout:
    """The folders and files below `home`."""

    home: Path

    @property
    def marker(self) -> Path:
        """Says that this folder is a home, by its owner whose, and which profile it has."""
        return self.home / ".howdah"

    @property
    def configuration(self) -> Path:
        """Rendered configuration; written by `up`, never edited."""
        return self.home / "etc"

    @property
    def data(self) -> Path:
        """What must not be lost."""
        return self.home / "data"

    @property
    def postgresql_data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.data / "postgresql"

    @property
    def redis_data(self) -> Path:
        """Redis' append-only file."""
        return self.data / "redis"

    @property
    def secrets(self) -> Path:
        """One file a secret."""
        return self.home / "secrets"

    @property
    def certificates(self) -> Path:
        """The authority's certificate and key, and those of everything it vouches for."""
        return self.home / "certificates"

    @property
    def evidence(self) -> Path:
        """What drills found, a file each."""
        return self.home / "evidence"

    @property
    def repository(self) -> Path:
        """Backups and archived WAL, unless the settings keep them elsewhere."""
        return self.home / "repository"

    @property
    def spool(self) -> Path:
        """pgBackRest's own notes, a folder a server."""
        return self.home / "spool"

    @property
    def backup_run(self) -> Path:
        """Locks of pgBackRest, and what is known of the repository."""
        return self.run / "backups"

    @property
    def restore_tests(self) -> Path:
        """Evidence that backups can be restored."""
        return self.evidence / "restore-tests"

    @property
    def backup_counts(self) -> Path:
        """Evidence of what was in the database when a backup was taken."""
        return self.evidence / "backups"

    @property
    def scratch(self) -> Path:
        """Where backups are restored to be tested, and deleted again."""
        return self.home / "scratch"

    def pgbackrest_configuration(self, node: str = "") -> Path:
        """What pgBackRest reads: that of one server, or the operator's, who knows all servers."""
        return self.configuration / (f"pgbackrest-{node}.conf" if node else "pgbackrest.conf")

    @property
    def backup_passwords(self) -> Path:
        """libpq's password file of the role `backup`."""
        return self.configuration / "backup.pgpass"

    @property
    def recovery(self) -> Path:
        """What recoveries have done and decided, a folder each."""
        return self.home / "recovery"

    def member_folder(self, member: str) -> Path:
        """What a member of the cluster may do with as it likes: its data directory is in it."""
        return self.data / member

    def member_data(self, member: str) -> Path:
        """The data directory of a member's PostgreSQL."""
        return self.member_folder(member) / "pgdata"

    def member_run(self, member: str) -> Path:
        """A member's socket directory and password file."""
        return self.run / member

    def member_logs(self, member: str) -> Path:
        """What a member's PostgreSQL logs, as JSON, a file a day of the week."""
        return self.logs / member

    @property
    def haproxy_socket(self) -> Path:
        """HAProxy's admin socket."""
        return self.run / "haproxy" / "admin.sock"

    @property
    def logs(self) -> Path:
        """One file a program."""
        return self.home / "logs"

    @property
    def run(self) -> Path:
        """Sockets, PID files and locks."""
        return self.home / "run"

    @property
    def postgresql_sockets(self) -> Path:
        """PostgreSQL's socket directory."""
        return self.run / "postgresql"

    @property
    def pgbouncer_sockets(self) -> Path:
        """PgBouncer's socket directory."""
        return self.run / "pgbouncer"

    @property
    def metrics(self) -> Path:
        """Counters that the application's processes share; leads into memory where it can."""
        return self.run / "metrics"

    @property
    def metrics_in_memory(self) -> Path:
        """Their place on a file system in memory, of this home alone."""
        return SHARED_MEMORY / f"howdah-{zlib.crc32(bytes(self.home)):08x}"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisord is told what to do."""
        return self.run / "supervisor.sock"

    @property
    def supervisor_pid(self) -> Path:
        """PID of supervisord."""
        return self.run / "supervisord.pid"

    @property
    def supervisor_configuration(self) -> Path:
        """What supervisord reads."""
        return self.configuration / "supervisord.conf"

    @property
    def effective_settings(self) -> Path:
        """The settings that the running programs were started with, all of them."""
        return self.configuration / "howdah.toml"

    def log_of(self, program: str) -> Path:
        """The log file of a program."""
        return self.logs / f"{program}.log"

    def problem(self) -> str:
        """Why this home cannot be used, or an empty string."""
        if not SAFE_PATH.match(str(self.home)):
            return "may hold only letters, digits and the characters _ . / + @ -"
        if self.home == Path("/"):
            return "must not be the root of the file system"
        longest = len(str(self.postgresql_sockets / ".s.PGSQL.65535.lock"))
        if longest > LONGEST_SOCKET:
            return f"is {longest - LONGEST_SOCKET} characters too long for Unix sockets below it"
        return ""
