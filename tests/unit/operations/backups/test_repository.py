"""The archive as its files say."""

from typing import Any

from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.repository import Archive, archive_from, merged, settled_folders

HASH = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def file(seconds: int = 1_790_000_000) -> dict[str, Any]:
    return {"type": "file", "size": 100, "time": seconds}


def test_segments_and_histories_are_told_from_what_else_lies_there() -> None:
    found = archive_from(
        "15-1",
        {
            ".": {"type": "path"},
            "00000002.history": file(),
            "0000000100000000": {"type": "path"},
            f"0000000100000000/000000010000000000000003-{HASH}.zst": file(),
            f"0000000100000000/000000010000000000000004-{HASH}": file(),
            f"0000000100000000/000000010000000000000005.partial-{HASH}.zst": file(),
            "0000000100000000/000000010000000000000003.00000028.backup": file(),
            f"0000000100000000/000000010000000000000006-{HASH}.zst.pgbackrest.tmp": file(),
            f"0000000200000000/000000020000000000000005-{HASH}.zst": file(1_790_000_060),
        },
    )
    assert set(found.segments) == {Segment(1, 3), Segment(1, 4), Segment(2, 5)}
    assert found.histories == {2}
    assert found.timeline == 2
    assert found.newest == Segment(2, 5)
    assert found.segments[Segment(2, 5)].timestamp() == 1_790_000_060
    assert found.stored_bytes == 700
    assert found.duplicates == ()


def test_a_segment_with_two_contents_is_noticed() -> None:
    folder = "0000000100000000/000000010000000000000003"
    found = archive_from("15-1", {f"{folder}-{HASH}.zst": file(), f"{folder}-{OTHER}.zst": file()})
    assert found.duplicates == ("000000010000000000000003",)


def test_an_empty_archive_has_nothing_newest() -> None:
    found = archive_from("15-1", {".": {"type": "path"}})
    assert found.newest is None
    assert found.timeline == 1


def archived(*names: str) -> Archive:
    listed = {f"{name[:16]}/{name}-{HASH}.zst": file() for name in names}
    return archive_from("15-1", listed)


def test_a_folder_is_settled_when_a_later_one_of_its_timeline_follows() -> None:
    seen = archived(
        "0000000100000000000000FE",
        "000000010000000100000000",
        "000000020000000000000003",
    )
    assert settled_folders(seen) == {"0000000100000000"}


def test_what_was_seen_of_settled_folders_is_kept_and_the_rest_is_new() -> None:
    before = archived("0000000100000000000000FE", "000000010000000100000000")
    now = archived("000000010000000100000000", "000000010000000100000001")
    found = merged(before, now, {"0000000100000000"})
    assert set(found.segments) == {Segment(1, 254), Segment(1, 256), Segment(1, 257)}
    assert found.stored_bytes == 300


def test_what_has_expired_is_forgotten() -> None:
    before = archived("0000000100000000000000FE", "000000010000000100000000")
    found = merged(before, archived("000000010000000100000000"), set())
    assert set(found.segments) == {Segment(1, 256)}
    assert found.stored_bytes == 100
