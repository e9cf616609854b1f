from datetime import UTC, datetime

from howdah.operations.migrations.history import (
    Direction,
    Entry,
    Event,
    interrupted,
    standing_of,
)
from howdah.operations.migrations.ledger import adoptions

AT = datetime(2026, 1, 1, tzinfo=UTC)


def entry(version: str, direction: Direction, event: Event, sha256: str = "a") -> Entry:
    return Entry(AT, version, version, direction, event, sha256, 0.1, "ada@db1", "o", "h", "")


def order(*entries: Entry) -> list[str]:
    return [ran.version for ran in standing_of(entries)]


def test_what_was_taken_back_stands_no_more() -> None:
    up, down = entry("001", "up", Event.DONE), entry("001", "down", Event.DONE)
    assert order(up, down) == []
    assert order(up, down, up) == ["001"]


def test_what_ran_again_stands_last() -> None:
    one, two = entry("001", "up", Event.DONE), entry("002", "up", Event.DONE)
    assert order(one, two, entry("001", "down", Event.ADOPTED), one) == ["002", "001"]


def test_what_only_began_or_failed_does_not_stand() -> None:
    assert order(entry("001", "up", Event.BEGUN), entry("001", "up", Event.FAILED)) == []


def test_an_accepted_file_counts_from_then_on() -> None:
    ran, accepted = entry("001", "up", Event.DONE), entry("001", "up", Event.ACCEPTED, "b")
    assert [item.sha256 for item in standing_of([ran, accepted])] == ["b"]


def test_what_began_and_did_not_end_was_interrupted() -> None:
    begun = entry("002", "up", Event.BEGUN)
    assert interrupted([entry("001", "up", Event.DONE), begun]) == (begun,)
    for end in (Event.DONE, Event.FAILED, Event.ADOPTED):
        assert interrupted([begun, entry("002", "up", end)]) == ()


def test_another_tools_work_is_what_the_versions_say_and_the_entries_do_not() -> None:
    entries = [entry(version, "up", Event.DONE) for version in ("001", "002", "003")]
    versions = frozenset({"001", "1000", "004"})
    assert adoptions(entries, versions) == (
        ("003", "down"),
        ("002", "down"),
        ("004", "up"),
        ("1000", "up"),
    )
