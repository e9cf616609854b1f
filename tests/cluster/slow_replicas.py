"""Replicas that are behind on purpose, and put right again."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.roles.connect import Connection, connect_directly, connect_member

PATIENCE = "max_standby_streaming_delay"


def replicas(settings: Settings) -> list[Member]:
    return [member for member in settings.topology.members if not member.candidate]


@dataclass
class Replicas:
    """Have replicas stop replaying and go on. Afterwards all do, with their own parameters.

    Neither pg_wal_replay_pause() nor recovery_min_apply_delay holds: Patroni resumes what it finds
    paused and takes the delay back. So a reader of the replica is in the way of a lock that the
    primary took, and replaying waits for that reader.
    """

    settings: Settings
    _readers: dict[str, Connection] = field(default_factory=dict)
    _changed: set[tuple[Member, str]] = field(default_factory=set)
    _timers: list[threading.Timer] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.join()
        with ExitStack() as steps:  # each of them, also when another fails
            for member, name in self._changed:
                steps.callback(set_parameter, self.settings, member, name, None)
            for reader in self._readers.values():
                steps.callback(reader.close)
        self._changed.clear()
        self._readers.clear()

    def set(self, member: Member, name: str, value: str) -> None:
        """A parameter of the member's own."""
        set_parameter(self.settings, member, name, value)
        self._changed.add((member, name))

    def pause(self, member: Member) -> None:
        """It receives everything and applies nothing."""
        if member.name in self._readers:
            return
        self.set(member, PATIENCE, "-1")
        reader = connect_member(self.settings, member)
        reader.autocommit = False
        # Nothing else reads this table on a replica.
        reader.execute("SELECT 1 FROM cron_runs LIMIT 1")
        self._readers[member.name] = reader
        with connect_directly(self.settings, "postgres") as primary, primary.transaction():
            primary.execute("LOCK TABLE cron_runs IN ACCESS EXCLUSIVE MODE")

    def delay(self, member: Member, seconds: float) -> None:
        """What happens now it applies so much later."""
        self.pause(member)
        timer = threading.Timer(seconds, self.resume, (member,))
        self._timers.append(timer)
        timer.start()

    def resume(self, member: Member) -> None:
        """It goes on."""
        reader = self._readers.pop(member.name, None)
        if reader is not None:
            reader.close()


def set_parameter(settings: Settings, member: Member, name: str, value: str | None) -> None:
    """In the member's own configuration; None takes it back."""
    change = f"SET {name} = '{value}'" if value is not None else f"RESET {name}"
    with connect_member(settings, member) as connection:
        connection.execute(f"ALTER SYSTEM {change}".encode())
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def both_paused(settings: Settings) -> Iterator[None]:
    """No replica hears of anything."""
    with Replicas(settings) as held:
        for member in replicas(settings):
            held.pause(member)
        yield
