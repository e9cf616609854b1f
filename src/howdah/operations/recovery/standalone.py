"""A PostgreSQL server that nobody else reaches: on a socket of ours, beside everything that serves.

It runs a restored data directory until that is handed over. A server that an earlier attempt left
running is found by its data directory.
"""

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.processes.accounts import POSTGRESQL, as_account, own
from howdah.foundation.processes.postmaster import postmaster_of
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.operations.recovery.places import Place
from howdah.operations.roles.connect import Connection

BINARIES = Path("/usr/lib/postgresql/15/bin")
PORT = 5432
"""Of the socket's name only."""
LOOK_SECONDS = 0.2
STOP_SECONDS = 600
APPEAR_SECONDS = 5.0
"""Until it has written its PID file, or has ended."""
TAIL_LINES = 8
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
RECOVERY_PARAMETERS = (
    "restore_command",
    "archive_mode",
    "archive_cleanup_command",
    "primary_conninfo",
    "primary_slot_name",
    "recovery_end_command",
    "recovery_min_apply_delay",
    "recovery_target",
    "promote_trigger_file",
)


class ServerEnded(CommandFailed):
    """The restored server ended by itself."""


@dataclass(frozen=True)
class Standalone:
    """One data directory, and the log of its server from this start on."""

    place: Place
    data: Path

    def start(self, parameters: Mapping[str, object]) -> None:
        """Returns when the server is on its way; `running` and `connect` tell more."""
        self._prepare()
        words = [part for name, value in parameters.items() for part in ("-c", f"{name}={value}")]
        command = [_program("pg_ctl"), "start", "-W", "-s", "-D", str(self.data)]
        command += ["-l", str(self.place.log), "-o", shlex.join(words)]
        run(as_account(POSTGRESQL, command), cwd=self.data, env=ENVIRONMENT)
        deadline = time.monotonic() + APPEAR_SECONDS
        while not self.running() and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        self.require_running()

    def _prepare(self) -> None:
        """An empty log, a socket directory, and files that stand in for the member's own."""
        self.place.sockets.mkdir(parents=True, exist_ok=True)
        own(self.place.sockets, POSTGRESQL, 0o700)
        self.place.log.write_text("", encoding="utf-8")
        own(self.place.log, POSTGRESQL, 0o640)
        # Who may enter the socket's folder is trusted: root, and PostgreSQL's own account.
        for name, text in (("empty.conf", ""), ("hba.conf", "local all all trust\n")):
            path = self.place.sockets / name
            path.write_text(text, encoding="utf-8")
            own(path, POSTGRESQL, 0o600)

    def isolation(self) -> dict[str, object]:
        """Parameters that keep everybody else away, whatever the data directory's files say."""
        return {
            "config_file": self.place.sockets / "empty.conf",
            "hba_file": self.place.sockets / "hba.conf",
            "data_directory": self.data,
            "listen_addresses": "",
            "unix_socket_directories": self.place.sockets,
            "port": PORT,
            "ssl": "off",
            "cluster_name": "restored",
            "synchronous_standby_names": "",
            "primary_conninfo": "",
            "primary_slot_name": "",
            "log_destination": "stderr",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] ",
            "log_timezone": "UTC",
            "timezone": "UTC",
            "lc_messages": "C",
        }

    def running(self) -> bool:
        """Whether a server runs on that data directory, whoever started it."""
        return postmaster_of(self.data) is not None

    def left_running(self) -> bool:
        """Whether it runs, and one of ours: an earlier attempt, which was killed, started it."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return self.running() and str(self.place.sockets) in lines

    def stop(self, mode: str = "fast") -> None:
        """Stop it if it runs. Raises CommandFailed when it does not end."""
        if not self.running():
            return
        command = [_program("pg_ctl"), "stop", "-s", "-m", mode, "-D", str(self.data)]
        command += ["-t", str(STOP_SECONDS)]
        try:
            run(as_account(POSTGRESQL, command), cwd=self.data, timeout_seconds=STOP_SECONDS + 10)
        except ProcessFailed as failure:
            if self.running():
                raise CommandFailed(
                    f"the server on {self.data} does not end",
                    hint="end its processes, then repeat the command",
                ) from failure

    @contextmanager
    def connection(self, database: str = "postgres") -> Iterator[Connection]:
        """As the superuser. Raises Unavailable, psycopg.OperationalError while it starts."""
        with psycopg.connect(
            host=str(self.place.sockets),
            port=PORT,
            user="postgres",
            dbname=database,
            connect_timeout=5,
            autocommit=True,
            prepare_threshold=None,
            application_name="howdah recovery",
        ) as connection:
            yield connection

    def ask(self, query: str, database: str = "postgres") -> tuple[object, ...] | None:
        """The first row of a query; None while it lets nobody in. Raises ServerEnded."""
        try:
            with self.connection(database) as connection:
                row = connection.execute(query.encode()).fetchone()
        except psycopg.OperationalError:
            self.require_running()
            return None
        return tuple(row) if row else ()

    def wait(self, until: Callable[[], bool], patience_seconds: float, what: str) -> None:
        """Raises ServerEnded, Unavailable."""
        deadline = time.monotonic() + patience_seconds
        while not until():
            self.require_running()
            if time.monotonic() > deadline:
                raise Unavailable(f"{what}: not within {patience_seconds:.0f} s")
            time.sleep(LOOK_SECONDS)

    def require_running(self) -> None:
        """Raises ServerEnded with what it said last."""
        if self.running():
            return
        said = "".join(f"\n  {line}" for line in self.last_words())
        raise ServerEnded(
            f"the restored server ended; its log says:{said}",
            hint=f"the whole log: {self.place.log}",
        )

    def last_words(self) -> list[str]:
        """The end of its log, errors only when there are some."""
        lines = self.log_lines()
        grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "ERROR" in line]
        return (grave or lines)[-TAIL_LINES:]

    def log_lines(self) -> list[str]:
        """What it has logged since it was started."""
        try:
            return self.place.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def control(self) -> dict[str, str]:
        """pg_controldata's lines by their names."""
        return control_data(self.data)


def control_data(data: Path) -> dict[str, str]:
    """What pg_control of that directory says. Raises CommandFailed when it cannot be read."""
    command = as_account(POSTGRESQL, [_program("pg_controldata"), "-D", str(data)])
    lines = run(command, cwd=data, env=ENVIRONMENT).splitlines()
    return {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }


def forget_recovery_settings(data: Path) -> None:
    """Take out of postgresql.auto.conf what a restore wrote there for its own recovery.

    Left in, a member that is copied from this one would stop where the restore did.
    """
    path = data / "postgresql.auto.conf"
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not of_recovery(line)]
    if kept != lines:
        partial = path.with_name("postgresql.auto.conf.new")
        partial.write_text("".join(kept), encoding="utf-8")
        own(partial, POSTGRESQL, 0o600)
        partial.replace(path)


def of_recovery(line: str) -> bool:
    """Whether a line of postgresql.auto.conf is about a recovery."""
    name = line.strip().partition("=")[0].strip().lower()
    return name in RECOVERY_PARAMETERS or name.startswith("recovery_target")


def signal_recovery(data: Path, name: str) -> None:
    """Have the next start be a recovery: `recovery` ends somewhere, `standby` waits for more."""
    for other in ("recovery", "standby"):
        (data / f"{other}.signal").unlink(missing_ok=True)
    path = data / f"{name}.signal"
    path.touch()
    own(path, POSTGRESQL, 0o600)


def _program(name: str) -> str:
    return str(BINARIES / name)
