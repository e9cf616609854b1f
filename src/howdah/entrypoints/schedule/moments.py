"""When recurring work is due. Pure: times in, times out, all in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from croniter import croniter

MOST_MISSED = 100
"""Missed moments that are made up for at once, the newest of them."""


class CatchUp(Enum):
    """What to do about moments that passed while nobody looked."""

    ALL = "all"
    """Each of them counts (up to MOST_MISSED)."""
    LATEST = "latest"
    """One run makes up for all."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Recurring work. `cron` has five fields, or six of which the first are seconds."""

    name: str
    cron: str
    task: str
    catch_up: CatchUp = CatchUp.LATEST
    queued: bool = True
    """Whether a worker does it; otherwise the process whose table it is in, itself."""
    queue: str = "default"


def due_moments(entry: Entry, last: datetime, now: datetime) -> list[datetime]:
    """The moments after `last` and not after `now` that are to be run now, oldest first."""
    most = MOST_MISSED if entry.catch_up is CatchUp.ALL else 1
    moments: list[datetime] = []
    moment = _latest(entry, now)
    while moment > last and len(moments) < most:
        moments.append(moment)
        moment = _latest(entry, moment - timedelta(seconds=1))
    return moments[::-1]


def next_moment(entry: Entry, after: datetime) -> datetime:
    """The first moment after the given one."""
    found: datetime = _iterator(entry, after).get_next(datetime)
    return found.astimezone(UTC)


def _latest(entry: Entry, now: datetime) -> datetime:
    """The last moment that is not after `now`; moments are whole seconds."""
    whole = now.astimezone(UTC).replace(microsecond=0)
    found: datetime = _iterator(entry, whole + timedelta(seconds=1)).get_prev(datetime)
    return found.astimezone(UTC)


def _iterator(entry: Entry, start: datetime) -> croniter:
    return croniter(entry.cron, start, second_at_beginning=True)
