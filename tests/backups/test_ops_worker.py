"""The ops worker: asked through its queue it takes backups, and nobody else can do a thing to them.

Most tests stop the stack's own and run one of theirs, which takes a backup whenever it is asked.
"""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue

from howdah.entrypoints.jobs.lanes import OPS
from howdah.entrypoints.schedule.duties import beat
from howdah.foundation.database import NOBODY, Database
from howdah.foundation.processes.accounts import (
    APPLICATION,
    POSTGRESQL,
    account,
    as_account,
    running_as_root,
)
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.queue import enqueue
from howdah.foundation.queue.connection import SERIALIZER, connect_redis
from howdah.foundation.settings import Settings
from howdah.operations.backups.closing import close_forgotten_segment
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.state import state_file
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from howdah.operations.stack.probes import NotReady, worker_is_registered
from tests.backups.accounts import ops_environment

PATIENCE_SECONDS = 60.0
PROGRAM = textwrap.dedent(
    """
    from datetime import timedelta
    from howdah.entrypoints.jobs import ops_tasks, ops_worker

    ops_tasks.SOONEST = timedelta(0)
    ops_tasks.PAUSES_SECONDS = (1, 2, 4, 8, 16)
    ops_worker.main()
    """
)


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """The condition's value once it is true; fails the test when that takes too long."""
    gives_up_at = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < gives_up_at, f"{what}: not within {PATIENCE_SECONDS:g} s"
        time.sleep(0.05)
    return value


class OpsWorker:
    """One of the test's own, as the stack would run it."""

    def __init__(self, settings: Settings, log: Path):
        self._log = log
        command = [sys.executable, "-c", PROGRAM]
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                as_account(POSTGRESQL, command, death_signal="TERM", groups=(APPLICATION,)),
                env=ops_environment(settings),
                cwd="/",
                stderr=file,
            )

    def says(self, message: str) -> bool:
        return message in self._log.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_SECONDS)


StartWorker = Callable[[], OpsWorker]


@pytest.fixture
def redis(archived: Settings) -> Iterator["Redis"]:
    with closing(connect_redis(archived)) as client:
        yield client


