"""Where a restore shall end."""

from datetime import UTC, datetime

import pytest

from howdah.operations.restores.target import (
    Target,
    TargetUnclear,
    parse_target,
    recovery_options,
)

MOMENT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 10:00:00Z",
        "2026-11-22T10:00:00Z",
        "2026-11-22 10:00Z",
        "2026-11-22 10:00:00+00",
        "2026-11-22 11:00:00+01:00",
        "2026-11-22 11:00:00 +01:00",
        "2026-11-22 10:00:00 UTC",
        " 2026-11-22 02:00:00-08:00 ",
    ],
)
def test_a_time_with_its_zone_is_that_moment(text: str) -> None:
    assert parse_target(text) == Target("time", moment=MOMENT)


def test_microseconds_count() -> None:
    found = parse_target("2026-11-22 10:00:00.123456+00")
    assert found.moment == MOMENT.replace(microsecond=123456)
    assert "--target=2026-11-22 10:00:00.123456+00" in recovery_options(found, 1)


def test_a_time_without_a_zone_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(TargetUnclear, match="time zone") as refusal:
        parse_target("2026-11-22 10:00:00")
    assert "2026-11-22 10:00:00Z" in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["", "10:00", "10:00:00Z", "2026-11-22", "2026-13-01 10:00Z", "yesterday", "now", "a b", "0/"],
)
def test_what_cannot_be_understood_is_refused(text: str) -> None:
    with pytest.raises(TargetUnclear):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("latest", Target("latest")),
        ("0/3000060", Target("lsn", lsn=0x3000060)),
        ("1A/0", Target("lsn", lsn=0x1A_0000_0000)),
        ("xid:742", Target("xid", xid=742)),
        ("before_the_upgrade", Target("name", name="before_the_upgrade")),
        ("name:latest", Target("name", name="latest")),
        ("howdah_20261122-214501F_1", Target("name", name="howdah_20261122-214501F_1")),
    ],
)
def test_other_places_are_told_apart(text: str, target: Target) -> None:
    assert parse_target(text) == target


def test_before_goes_with_what_can_be_stopped_short_of() -> None:
    assert parse_target("xid:742", before=True) == Target("xid", xid=742, before=True)
    for text in ("latest", "a_name"):
        with pytest.raises(TargetUnclear):
            parse_target(text, before=True)


@pytest.mark.parametrize("text", ["2026-11-22 10:00Z", "0/3000060", "xid:742", "a_name"])
def test_a_recovery_always_promotes_and_names_its_timeline(text: str) -> None:
    options = recovery_options(parse_target(text), 3)
    assert "--target-action=promote" in options
    assert "--target-timeline=3" in options
    assert "--target-exclusive" not in options


def test_before_is_told_as_exclusive() -> None:
    assert "--target-exclusive" in recovery_options(parse_target("xid:742", before=True), 1)


def test_the_end_of_the_archive_has_a_timeline_too() -> None:
    assert recovery_options(parse_target("latest"), 2) == ("--type=default", "--target-timeline=2")


@pytest.mark.parametrize(
    ("text", "before", "words"),
    [
        ("2026-11-22 11:00+01:00", False, "2026-11-22 10:00:00+00"),
        ("xid:742", True, "just before transaction 742"),
        ("latest", False, "the end of the archive"),
    ],
)
def test_a_target_is_said_in_words(text: str, before: bool, words: str) -> None:
    assert str(parse_target(text, before=before)) == words
