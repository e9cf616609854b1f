from datetime import UTC, datetime
from typing import Any

from howdah.operations.backups.listing import listing_of

NOON = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())


def _found(label: str, kind: str, ended: int, timeline: str = "00000001") -> dict[str, Any]:
    return {
        "label": label,
        "type": kind,
        "prior": None,
        "error": False,
        "timestamp": {"start": ended - 60, "stop": ended},
        "archive": {"start": f"{timeline}0000000000000002", "stop": f"{timeline}0000000000000003"},
        "lsn": {"start": "0/2000028", "stop": "0/3000050"},
        "info": {"size": 1000, "delta": 900, "repository": {"size": 100, "delta": 90}},
    }


def test_backups_are_listed_from_the_oldest_to_the_newest() -> None:
    info = {"backup": [_found("b", "incr", NOON + 100), _found("a", "full", NOON)], "archive": []}
    found = listing_of(info)
    assert [(item.label, item.kind) for item in found.backups] == [
        ("a", "full"),
        ("b", "incremental"),
    ]
    assert found.newest is found.backups[1]
    assert found.earliest == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert found.backups[0].seconds == 60


def test_the_timeline_is_that_of_the_last_segment() -> None:
    info = {"backup": [_found("a", "full", NOON, "0000000A")], "archive": []}
    assert listing_of(info).backups[0].timeline == 10


def test_without_a_backup_nothing_can_be_restored() -> None:
    found = listing_of({"backup": [], "archive": [{"max": "000000010000000000000009"}]})
    assert (found.newest, found.earliest) == (None, None)
    assert found.newest_segment == "000000010000000000000009"
