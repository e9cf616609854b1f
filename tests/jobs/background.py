"""What tests of background work share: a database, pooler and Redis of their own, and processes."""

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from redis import Redis, RedisError

from howdah.entrypoints.jobs.lanes import LANES
from howdah.foundation.database import Database, Row, tenant
from howdah.foundation.processes.accounts import POSTGRESQL, as_account, own
from howdah.foundation.queue.connection import connect_redis
from howdah.foundation.queue.relay import Handover, relay_once
from howdah.foundation.rendering.pgbouncer import pgbouncer_ini, userlist_txt
from howdah.foundation.scram import role_verifier
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import READER, SUPERUSER, WRITER
from howdah.operations.roles.connect import Connection, connect_directly
from howdah.product.transfers.import_options import ImportOptions
from howdah.product.transfers.imports import start_import
from howdah.product.transfers.jobs import Ticket, get_job

PATIENCE_SECONDS = 30.0
MODULES = {
    "worker": "howdah.entrypoints.jobs.worker",
    "relay": "howdah.entrypoints.jobs.relay",
    "scheduler": "howdah.entrypoints.schedule",
}


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """The condition's value once it is true; fails the test when that takes too long."""
    gives_up_at = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < gives_up_at, f"{what}: not within {seconds:g} s"
        time.sleep(0.02)
    return value


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def pooler(settings: Settings) -> Iterator[Settings]:
    """A PgBouncer of its own that leads to the database of the settings."""
    folder = Path(tempfile.mkdtemp(prefix="howdah-test-"))
    settings = with_ports(settings, pgbouncer=free_port())
    home = replace(settings, home=folder)
    verifiers = {role: role_verifier(role, settings.secret(role)) for role in (WRITER, READER)}
    files = {
        "pgbouncer.ini": pgbouncer_ini(home.topology, home.layout),
        "userlist.txt": userlist_txt(verifiers),
    }
    for part in (folder, home.layout.configuration, home.layout.run, home.layout.pgbouncer_sockets):
        part.mkdir(exist_ok=True)
        own(part, POSTGRESQL, 0o700)
    for name, text in files.items():
        (home.layout.configuration / name).write_text(text)
        own(home.layout.configuration / name, POSTGRESQL, 0o600)
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    command = as_account(
        POSTGRESQL, [program, "-q", str(home.layout.configuration / "pgbouncer.ini")]
    )
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(settings.topology.ports.pgbouncer), "PgBouncer starts")
        yield settings
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def with_ports(settings: Settings, **ports: int) -> Settings:
    """The settings with other ports."""
    topology = settings.topology
    return replace(settings, topology=replace(topology, ports=replace(topology.ports, **ports)))


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class RedisServer:
    """A Redis that a test may stop; it remembers as the product's does."""

    folder: Path
    password: str
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        program = shutil.which("redis-server") or "/usr/bin/redis-server"
        self.process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
        client = Redis(port=self.port)
        wait_until(lambda: _answers(client), "Redis starts")
        client.config_set("requirepass", self.password)
        client.close()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def _answers(client: "Redis") -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


@dataclass(frozen=True)
class Program:
    """A background process under test and its log."""

    process: "subprocess.Popen[bytes]"
    log_file: Path

    def lines(self, level: str | None = None) -> list[dict[str, Any]]:
        """What it logged so far; every line must be JSON."""
        lines = [json.loads(line) for line in self.log_file.read_text().splitlines()]
        return [line for line in lines if level in (None, line["level"])]

    def says(self, message: str) -> bool:
        return any(line["message"] == message for line in self.lines())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE_SECONDS)


@dataclass(frozen=True)
class Member:
    """A user in an organization of the test's own."""

    org_id: int
    user_id: int


