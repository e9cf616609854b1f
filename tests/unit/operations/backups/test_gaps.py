"""Which WAL must be there, and what of it is not."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.operations.backups.gaps import (
    DEFAULT_SEGMENT_BYTES,
    Hole,
    Needs,
    Segment,
    Switch,
    find_holes,
    parse_history,
    parse_lsn,
    reach,
)

MB16 = DEFAULT_SEGMENT_BYTES


def wal(timeline: int, first: int, last: int) -> set[Segment]:
    return {Segment(timeline, number) for number in range(first, last + 1)}


def backup(timeline: int, first: int, last: int) -> Needs:
    return Needs(f"B{first}", Segment(timeline, first), Segment(timeline, last))


def test_a_segment_is_named_as_postgresql_names_it() -> None:
    assert Segment(1, 255).name() == "0000000100000000000000FF"
    assert Segment(10, 256).name() == "0000000A0000000100000000"
    assert Segment.named("0000000A0000000100000002") == Segment(10, 258)
    assert Segment(1, 64).name(64 * 1024 * 1024) == "000000010000000100000000"


@pytest.mark.parametrize("name", ["", "00000001000000000000000", "0000000100000000000000fg"])
def test_what_is_no_segment_is_not_taken_for_one(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        Segment.named(name)


def test_an_archive_without_holes_has_none() -> None:
    assert find_holes(wal(1, 3, 9), {}, [backup(1, 3, 4)], 1) == ()


def test_a_missing_segment_is_a_hole() -> None:
    found = find_holes(wal(1, 3, 9) - wal(1, 6, 7), {}, [backup(1, 3, 4)], 1)
    assert found == (Hole(1, 6, 7),)
    assert found[0].names() == ("000000010000000000000006", "000000010000000000000007")
    assert found[0].count == 2


def test_what_is_missing_before_the_oldest_backup_is_needed_by_nobody() -> None:
    assert find_holes(wal(1, 1, 2) | wal(1, 5, 9), {}, [backup(1, 6, 6)], 1) == ()


def test_the_first_segment_of_the_oldest_backup_is_needed() -> None:
    assert find_holes(wal(1, 4, 9), {}, [backup(1, 3, 4)], 1) == (Hole(1, 3, 3),)


def test_a_segment_after_the_end_of_the_log_file_is_the_next_one() -> None:
    assert find_holes(wal(1, 250, 260), {}, [backup(1, 250, 251)], 1) == ()
    assert find_holes(wal(1, 250, 260) - wal(1, 256, 256), {}, [backup(1, 250, 251)], 1) == (
        Hole(1, 256, 256),
    )


def test_without_a_backup_nothing_is_needed() -> None:
    assert find_holes(wal(1, 3, 4) | wal(1, 9, 9), {}, [], 1) == ()


def test_the_segment_in_which_a_timeline_was_left_is_the_next_timelines() -> None:
    histories = {2: (Switch(1, 6 * MB16 + 1000),)}
    assert find_holes(wal(1, 3, 5) | wal(2, 6, 9), histories, [backup(1, 3, 3)], 2) == ()


def test_wal_that_the_old_primary_never_archived_is_a_hole() -> None:
    histories = {2: (Switch(1, 6 * MB16 + 1000),)}
    found = find_holes(wal(1, 3, 4) | wal(2, 6, 9), histories, [backup(1, 3, 3)], 2)
    assert found == (Hole(1, 5, 5),)


def test_it_is_one_already_when_the_new_timeline_has_archived_nothing() -> None:
    histories = {2: (Switch(1, 6 * MB16 + 1000),)}
    assert find_holes(wal(1, 3, 4), histories, [backup(1, 3, 3)], 2) == (Hole(1, 5, 5),)


def test_a_timeline_left_at_the_very_end_of_a_segment_needs_that_segment() -> None:
    histories = {2: (Switch(1, 6 * MB16),)}
    assert find_holes(wal(1, 3, 4) | wal(2, 6, 9), histories, [backup(1, 3, 3)], 2) == (
        Hole(1, 5, 5),
    )


def test_what_an_old_primary_archived_after_it_was_left_is_of_no_interest() -> None:
    histories = {2: (Switch(1, 6 * MB16 + 1000),)}
    segments = wal(1, 3, 5) | wal(1, 8, 8) | wal(2, 6, 9)
    assert find_holes(segments, histories, [backup(1, 3, 3)], 2) == ()


def test_a_timeline_can_be_left_several_times() -> None:
    histories = {
        2: (Switch(1, 6 * MB16 + 1),),
        3: (Switch(1, 6 * MB16 + 1), Switch(2, 8 * MB16 + 1)),
    }
    segments = wal(1, 3, 5) | wal(2, 6, 7) | wal(3, 8, 9)
    assert find_holes(segments, histories, [backup(1, 3, 3)], 3) == ()
    assert find_holes(segments - wal(2, 7, 7), histories, [backup(1, 3, 3)], 3) == (Hole(2, 7, 7),)


def test_a_timeline_begun_from_an_earlier_one_does_not_need_those_between() -> None:
    # Restored to a moment on timeline 1 although there was a timeline 2: 3 comes from 1.
    histories = {2: (Switch(1, 6 * MB16 + 1),), 3: (Switch(1, 5 * MB16 + 1),)}
    segments = wal(1, 3, 5) | wal(2, 6, 6) | wal(2, 8, 8) | wal(3, 5, 7)
    assert find_holes(segments, histories, [backup(1, 3, 3)], 3) == ()


def test_a_backup_of_a_timeline_that_leads_nowhere_needs_its_own_wal() -> None:
    histories = {2: (Switch(1, 5 * MB16 + 1),)}
    kept = [backup(1, 3, 3), backup(1, 7, 8)]
    segments = wal(1, 3, 7) | wal(2, 5, 9)
    assert find_holes(segments, histories, kept, 2) == (Hole(1, 8, 8),)


def test_holes_that_touch_are_one() -> None:
    kept = [backup(1, 3, 5), backup(1, 5, 7)]
    assert find_holes(wal(1, 9, 9), {}, kept, 1) == (Hole(1, 3, 8),)


def test_a_backup_reaches_as_far_as_the_first_hole() -> None:
    segments = wal(1, 3, 9) - wal(1, 6, 6)
    assert reach(backup(1, 3, 4), segments, {}, 1) == Segment(1, 5)
    assert reach(backup(1, 7, 7), segments, {}, 1) == Segment(1, 9)
    assert reach(backup(1, 5, 6), segments, {}, 1) is None


def test_a_backup_reaches_into_the_timelines_that_followed() -> None:
    histories = {2: (Switch(1, 6 * MB16 + 1000),)}
    segments = wal(1, 3, 8) | wal(2, 6, 9)
    assert reach(backup(1, 3, 4), segments, histories, 2) == Segment(2, 9)
    assert reach(backup(1, 3, 4), segments - wal(2, 6, 6), histories, 2) == Segment(1, 5)
    assert reach(backup(1, 7, 7), segments, histories, 2) == Segment(1, 8)


@dataclass(frozen=True)
class Past:
    """Where a server has been: the timelines that lead to the current one, and who was left."""

    switches: tuple[Switch, ...]
    current: int
    newest: int

    def timeline_of(self, number: int) -> int:
        """The timeline whose copy of that segment recovery reads: the last that begins there."""
        timeline = self.switches[0].timeline if self.switches else self.current
        after = [switch.timeline for switch in self.switches[1:]] + [self.current]
        for switch, following in zip(self.switches, after, strict=False):
            if switch.lsn // MB16 <= number:
                timeline = following
        return timeline


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    timelines = sorted(draw(st.sets(st.integers(1, 40), min_size=1, max_size=5)))
    lsns = sorted(
        draw(
            st.lists(
                st.integers(0, 300 * MB16),
                min_size=len(timelines) - 1,
                max_size=len(timelines) - 1,
            )
        )
    )
    switches = tuple(Switch(line, lsn) for line, lsn in zip(timelines[:-1], lsns, strict=True))
    begins = lsns[-1] // MB16 if lsns else 0
    return Past(switches, timelines[-1], draw(st.integers(begins, begins + 40)))


@given(past=pasts(), data=st.data())
def test_exactly_what_recovery_would_ask_for_and_not_get_is_found(
    past: Past, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, past.newest))
    asked = [Segment(past.timeline_of(number), number) for number in range(start, past.newest + 1)]
    removed = set(data.draw(st.lists(st.sampled_from(asked), max_size=6)))
    removed -= {asked[-1]}  # of the end an archive says nothing
    noise = (
        {
            Segment(line, number)
            for line, number in data.draw(
                st.lists(st.tuples(st.integers(1, 40), st.integers(0, 400)), max_size=10)
            )
        }
        - {Segment(past.current, number) for number in range(past.newest + 1, 401)}
        - removed
    )
    oldest = Needs("B", asked[0], asked[0])
    found = find_holes(
        (set(asked) - removed) | noise, {past.current: past.switches}, [oldest], past.current
    )
    missing = {
        Segment(hole.timeline, number)
        for hole in found
        for number in range(hole.first, hole.last + 1)
    }
    assert missing == removed
    reached = reach(oldest, (set(asked) - removed) | noise, {past.current: past.switches},
                    past.current)  # fmt: skip
    before = [item for item in asked if item.number < min((m.number for m in removed),
                                                           default=past.newest + 1)]  # fmt: skip
    assert reached == (before[-1] if before else None)


def test_a_history_is_read() -> None:
    text = "1\t0/6000098\tno recovery target specified\n\n2\t1/A0000000\tbefore 2026-11-22\n"
    assert parse_history(3, text) == (
        Switch(1, parse_lsn("0/6000098")),
        Switch(2, parse_lsn("1/A0000000")),
    )


@pytest.mark.parametrize(
    "text", ["", "\x81\x13garbage\n", "2\t0/6000098\tx\n1\t0/5\ty\n", "5\t0/6000098\tx\n"]
)
def test_a_damaged_history_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"of it|it names"):
        parse_history(3, text)
