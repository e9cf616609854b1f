"""What a recovery's log says."""

from datetime import UTC, datetime
from pathlib import Path

from howdah.operations.restores.serverlog import LogReader, recovered

LOG = """\
2026-11-22 21:00:00.100 UTC [11] LOG:  starting point-in-time recovery to 2026-11-22 20:59:00+00
2026-11-22 21:00:00.200 UTC [11] LOG:  restored log file "000000010000000000000004" from archive
2026-11-22 21:00:00.300 UTC [11] LOG:  redo starts at 0/4000028
2026-11-22 21:00:01.300 UTC [11] LOG:  restored log file "000000010000000000000005" from archive
2026-11-22 21:00:02.300 UTC [11] LOG:  recovery stopping before commit of transaction 742, time \
2026-11-22 20:59:01.5+00
2026-11-22 21:00:02.300 UTC [11] LOG:  redo done at 0/5000100 system usage: CPU: user: 0.00 s
2026-11-22 21:00:02.300 UTC [11] LOG:  last completed transaction was at log time \
2026-11-22 20:58:59.25+00
2026-11-22 21:00:02.400 UTC [11] LOG:  selected new timeline ID: 2
"""


def test_a_recovery_is_read_from_its_log() -> None:
    found = recovered(LOG.splitlines())
    assert found.replay_seconds == 2.0
    assert found.wal_bytes == 0x5000100 - 0x4000028
    assert found.segments == 2
    assert found.newest_segment == "000000010000000000000005"
    assert found.timeline == 2
    assert found.stopping.startswith("recovery stopping before commit of transaction 742")
    assert found.last_transaction_at == datetime(2026, 11, 22, 20, 58, 59, 250000, UTC)
    assert found.fatal == found.damage == ()


def test_a_failed_recovery_says_what_is_broken() -> None:
    found = recovered(
        [
            "ERROR: [095]: unable to decrypt",
            "2026-11-22 21:00:02.300 UTC [11] LOG:  incorrect resource manager data checksum in "
            "record at 0/5000100",
            "2026-11-22 21:00:02.400 UTC [12] FATAL:  the database system is starting up",
            "2026-11-22 21:00:02.400 UTC [11] FATAL:  recovery ended before configured recovery "
            "target was reached",
        ]
    )
    assert found.fatal == ("recovery ended before configured recovery target was reached",)
    assert [line.split()[0] for line in found.damage] == ["unable", "incorrect"]


def test_a_growing_log_is_read_on_from_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    whole, half = LOG[:400], LOG[400:]
    path.write_text(whole)
    reader = LogReader(path)
    reader.read()
    path.write_text(whole + half)
    assert reader.read() == recovered(LOG.splitlines())
