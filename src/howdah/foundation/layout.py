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
        """Says that this folder is a home, and by its owner whose."""
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
