"""Evidence that backups can be restored: what each restore test found, kept for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah.foundation.evidence import Kept, evidence_of, keep_evidence
from howdah.foundation.settings import Settings

NAME = "restore-test"


@dataclass(frozen=True)
class RestoreTest:
    """One of them."""

    moment: datetime
    """When it ended."""
    passed: bool
    failure: str
    """Why not; empty when it passed."""
    backup: str
    seconds: float
    restored_bytes: int
    path: Path
    details: Mapping[str, Any]

    @property
    def bytes_per_second(self) -> float:
        """Of the whole test."""
        return self.restored_bytes / self.seconds if self.seconds else 0.0


def record_restore_test(  # noqa: PLR0913  (what is to be known of one)
    settings: Settings,
    *,
    failure: str,
    backup: str,
    seconds: float,
    restored_bytes: int,
    details: Mapping[str, Any],
) -> Path:
    """Keep what a test found; returns its file. `failure`: why it failed, "" when it passed.

    Raises CommandFailed when it cannot be kept.
    """
    moment = datetime.now(UTC)
    document = {
        "kind": "restore-tests",
        "moment": moment.isoformat(),
        "passed": not failure,
        "failure": failure,
        "backup": backup,
        "seconds": round(seconds, 3),
        "restored_bytes": restored_bytes,
        "details": dict(details),
    }
    return keep_evidence(settings.layout.restore_tests, NAME, document, moment)


def restore_tests(settings: Settings) -> Iterator[RestoreTest]:
    """All of them, the newest first; a file that is none is left out."""
    for kept in evidence_of(settings.layout.restore_tests, NAME):
        try:
            yield _read(kept)
        except (KeyError, TypeError, ValueError):
            continue


def last_restore_test(settings: Settings) -> RestoreTest | None:
    """The newest; None when there was none."""
    return next(restore_tests(settings), None)


def _read(kept: Kept) -> RestoreTest:
    document = kept.document
    return RestoreTest(
        moment=datetime.fromisoformat(document["moment"]),
        passed=document["passed"] is True,
        failure=str(document["failure"]),
        backup=str(document["backup"]),
        seconds=float(document["seconds"]),
        restored_bytes=int(document["restored_bytes"]),
        path=kept.path,
        details=dict(document["details"]),
    )