@pytest.fixture
def start_worker(archived: Settings, backup: Backup, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts an ops worker instead of the stack's own, which is back at the end."""
    supervisor = Supervisor(archived.layout.supervisor_socket)
    supervisor.stop("ops-worker")
    wait_until(lambda: not supervisor.states()["ops-worker"].running, "the stack's own stops")
    workers: list[OpsWorker] = []

    def start() -> OpsWorker:
        workers.append(OpsWorker(archived, tmp_path / f"{len(workers)}.log"))
        return workers[-1]

    try:
        yield start
    finally:
        for worker in workers:
            if worker.process.poll() is None:
                worker.end()
        supervisor.start("ops-worker")
        wait_until(lambda: _registered(archived, supervisor), "the stack's own is back")


def _registered(settings: Settings, supervisor: Supervisor) -> bool:
    with suppress(NotReady):
        worker_is_registered(OPS.queue, settings, supervisor.states()["ops-worker"].pid)
        return True
    return False


def ask(settings: Settings) -> None:
    """As the scheduler does: a message of the outbox, in a transaction."""
    database = Database.open(settings, size=1, application_name="tests")
    with closing(database), database.write(NOBODY) as transaction:
        moment = datetime.now(UTC).isoformat()
        enqueue(transaction, "backup.take", {"scheduled_for": moment}, queue=OPS.queue)


def labels(settings: Settings) -> list[str]:
    return [item.label for item in backups_of(settings).backups]


def test_a_backup_is_taken_when_the_queue_asks_for_one(
    archived: Settings, start_worker: StartWorker
) -> None:
    before = labels(archived)
    worker = start_worker()
    ask(archived)
    wait_until(lambda: worker.says("task done"), "it is done")
    after = labels(archived)
    assert after[:-1] == before
    assert worker.end() == 0


def test_a_backup_whose_worker_is_killed_is_taken_by_the_next(
    archived: Settings, start_worker: StartWorker
) -> None:
    before = labels(archived)
    killed = start_worker()
    ask(archived)
    wait_until(lambda: killed.says("taking a backup"), "it begins")
    killed.end(signal.SIGKILL)
    assert labels(archived) == before
    following = start_worker()
    wait_until(lambda: following.says("task done"), "it is done")
    assert following.says("begun again: its worker was killed")
    assert len(labels(archived)) == len(before) + 1


def test_a_worker_that_is_to_stop_hands_its_backup_to_the_next(
    archived: Settings, start_worker: StartWorker
) -> None:
    before = labels(archived)
    stopped = start_worker()
    ask(archived)
    wait_until(lambda: stopped.says("taking a backup"), "it begins")
    assert stopped.end() == 0
    assert stopped.says("put down for the next worker")
    following = start_worker()
    wait_until(lambda: following.says("task done"), "it is done")
    assert len(labels(archived)) == len(before) + 1


def test_two_ops_workers_do_not_work_at_once(start_worker: StartWorker, redis: "Redis") -> None:
    workers = {str(start_worker().process.pid).encode() for _ in range(2)}

    def at_work() -> set[bytes]:
        pids = {redis.hget(key, "pid") for key in redis.smembers("rq:workers:ops")}
        return {pid for pid in pids if pid in workers}

    wait_until(at_work, "one is registered")
    time.sleep(1)
    assert len(at_work()) == 1


def test_the_stacks_own_waits_an_hour_between_backups(
    archived: Settings, backup: Backup, redis: "Redis"
) -> None:
    before = labels(archived)
    log = archived.layout.log_of("ops-worker")
    done = log.read_text().count("task done")
    ask(archived)
    wait_until(lambda: log.read_text().count("task done") > done, "it is done")
    assert labels(archived) == before


def test_code_that_a_message_names_is_not_run_as_the_account_of_the_backups(
    archived: Settings, redis: "Redis", tmp_path: Path
) -> None:
    queue = Queue(OPS.queue, connection=redis, serializer=SERIALIZER)
    registry = queue.failed_job_registry
    refused = registry.count
    target = archived.layout.backup_run / "written-by-a-message"
    queue.enqueue_call("os.mkdir", args=[str(target)])
    queue.enqueue_call("shutil.rmtree", args=[str(archived.layout.repository)])
    queue.enqueue_call(OPS.function, args=["transfers.import", {}])
    queue.enqueue_call(OPS.function, args=["backup.take", {"scheduled_for": "now", "path": "/"}])
    wait_until(lambda: registry.count == refused + 4, "all are refused")
    assert not target.exists()
    assert archived.layout.repository.is_dir()


def test_the_applications_account_cannot_touch_backups_or_their_key(
    archived: Settings, backup: Backup
) -> None:
    layout = archived.layout
    repository = layout.repository
    commands = (
        ["ls", str(repository)],
        ["cat", str(layout.secrets / "repository_key")],
        ["cat", str(layout.secrets / "backup")],
        ["cat", str(layout.pgbackrest_configuration())],
        ["touch", str(repository / "new")],
        ["touch", str(layout.backup_run / "new")],
    )
    for command in commands if running_as_root() else ():
        with pytest.raises(ProcessFailed, match="Permission denied"):
            run(as_account(APPLICATION, command))


def test_the_ops_worker_has_the_rights_of_postgresql_and_the_secret_of_the_queue(
    archived: Settings,
) -> None:
    state = Supervisor(archived.layout.supervisor_socket).states()["ops-worker"]
    fields = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{state.pid}/status").read_text().splitlines()
        if ":\t" in line
    )
    assert fields["Uid"].split() == [str(account(POSTGRESQL).uid)] * 4
    if running_as_root():
        assert fields["Groups"].split() == [str(account(APPLICATION).gid)]
        assert int(fields["CapEff"], 16) == 0
    else:
        assert os.geteuid() == account(POSTGRESQL).uid


def test_what_is_known_of_the_backups_is_never_older_than_its_minute(archived: Settings) -> None:
    written = wait_until(lambda: _moment(archived), "it is written")
    wait_until(lambda: _moment(archived) != written, "it is written again")


def _moment(settings: Settings) -> object:
    path = state_file(settings.layout)
    return json.loads(path.read_text())["moment"] if path.exists() else None


def test_a_heartbeat_is_in_the_archive_as_soon_as_it_is_beaten(
    archived: Settings, backup: Backup
) -> None:
    with closing(Database.open(archived, size=1, application_name="tests")) as database:
        before = backups_of(archived).newest_segment
        beat(database)
        after = wait_until(
            lambda: (found := backups_of(archived).newest_segment) != before and found,
            "its segment is archived",
        )
        beat(database)
        wait_until(lambda: backups_of(archived).newest_segment != after, "and the next")


def test_what_the_scheduler_does_not_close_the_ops_worker_does(
    archived: Settings, backup: Backup
) -> None:
    with closing(Database.open(archived, size=1, application_name="tests")) as database:
        beat(database)
    assert not close_forgotten_segment(archived, after_seconds=3600)
    with connect_directly(archived, SUPERUSER) as admin:
        before = backups_of(archived).newest_segment
        admin.execute("SELECT pg_logical_emit_message(true, 'howdah test', 'a commit')")
        wait_until(lambda: close_forgotten_segment(archived, after_seconds=0), "it is closed")
    wait_until(lambda: backups_of(archived).newest_segment != before, "it is archived")
