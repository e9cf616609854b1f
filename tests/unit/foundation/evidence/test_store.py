"""Evidence is complete, readable and never overwritten (in a folder of the test's own)."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from howdah.foundation.errors import CommandFailed
from howdah.foundation.evidence import evidence_of, keep_evidence

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_evidence_is_a_readable_file_named_by_moment_and_subject(tmp_path: Path) -> None:
    path = keep_evidence(tmp_path / "drills", "partition", {"verdict": "passed"}, MOMENT)
    assert path == tmp_path / "drills" / "20260102T030405Z-partition.json"
    assert json.loads(path.read_text()) == {"verdict": "passed"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_evidence_of_the_same_second_stands_beside_and_the_first_stays(tmp_path: Path) -> None:
    first = keep_evidence(tmp_path, "partition", {"number": 1}, MOMENT)
    second = keep_evidence(tmp_path, "partition", {"number": 2}, MOMENT)
    assert first != second
    assert json.loads(first.read_text()) == {"number": 1}


def test_what_was_kept_comes_newest_first_and_by_name(tmp_path: Path) -> None:
    keep_evidence(tmp_path, "etcd-loss", {"number": 1}, MOMENT)
    keep_evidence(tmp_path, "partition", {"number": 2}, MOMENT.replace(hour=4))
    keep_evidence(tmp_path, "partition", {"number": 3}, MOMENT.replace(hour=4))
    assert [kept.document["number"] for kept in evidence_of(tmp_path)] == [3, 2, 1]
    assert [kept.document["number"] for kept in evidence_of(tmp_path, "etcd-loss")] == [1]


def test_a_file_that_is_no_evidence_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "20260102T030405Z-partition.json").write_text("half a docu")
    assert list(evidence_of(tmp_path)) == []


def test_evidence_that_cannot_be_kept_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("a file where the folder should be")
    with pytest.raises(CommandFailed, match="cannot be kept"):
        keep_evidence(tmp_path / "drills", "partition", {})
