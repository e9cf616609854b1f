"""Who changed the schema, and when: by what pgAudit wrote to the servers' logs.

In a cluster every member logs each change of schema and rights. A log is kept for a week, knows
roles, addresses and programs but no persons, and lies where the server ran; so what is not found
there may have happened all the same.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from howdah.foundation.settings import Settings
from howdah.operations.migrations.drift.differences import Difference
from howdah.operations.migrations.session import MARK
from howdah.operations.roles.catalog import OWNER

FILES = "postgresql-*.json"
PREFIX = "AUDIT: "
RIGHTS = "ROLE"
"""pgAudit's class of GRANT and REVOKE."""
OF_THE_SCHEMA = ("DDL", RIGHTS)
ALTERED_WITH_THE_TABLE = ("CONSTRAINT", "DEFAULT", "SECURITY")
LONGEST_STATEMENT = 200
ARGUMENTS = re.compile(r"\(.*\)$")
FIRST_WORDS = re.compile(r"(?:[A-Z]+ )+")
KIND = re.compile(r"\b[A-Z]{2,}\b")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Change:
    """One statement that changed the schema or rights by other means than a migration."""

    at: datetime
    role: str
    application: str
    client: str
    """Address, or empty for the server's own socket."""
    command: str
    """`CREATE INDEX`, `GRANT`."""
    of_rights: bool
    object: str
    """As pgAudit names it; empty for rights."""
    statement: str
    """On one line, and cut."""

    def names(self, difference: Difference) -> bool:
        """Whether it speaks of everything that the difference's name holds."""
        said = {word.lower() for word in WORD.findall(f"{self.object} {self.statement}")}
        about = _identifiers(difference.object)
        of_rights = _kind(difference).endswith("ACL")
        return bool(about) and about <= said and self.of_rights == of_rights

    def is_for(self, difference: Difference) -> bool:
        """Whether the command is one for this kind of object, such as CREATE INDEX for an index."""
        kind = _kind(difference)
        return self.command.endswith("TABLE" if kind.endswith(ALTERED_WITH_THE_TABLE) else kind)


@dataclass(frozen=True)
class Audit:
    """What the logs hold of one database."""

    since: datetime | None
    """When the oldest line was written; None when there is no log to be read."""
    changes: tuple[Change, ...] = ()
    """Oldest first."""

    def last_to_name(self, difference: Difference) -> Change | None:
        """The newest change that names what differs, of its kind of object if there is one.

        What else names it may have taken it along, as DROP TABLE does with an index.
        """
        naming = [one for one in reversed(self.changes) if one.names(difference)]
        fitting = [one for one in naming if one.is_for(difference)]
        return next(iter(fitting or naming), None)


def read_audit(settings: Settings) -> Audit:
    """What the logs of the members on this machine say; nothing of a server without pgAudit."""
    topology, layout = settings.topology, settings.layout
    folders = [layout.member_logs(member.name) for member in topology.members]
    return audit_of(
        [path for folder in folders for path in sorted(folder.glob(FILES))],
        topology.postgresql.database,
    )


def audit_of(files: Sequence[Path], database: str) -> Audit:
    """The changes of one database in these files; one that may not be read tells of none."""
    begun: list[datetime] = []
    changes: list[Change] = []
    for path in files:
        try:
            entries = list(_entries(path))
        except OSError:
            continue
        begun += [_moment(said) for said in entries[:1]]
        changes += filter(None, (_change(said) for said in entries if _audits(said, database)))
    return Audit(min(begun, default=None), tuple(sorted(changes, key=lambda one: one.at)))


def _entries(path: Path) -> Iterator[dict[str, str]]:
    """The first entry, which says when the file begins, and everything of pgAudit."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines):
            # The last line may be half written.
            if line.endswith("\n") and (number == 0 or PREFIX in line):
                yield json.loads(line)


def _audits(said: Mapping[str, str], database: str) -> bool:
    return said.get("dbname") == database and said["message"].startswith(PREFIX)


def _change(said: Mapping[str, str]) -> Change | None:
    """None for what is no change of the schema, and for what the runner of migrations did."""
    fields = next(csv.reader([said["message"].removeprefix(PREFIX)]))
    _, _, _, audited, command, _, name, statement, *_ = fields
    application, role = said.get("application_name", ""), said.get("user", "")
    if audited not in OF_THE_SCHEMA or (role == OWNER and application.startswith(MARK)):
        return None
    shown = " ".join(statement.split())[:LONGEST_STATEMENT]
    return Change(
        at=_moment(said),
        role=role,
        application=application,
        client=said.get("remote_host", ""),
        command=command,
        of_rights=audited == RIGHTS,
        object=name,
        statement=shown,
    )


def _moment(said: Mapping[str, str]) -> datetime:
    """The servers of a cluster write their log in UTC."""
    written = datetime.strptime(said["timestamp"], "%Y-%m-%d %H:%M:%S.%f UTC")
    return written.replace(tzinfo=UTC)


def _kind(difference: Difference) -> str:
    """`INDEX`, `FK CONSTRAINT`, `DEFAULT ACL`."""
    found = FIRST_WORDS.match(difference.object)
    return found[0].strip() if found else ""


def _identifiers(title: str) -> frozenset[str]:
    """`TRIGGER public.users by_hand` is about users and by_hand."""
    names = KIND.sub("", ARGUMENTS.sub("", title))
    return frozenset(word.lower() for word in WORD.findall(names)) - {"public"}