@dataclass
class Background:
    """Everything that a test of background work needs."""

    settings: Settings
    database: Database
    redis: RedisServer
    admin: Connection
    folder: Path
    started: list[Program] = field(default_factory=list)

    def start(self, name: str) -> Program:
        """A process of ours, ended with the test."""
        ports = self.settings.topology.ports.by_program()
        inherited = {name: value for name, value in os.environ.items() if name[:7] != "HOWDAH_"}
        environment = inherited | {
            "HOWDAH_HOME": str(self.settings.home),
            "PYTHONPATH": str(self.settings.checkout / "src"),
            **{f"HOWDAH_PORTS__{program.upper()}": str(port) for program, port in ports.items()},
        }
        log_file = self.folder / f"{name}-{len(self.started)}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", MODULES[name]], env=environment, stderr=log
            )
        program = Program(process, log_file)
        self.started.append(program)
        return program

    def relay(self) -> int:
        """Relay what waits, in this process."""
        with contextlib.closing(connect_redis(self.settings)) as redis:
            return relay_once(self.database, Handover(redis, LANES))

    def member(self) -> Member:
        """A new organization and its owner."""
        slug = f"org-{uuid4().hex[:12]}"
        user_id = self._id(
            "INSERT INTO users (email, full_name, password_hash)"
            " VALUES (%s, 'Ada Lovelace', '-') RETURNING id",
            f"{slug}@example.org",
        )
        org_id = self._id(
            "INSERT INTO organizations (name, slug) VALUES ('Acme', %s) RETURNING id", slug
        )
        self.admin.execute(
            "INSERT INTO memberships (org_id, user_id, role) VALUES (%s, %s, 'owner')",
            (org_id, user_id),
        )
        return Member(org_id, user_id)

    def import_files(
        self,
        member: Member,
        files: Mapping[str, bytes] | bytes,
        options: ImportOptions | None = None,
    ) -> Ticket:
        """Ask for an import of files, or of raw bytes that say to be an archive."""
        data = files if isinstance(files, bytes) else archive(files)
        with self.database.write(tenant(member.org_id, member.user_id)) as transaction:
            job = start_import(
                transaction, member.org_id, member.user_id, [data], options or ImportOptions()
            )
        return Ticket(job["id"], member.org_id, member.user_id)

    def job(self, ticket: Ticket) -> Row:
        """The job's row."""
        with self.database.read(tenant(ticket.org_id)) as queries:
            return get_job(queries, ticket.org_id, ticket.job_id)

    def ended(self, ticket: Ticket, seconds: float = PATIENCE_SECONDS) -> Row:
        """The job's row once it has ended."""
        row: Row = wait_until(
            lambda: (row := self.job(ticket))["state"] in ("succeeded", "failed") and row,
            "the job ends",
            seconds,
        )
        return row

    def documents(self, member: Member) -> list[tuple[Any, ...]]:
        """(source_path, title, content, revision, deleted) of the organization, by path."""
        return self.admin.execute(
            "SELECT source_path, title, content, revision, deleted_at IS NOT NULL"
            " FROM documents WHERE org_id = %s ORDER BY source_path",
            (member.org_id,),
        ).fetchall()

    def waiting_messages(self) -> int:
        """Messages that are not relayed yet."""
        return self._id("SELECT count(*) FROM outbox WHERE relayed_at IS NULL")

    def seems_silent(self, job_id: UUID) -> None:
        """Make it look as if the job had not advanced for an hour."""
        self.admin.execute(
            "UPDATE jobs SET beaten_at = clock_timestamp() - interval '1 hour' WHERE id = %s",
            (job_id,),
        )

    def _id(self, query: str, *parameters: object) -> int:
        row = self.admin.execute(query.encode(), parameters).fetchone()
        assert row is not None
        return int(row[0])


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of the files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as writer:
        for path, data in files.items():
            writer.writestr(path, data)
    return buffer.getvalue()


def pages(number: int) -> dict[str, bytes]:
    """So many small Markdown files, each different."""
    words = "Write-ahead logging keeps the data of the page after a crash. " * 10
    return {
        f"page-{page:05}.md": f"# Page {page}\n\n{words}{page}\n".encode() for page in range(number)
    }


def admin_of(settings: Settings) -> Connection:
    """The superuser in the database of the settings."""
    return connect_directly(settings, SUPERUSER)
