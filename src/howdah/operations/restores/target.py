"""Where a restore shall end: read from what a person types, and told to pgBackRest. Pure.

`to` a moment, a position or a transaction keeps what is at it; `before` stops just short of it.
The moment is the commit's, which is what users saw, and a position is where a record of WAL begins.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from howdah.foundation.errors import InvalidInput
from howdah.operations.backups.gaps import parse_lsn

LATEST, TIME, LSN, NAME, XID = "latest", "time", "lsn", "name", "xid"
_LSN = re.compile(r"^(?:lsn:)?([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})$")
_XID = re.compile(r"^xid:([0-9]{1,10})$")
_NAME = re.compile(r"^(?:name:)?([A-Za-z_][A-Za-z0-9_.:@+-]{0,62})$")
_DATE = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NEARLY_A_TIME = re.compile(r"^(now|today|yesterday|tomorrow|[0-9].*)$", re.IGNORECASE)
_SPACED_ZONE = re.compile(r"\s+(?=[+-][0-9]{2})|\s*(?:UTC|GMT)$", re.IGNORECASE)
FORMS = (
    "a time with its zone (2026-11-22 10:00:00Z, 2026-11-22 11:00:00+01:00), a position in the WAL "
    "(0/3000060), the name of a restore point, a transaction (xid:742), or latest"
)


class TargetUnclear(InvalidInput):
    """It cannot be told where the restore shall end."""


@dataclass(frozen=True)
class Target:
    """Where to end; of the values the one that `kind` names is set."""

    kind: str
    moment: datetime | None = None
    """With its zone; to the microsecond."""
    lsn: int | None = None
    name: str = ""
    xid: int | None = None
    before: bool = False
    """Stop just before it instead of just after it."""

    def __str__(self) -> str:
        """In words, after "to": `2026-11-22 10:00:00+00`, `just before transaction 742`."""
        short = "just before " if self.before else ""
        return f"{short}{self._named()}"

    def _named(self) -> str:
        match self.kind:
            case "time":
                return moment_text(self.moment)
            case "lsn":
                return f"LSN {lsn_text(self.lsn or 0)}"
            case "xid":
                return f"transaction {self.xid}"
            case "name":
                return f"restore point {self.name!r}"
            case _:
                return "the end of the archive"


def parse_target(text: str, *, before: bool = False) -> Target:
    """What was meant by it. Raises TargetUnclear that says how it is written."""
    words = text.strip()
    found = _parsed(words)
    if before and found.kind in {LATEST, NAME}:
        raise TargetUnclear(
            f"nothing comes just before {found}",
            hint="`--before` goes with a time, an LSN or xid:N",
        )
    return replace(found, before=before)


def _parsed(words: str) -> Target:
    if words.lower() == LATEST:
        return Target(LATEST)
    if xid := _XID.match(words):
        return Target(XID, xid=int(xid[1]))
    if lsn := _LSN.match(words):
        return Target(LSN, lsn=parse_lsn(lsn[1]))
    if _DATE.match(words):
        return Target(TIME, moment=_moment(words))
    name = _NAME.match(words)
    if name and not _NEARLY_A_TIME.match(words):
        return Target(NAME, name=name[1])
    raise TargetUnclear(f"{words!r} names no place to restore to", hint=f"give {FORMS}")


def _moment(words: str) -> datetime:
    if len(words) <= len("2026-11-22"):
        raise TargetUnclear(
            f"{words!r} names a day, not a moment", hint=f"say which moment: {words} 10:00:00Z"
        )
    text = _SPACED_ZONE.sub(lambda found: "Z" if found[0].strip() else "", words)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TargetUnclear(
            f"{words!r} is no time", hint="write it as 2026-11-22 10:00:00Z"
        ) from None
    if moment.tzinfo is None:
        raise TargetUnclear(
            f"{words!r} does not say of which time zone it is",
            hint=f"{words}Z is UTC; {words}+01:00 is an hour ahead of it",
        )
    return moment.astimezone(UTC)


def recovery_options(target: Target, timeline: int) -> tuple[str, ...]:
    """pgBackRest's options of a recovery that ends there and then takes writes.

    The timeline is always named: left to itself PostgreSQL follows the newest one in the archive,
    whoever made it. A time always carries +00, for without it two zones are involved.
    """
    along = f"--target-timeline={timeline}"
    if target.kind == LATEST:
        return ("--type=default", along)
    exclusive = ("--target-exclusive",) if target.before else ()
    return (
        f"--type={target.kind}",
        f"--target={target_value(target)}",
        "--target-action=promote",
        *exclusive,
        along,
    )


def target_value(target: Target) -> str:
    """As PostgreSQL's recovery_target_… takes it; empty for the end of the archive."""
    match target.kind:
        case "time":
            return moment_text(target.moment)
        case "lsn":
            return lsn_text(target.lsn or 0)
        case "xid":
            return str(target.xid)
        case _:
            return target.name


def moment_text(moment: datetime | None) -> str:
    """`2026-11-22 10:00:00.123456+00`."""
    if moment is None:
        return "an unknown time"
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}+00"


def lsn_text(lsn: int) -> str:
    """`0/3000060`."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
