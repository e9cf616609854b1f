"""The settings as text: the effective howdah.toml, the commented example, the reference page."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import Field
from typing import Any

from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import Member, Topology
from howdah.foundation.topology_values import describe_limits, sections, settable

MEMBERS_INTRO = """\
## [members.NAME]

The PostgreSQL servers of the cluster (profile `full`), a table each. One table or more replace the
default four: `postgres-a` (zone a, primary), `postgres-b` (zone b, standby), `replica-analytics`
(zone a) and `replica-dashboards` (zone b). Needed are exactly one primary, a standby, and a replica
for each of analytics and dashboards. etcd's members listen on `ports.base` + 60 (clients) and + 61
(peers), two ports for each.
"""
PORT_LIMITS = "a whole number from 1024 to 65535"
MEMBER_ROWS = (
    ("`zone`", '`"a"`', "a word", "Where it stands; what shares a zone is lost together."),
    (
        "`role`",
        '`"replica"`',
        "primary or standby or replica",
        "`primary` leads at first, a `standby` may be promoted, a `replica` never is.",
    ),
    (
        "`purposes`",
        "`[]`",
        "a list of analytics, dashboards, any",
        "Reads that a replica serves before others do; every replica serves `any`.",
    ),
    (
        "`host`",
        "`127.0.0.1`, or one in its zone's network",
        "an IP address or a host name",
        "Address of PostgreSQL and Patroni.",
    ),
    ("`port`", "`ports.base` + 40 + its place", PORT_LIMITS, "Port of PostgreSQL."),
    (
        "`rest_port`",
        "`ports.base` + 50 + its place",
        PORT_LIMITS,
        "Port of Patroni's REST interface.",
    ),
)
REFERENCE_INTRO = """\
# Settings

Every setting is optional. Values come from, later ones winning:

1. the defaults below,
2. `howdah.toml` at the root of the checkout (or the file that `HOWDAH_CONFIG` names),
3. environment variables `HOWDAH_<SECTION>__<KEY>`, such as `HOWDAH_PORTS__BASE=9400`.

`HOWDAH_HOME` says where the state lives (data, secrets, logs); the default is `var` in the
checkout. `./howdah config show` prints what is in force, `./howdah config check` lists every
mistake at once. [`howdah.toml.example`](../../howdah.toml.example) holds all settings, commented
out.
"""


HEADING = ("| key | default | accepts | meaning |", "|---|---|---|---|")
MEMBERS_EXAMPLE = [
    "",
    "# Members of the cluster (profile full); one table or more replace the default four.",
    "# role: primary (leads at first), standby (may be promoted) or replica (never is).",
    "# purposes of a replica: analytics, dashboards, any. More: docs/reference/settings.md.",
    "## [members.postgres-a]",
    '## zone = "a"',
    '## role = "primary"',
]


def effective_values(topology: Topology) -> dict[str, object]:
    """All settings in force: section → key → value."""
    values: dict[str, object] = {
        item.name: getattr(topology, item.name) for item in settable(Topology)
    }
    for name, section in sections().items():
        owner = getattr(topology, name)
        values[name] = {item.name: getattr(owner, item.name) for item in settable(section)}
    if topology.members:
        values["members"] = {member.name: _attributes(member) for member in topology.members}
    return values


def _attributes(member: Member) -> dict[str, object]:
    return {
        "zone": member.zone,
        "role": member.role,
        "purposes": list(member.purposes),
        "host": member.host,
        "port": member.port,
        "rest_port": member.rest_port,
    }


def effective_toml(topology: Topology) -> str:
    """All settings in force, as TOML that reads back to the same topology."""
    lines = [f"# {HEADER}"]
    lines += [_assignment(item, getattr(topology, item.name)) for item in settable(Topology)]
    for name, section in sections().items():
        values = getattr(topology, name)
        lines += ["", f"[{name}]"]
        lines += [_assignment(item, getattr(values, item.name)) for item in settable(section)]
    for member in topology.members:
        lines += ["", f"[members.{member.name}]"]
        lines += [f"{name} = {_toml(value)}" for name, value in _attributes(member).items()]
    return "\n".join(lines) + "\n"


def _assignment(item: "Field[Any]", value: object) -> str:
    return f"{item.name} = {_toml(value)}"


def _toml(value: object) -> str:
    """A TOML literal; JSON's agrees with it for strings, numbers and booleans."""
    return json.dumps(value)


def example_toml() -> str:
    """howdah.toml.example: every setting with its sentence, commented out."""
    lines = ["# Settings of Howdah; all are optional. Copy to howdah.toml and uncomment."]
    lines += _commented(Topology)
    for name, section in sections().items():
        lines += ["", f"[{name}]", *_commented(section)]
    lines += MEMBERS_EXAMPLE
    return "\n".join(lines) + "\n"


def _commented(section: type[Any]) -> Iterator[str]:
    for item in settable(section):
        computed = item.metadata["computed"]
        yield (
            f"# {item.metadata['doc']} Default: {computed}."
            if computed
            else (f"# {item.metadata['doc']}")
        )
        yield f"# {item.name} = {_toml(_shown_default(section, item))}"


def _shown_default(section: type[Any], item: "Field[Any]") -> Any:
    """The default; a port's is 0 until the base is known, so take it from an instance."""
    return getattr(section(), item.name)


def settings_reference() -> str:
    """docs/reference/settings.md."""
    parts = [REFERENCE_INTRO, _table("Top level", "", Topology)]
    for name, section in sections().items():
        summary = (section.__doc__ or "").strip().splitlines()[0]
        parts.append(_table(f"[{name}]", summary, section))
    parts.append("\n".join([MEMBERS_INTRO, *HEADING, *_rows(MEMBER_ROWS)]) + "\n")
    return "\n".join(parts)


def _table(title: str, summary: str, section: type[Any]) -> str:
    lines = [f"## {title}", ""]
    if summary:
        lines += [summary, ""]
    lines += HEADING
    for item in settable(section):
        default = item.metadata["computed"] or f"`{_toml(_shown_default(section, item))}`"
        row = (f"`{item.name}`", default, describe_limits(item), item.metadata["doc"])
        lines += _rows([row])
    return "\n".join(lines) + "\n"


def _rows(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return ("| " + " | ".join(row) + " |" for row in rows)
