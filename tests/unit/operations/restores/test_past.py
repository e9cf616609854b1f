"""Which backup and which WAL lead to a moment."""

from datetime import UTC, datetime, timedelta

from howdah.operations.backups.gaps import Segment, Switch
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.repository import Archive, Repository
from howdah.operations.restores.past import Past

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEGMENT_BYTES = 16 * 1024 * 1024


def backup(
    label: str, timeline: int, number: int, hours: float, *, damaged: bool = False
) -> Backup:
    """One that ended so many hours after noon, within one segment."""
    segment = Segment(timeline, number).name()
    moment = NOON + timedelta(hours=hours)
    return Backup(
        label=label,
        kind="full",
        begun=moment - timedelta(seconds=5),
        ended=moment,
        database_bytes=1,
        repository_bytes=1,
        wal_start=segment,
        wal_stop=segment,
        lsn_start=f"0/{number * SEGMENT_BYTES + 40:X}",
        lsn_stop=f"0/{number * SEGMENT_BYTES + 80:X}",
        damaged=damaged,
    )


def past(
    backups: list[Backup], segments: list[Segment], timeline: int = 1, left: int | None = None
) -> Past:
    """`left`: the segment in which timeline 1 was left for 2."""
    archive = Archive("15-1", dict.fromkeys(segments, NOON))
    history = () if left is None else (Switch(1, left * SEGMENT_BYTES + 1000),)
    return Past(Repository(tuple(backups), archive, "1"), timeline, history)


def on(timeline: int, *numbers: int) -> list[Segment]:
    return [Segment(timeline, number) for number in numbers]


def test_the_newest_backup_that_was_complete_before_the_moment_is_taken() -> None:
    seen = past([backup("a", 1, 2, 0), backup("b", 1, 4, 2)], on(1, 2, 3, 4, 5))
    moments = {"a": NOON + timedelta(hours=2), "b": NOON + timedelta(hours=2, seconds=1)}
    for label, moment in moments.items():
        found = seen.newest_before(moment, None)
        assert found
        assert found.label == label
    assert seen.newest_before(NOON, None) is None


def test_a_backup_of_damaged_pages_is_taken_only_when_there_is_no_other() -> None:
    seen = past([backup("a", 1, 2, 0), backup("b", 1, 4, 2, damaged=True)], on(1, 2, 3, 4))
    found = seen.newest_before(None, None)
    assert found
    assert found.label == "a"
    only = past([backup("b", 1, 4, 2, damaged=True)], on(1, 4)).newest_before(None, None)
    assert only


def test_a_backup_of_a_timeline_that_leads_elsewhere_is_not_taken() -> None:
    before, beyond = backup("before", 1, 2, 0), backup("beyond", 1, 7, 1)
    seen = past([before, beyond], on(1, 2, 3, 4, 5, 6, 7) + on(2, 5, 6), timeline=2, left=5)
    assert seen.backups == (before,)


def test_wal_is_followed_onto_the_timeline_that_came_after() -> None:
    first = backup("a", 1, 3, 0)
    seen = past([first], on(1, 3, 4, 5, 6) + on(2, 5, 6), timeline=2, left=5)
    assert seen.after(first) == ((*on(1, 3, 4), *on(2, 5, 6)), None)


def test_a_hole_ends_what_can_be_reached_and_is_named() -> None:
    first = backup("a", 1, 3, 0)
    seen = past([first], on(1, 3, 4, 6, 7))
    assert seen.after(first) == (tuple(on(1, 3, 4)), Segment(1, 5))
    assert [hole.names() for hole in seen.holes] == [(Segment(1, 5).name(), Segment(1, 5).name())]
