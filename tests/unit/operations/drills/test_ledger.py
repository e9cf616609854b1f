"""The clients' account of their writes, compared with what is there."""

from howdah.operations.drills.ledger import Gap, Ledger, longest_gap


def _ledger(*acknowledged_at: float) -> Ledger:
    ledger = Ledger("drill-1")
    for at in acknowledged_at:
        ledger.acknowledge(ledger.next_key(), at)
    return ledger


def test_keys_are_numbered_without_a_gap() -> None:
    ledger = Ledger("drill-1")
    assert [ledger.next_key(), ledger.next_key()] == ["drill-1-000001", "drill-1-000002"]


def test_an_acknowledged_write_that_is_missing_is_lost() -> None:
    compared = _ledger(1.0, 2.0).compare({"drill-1-000001": 1})
    assert compared.lost == ("drill-1-000002",)
    assert compared.acknowledged == 2


def test_a_key_with_two_rows_is_a_duplicate() -> None:
    compared = _ledger(1.0).compare({"drill-1-000001": 2})
    assert compared.duplicated == ("drill-1-000001",)
    assert compared.lost == ()


def test_a_write_that_was_never_acknowledged_is_unknown_and_not_lost() -> None:
    ledger = _ledger(1.0)
    happened, vanished = ledger.next_key(), ledger.next_key()
    ledger.fail(happened, "timed out", 2.0)
    ledger.fail(vanished, "timed out", 2.0)
    compared = ledger.compare({"drill-1-000001": 1, happened: 1})
    assert (compared.lost, compared.unknown, compared.happened) == ((), 2, 1)


def test_the_outage_is_the_longest_pause_that_ended_after_the_fault() -> None:
    assert _ledger(0.0, 5.0, 5.1, 7.1, 7.2).outage(since=6.0) == Gap(5.1, 7.1)


def test_writes_acknowledged_just_after_the_fault_do_not_hide_the_outage() -> None:
    assert _ledger(9.9, 10.01, 17.0, 17.1).outage(since=10.0) == Gap(10.01, 17.0)


def test_an_outage_that_never_ended_is_none() -> None:
    assert _ledger(1.0, 2.0).outage(since=3.0) is None
    assert longest_gap([], since=0.0) is None


def test_failures_are_counted_by_kind_from_the_fault_on() -> None:
    ledger = _ledger()
    for at, kind in ((1.0, "503"), (2.0, "503"), (3.0, "timed out"), (4.0, "503")):
        ledger.fail("key", kind, at)
    assert ledger.failures(since=2.0) == {"503": 2, "timed out": 1}


def _written(*begun_and_acknowledged: tuple[float, float]) -> Ledger:
    ledger = Ledger("drill-1")
    for begun, acknowledged in begun_and_acknowledged:
        ledger.acknowledge(ledger.next_key(begun), acknowledged)
    return ledger


def test_a_database_of_an_earlier_moment_is_exact_whatever_became_of_what_was_under_way() -> None:
    ledger = _written((1.0, 1.5), (2.9, 3.2), (4.0, 4.5))
    for found in ({"drill-1-000001": 1}, {"drill-1-000001": 1, "drill-1-000002": 1}):
        boundary = ledger.boundary(found, before=3.0, after=3.1)
        assert boundary.exact
        assert boundary.between == 1


def test_what_was_acknowledged_before_the_moment_must_be_there() -> None:
    boundary = _written((1.0, 1.5), (2.0, 2.5)).boundary({"drill-1-000002": 1}, 3.0, 3.0)
    assert boundary.missing == ("drill-1-000001",)
    assert not boundary.exact


def test_what_was_begun_after_the_moment_must_not_be_there() -> None:
    found = {"drill-1-000001": 1, "drill-1-000002": 1}
    boundary = _written((1.0, 1.5), (4.0, 4.5)).boundary(found, 3.0, 3.0)
    assert boundary.too_late == ("drill-1-000002",)
    assert not boundary.exact


def test_an_empty_database_is_exact_about_nothing() -> None:
    assert not Ledger("drill-1").boundary({}, 1.0, 1.0).exact


def test_the_loss_reaches_back_to_the_first_acknowledged_write_that_is_missing() -> None:
    ledger = _ledger(1.0, 2.0, 9.0, 20.0)
    there = {"drill-1-000001": 1, "drill-1-000003": 1}
    assert ledger.seconds_lost(there, lost_at=10.0) == 8.0
    assert ledger.seconds_lost(there | {"drill-1-000002": 1}, lost_at=10.0) == 0.0
    assert ledger.lost_after(there, 10.0) == ("drill-1-000004",)
    assert ledger.acknowledged_until(10.0) == 3
