"""What pgBackRest's verify prints is understood; what is not understood is a finding."""

import pytest

from howdah.operations.backups.verify_output import Damage, by_kind, understood

BEGIN = "P00   INFO: verify command begin 2.45: --config=/etc/x.conf --stanza=production"
END = "P00   INFO: verify command end: completed successfully"
RANGE = (
    "P00 DETAIL: archiveId: 15-1, wal start: 000000010000000000000002, "
    "wal stop: 000000010000000000000007"
)
LABEL = "20261122-220000F"
WAL = "15-1/0000000100000000/000000010000000000000004-0123456789abcdef0123456789abcdef01234567.zst"
GOOD = f"""\
P00   INFO: stanza: production
            status: ok
              archiveId: 15-1, total WAL checked: 6, total valid WAL: 6
                missing: 0, checksum invalid: 0, size invalid: 0, other: 0
              backup: {LABEL}, status: valid, total files checked: 1500, total valid files: 1500
                missing: 0, checksum invalid: 0, size invalid: 0, other: 0"""


def printed(*lines: str, summary: str = GOOD) -> str:
    return "\n".join((BEGIN, *lines, RANGE, summary, END)) + "\n"


def test_a_whole_repository_has_no_damage() -> None:
    found = understood(printed())
    assert found.ok
    assert found.ended
    assert found.damages == ()
    assert (found.wal_checked, found.wal_valid) == (6, 6)
    assert [(item.label, item.status, item.files) for item in found.backups] == [
        (LABEL, "valid", 1500)
    ]


@pytest.mark.parametrize("text", ["", "\n", BEGIN, f"{BEGIN}\n{RANGE}\n{END}\n"])
def test_without_a_summary_nothing_was_proven(text: str) -> None:
    found = understood(text)
    assert not found.ended
    assert not found.ok


def test_a_damaged_data_file_is_named_with_its_backup() -> None:
    file = f"{LABEL}/pg_data/base/5/1259.zst"
    summary = GOOD.replace("status: ok", "status: error").replace(
        "status: valid", "status: invalid"
    )
    found = understood(printed(f"P01   INFO: invalid checksum '{file}'", summary=summary))
    assert found.damages == (
        Damage("file", file, f"backup {LABEL}, pg_data/base/5/1259.zst: invalid checksum"),
    )
    assert not found.ok


@pytest.mark.parametrize("problem", ["file missing", "invalid size", "invalid checksum"])
def test_a_damaged_segment_is_named(problem: str) -> None:
    level = "WARN" if problem == "file missing" else "INFO"
    found = understood(printed(f"P02   {level}: {problem} '{WAL}'"))
    assert [(item.kind, item.name) for item in found.damages] == [
        ("wal", "000000010000000000000004")
    ]


def test_a_segment_that_cannot_be_unpacked_is_named_with_the_reason() -> None:
    found = understood(
        printed(
            f"P02   INFO: invalid result {WAL}: [95] raised from local-2 shim protocol: "
            "unable to flush",
            "            [CryptoError] on retry after 0ms",
        )
    )
    assert [(item.kind, item.name) for item in found.damages] == [
        ("wal", "000000010000000000000004")
    ]
    assert "unable to flush" in found.damages[0].sentence


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        (f"{LABEL}/backup.manifest is missing or unusable, using copy", "manifest", LABEL),
        (f"backup '{LABEL}' manifest.copy does not match manifest", "manifest", LABEL),
        ("archive.info.copy does not match archive.info", "info", "archive.info"),
    ],
)
def test_damage_that_a_copy_makes_up_for_is_told_although_the_status_is_ok(
    line: str, kind: str, name: str
) -> None:
    found = understood(printed(f"P00 DETAIL: {line}"))
    assert [(item.kind, item.name, item.mended_by_copy) for item in found.damages] == [
        (kind, name, True)
    ]


def test_a_missing_manifest_is_told_although_the_status_is_ok() -> None:
    summary = GOOD.replace("status: valid", "status: manifest missing")
    line = f"P00 DETAIL: manifest missing for '{LABEL}' - backup may have expired"
    found = understood(printed(line, summary=summary))
    assert [(item.kind, item.name) for item in found.damages] == [("manifest", LABEL)]


def test_a_backup_called_invalid_without_a_reason_is_named_all_the_same() -> None:
    summary = GOOD.replace("status: valid", "status: invalid")
    found = understood(printed(summary=summary))
    assert [(item.kind, item.name) for item in found.damages] == [("backup", LABEL)]


def test_missing_info_files_are_named() -> None:
    summary = (
        "P00   INFO: stanza: production\n            status: error\n"
        "              No usable backup.info file\n              No usable archive.info file"
    )
    found = understood(printed(summary=summary))
    assert {item.name for item in found.damages} == {"backup.info", "archive.info"}
    assert by_kind(found.damages) == {"info": 2}


@pytest.mark.parametrize(
    "line",
    [
        "P00   INFO: duplicate WAL '000000010000000000000004' for '15-1' exists, skipping",
        "P00   WARN: something new",
        "P00  ERROR: [029]: unexpected",
        "P00 DETAIL: unable to load info file",
        "pgbackrest: command not found",
    ],
)
def test_a_line_that_nobody_foresaw_is_a_finding(line: str) -> None:
    assert [item.kind for item in understood(printed(line)).damages] == ["other"]


def test_a_backup_that_is_being_taken_is_no_damage() -> None:
    summary = GOOD.replace("status: valid", "status: in-progress")
    line = f"P00   INFO: backup '{LABEL}' appears to be in progress, skipping"
    assert understood(printed(line, summary=summary)).damages == ()
