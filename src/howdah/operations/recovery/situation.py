"""What is wrong and what is left, asked of everything at a time; nothing is changed by asking."""

from functools import partial

import psycopg

from howdah.foundation.errors import HowdahError, Unavailable
from howdah.foundation.rendering.pgbackrest import SINGLE, servers_of
from howdah.foundation.settings import Settings
from howdah.operations.backups.check import check_backups
from howdah.operations.cluster.asking import ask_all
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.cluster.status import cluster_status
from howdah.operations.recovery.choices import Assessment, ServerState, judge, suggest
from howdah.operations.restores.window import Window, window_of
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly, connect_member
from howdah.operations.stack.status import stack_status

PATIENCE_SECONDS = 8.0
WINDOW_SECONDS = 120.0
STATE = """
    SELECT NOT pg_is_in_recovery(), coalesce(sum(checksum_failures), 0)::bigint,
           max(checksum_last_failure)
    FROM pg_stat_database
"""


def whats_wrong(settings: Settings) -> tuple[str, ...]:
    """Everything that a person should know of, the stack first; empty when nothing is."""
    found = [*_stack(settings)]
    if settings.topology.clustered and not found:
        found += cluster_status(settings).wrong
    if settings.topology.backup.enabled:
        found += (
            f"backups: {item.sentence.rstrip(chr(46))}" for item in check_backups(settings).problems
        )
    return tuple(found)


def _stack(settings: Settings) -> list[str]:
    services = stack_status(settings)
    down = [item for item in services if not item.healthy]
    if len(down) == len(services):
        return ["the stack does not run"]
    return [f"{item.service} does not serve: {item.detail}" for item in down]


def assess(settings: Settings) -> Assessment:
    """Servers, pages, archive; and what is suggested."""
    servers = server_states(settings)
    standby = cluster_view(settings).sync_standby if settings.topology.clustered else None
    window, trouble = _window(settings)
    restorable = window is not None and window.first is not None
    suggested, reasons = suggest(servers, standby, restorable)
    return Assessment(
        kind=judge(servers),
        servers=servers,
        sync_standby=standby,
        archive_ends_at=window.last if window else None,
        earliest=window.first if window else None,
        repository_trouble=trouble,
        suggested=suggested,
        reasons=reasons,
    )


def _window(settings: Settings) -> tuple[Window | None, str]:
    if not settings.topology.backup.enabled:
        return None, "this installation takes no backups"
    answer = ask_all({"": partial(window_of, settings)}, WINDOW_SECONDS)[""]
    if isinstance(answer, HowdahError):
        return None, answer.message
    return answer, ""


def server_states(settings: Settings) -> tuple[ServerState, ...]:
    """Each server as it answers, or why it does not."""
    servers = servers_of(settings.topology, settings.layout)
    answers = ask_all(
        {item.node: partial(_ask, settings, item.node) for item in servers}, PATIENCE_SECONDS
    )
    return tuple(
        _state(item.node, answers[item.node], settings, (item.data / "PG_VERSION").exists())
        for item in servers
    )


def _ask(settings: Settings, node: str) -> tuple[object, ...]:
    try:
        with _connect(settings, node) as connection:
            row = connection.execute(STATE).fetchone()
    except psycopg.Error as failure:
        raise Unavailable(str(failure).strip().splitlines()[0]) from failure
    assert row is not None
    return tuple(row)


def _connect(settings: Settings, node: str) -> Connection:
    if node == SINGLE:
        return connect_directly(settings, SUPERUSER, "postgres")
    return connect_member(settings, settings.topology.member(node), SUPERUSER, "postgres")


def _state(
    node: str, answer: tuple[object, ...] | HowdahError, settings: Settings, data_there: bool
) -> ServerState:
    may_lead = node == SINGLE or settings.topology.member(node).candidate
    if isinstance(answer, HowdahError):
        return ServerState(
            node, data_there=data_there, trouble=answer.message.rstrip("."), may_lead=may_lead
        )
    leads, failures, last = answer
    return ServerState(
        node,
        leads=bool(leads),
        data_there=data_there,
        checksum_failures=int(str(failures)),
        last_failure_at=last,  # type: ignore[arg-type]  # a timestamptz or NULL
        may_lead=may_lead,
    )
