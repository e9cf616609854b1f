"""Transactions in what pg_waldump prints."""

from datetime import UTC, datetime

from howdah.operations.restores.waldump import (
    RestorePoint,
    Transaction,
    first_transaction,
    last_transaction,
    records_in,
)

TEXT = """\
rmgr: Transaction len (rec/tot):     34/    34, tx:        735, lsn: 0/04000100, prev 0/040000C0, \
desc: COMMIT 2026-11-22 21:00:00.123456 UTC
rmgr: Transaction len (rec/tot):     34/    34, tx:        736, lsn: 0/04000200, prev 0/04000100, \
desc: ABORT 2026-11-22 21:00:01.000001 UTC
rmgr: XLOG        len (rec/tot):     98/    98, tx:          0, lsn: 0/04000300, prev 0/04000200, \
desc: RESTORE_POINT before_the_upgrade
rmgr: Transaction len (rec/tot):    405/   405, tx:        737, lsn: 0/04000400, prev 0/04000300, \
desc: COMMIT 2026-11-22 21:00:02 UTC; inval msgs: catcache 55 catcache 54; sync
rmgr: XLOG        len (rec/tot):     24/    24, tx:          0, lsn: 0/04000500, prev 0/04000400, \
desc: SWITCH
"""
FIRST = Transaction(735, 0x4000100, datetime(2026, 11, 22, 21, 0, 0, 123456, UTC))
LAST = Transaction(737, 0x4000400, datetime(2026, 11, 22, 21, 0, 2, 0, UTC))


def test_ends_of_transactions_and_restore_points_are_found() -> None:
    first, aborted, point, last = records_in(TEXT)
    assert (first, last) == (FIRST, LAST)
    assert isinstance(aborted, Transaction)
    assert not aborted.committed
    assert point == RestorePoint("before_the_upgrade", 0x4000300)


def test_the_last_commit_below_a_position_begins_below_it() -> None:
    records = list(records_in(TEXT))
    assert last_transaction(records) == LAST
    assert last_transaction(records, 0x4000400) == FIRST
    assert last_transaction(records, 0x4000100) is None


def test_the_first_commit_from_a_position_on_may_begin_at_it() -> None:
    records = list(records_in(TEXT))
    assert first_transaction(records, 0x4000101) == LAST
    assert first_transaction(records, 0x4000400) == LAST
    assert first_transaction(records, 0x4000401) is None
