"""The draft is filled in from the record, and asks for the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.recovery.post_mortem import post_mortem
from howdah.operations.recovery.record import (
    ASSESS,
    DONE,
    FAILED,
    IDENTIFY,
    POST_MORTEM,
    RECOVER,
    RECOVERED,
    SWITCH,
    VERIFY,
    Record,
    begun,
    decided,
    ended,
    new_record,
    noted,
    told,
)

BEGUN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def recovered() -> Record:
    record = new_record(BEGUN)
    record = ended(begun(record, IDENTIFY, at(0)), at(1), DONE, ("the stack does not run",))
    record = ended(begun(record, ASSESS, at(1)), at(3), DONE, ("judged: infrastructure failure",))
    choice = Choice(RESTORE)
    record = noted(told(record, at(3), str(choice), decision=True), choice=choice.document())
    record = begun(record, RECOVER, at(4))
    record = begun(record, RECOVER, at(60))
    record = ended(record, at(100), DONE, figures={"restore_seconds": 12.5})
    record = ended(begun(record, VERIFY, at(100)), at(110), FAILED, ("it was not reachable",))
    record = ended(begun(record, VERIFY, at(110)), at(120), DONE, ("the checksums are right",))
    record = begun(record, SWITCH, at(120))
    record = told(record, at(125), "the application can write again")
    record = ended(record, at(130), DONE, figures={"outage_seconds": 125.0})
    record = noted(record, aside="/srv/data/pgdata.before-x")
    return begun(decided(record, RECOVERED), POST_MORTEM, at(131))


def test_it_tells_who_decided_what_and_when() -> None:
    text = post_mortem(recovered(), "/srv/howdah")
    assert "| 2026-11-22 03:00:03 | **decided**: restore to the end of the archive |" in text
    assert "| 2026-11-22 03:02:05 | the application can write again |" in text


def test_it_tells_what_was_cut_short_and_what_failed() -> None:
    text = post_mortem(recovered(), "/srv/howdah")
    assert "step 3 Recover was cut short" in text
    assert "step 4 Verify failed: it was not reachable" in text


def test_it_tells_the_outage_and_where_the_old_data_are() -> None:
    text = post_mortem(recovered(), "/srv/howdah")
    assert "- **Nobody could write for**: 125.0 s" in text
    assert "kept in `/srv/data/pgdata.before-x`" in text
    assert "| restore seconds | 12.5 |" in text


def test_it_asks_for_what_only_people_know() -> None:
    text = post_mortem(recovered(), "/srv/howdah")
    assert "## Cause\n\n*What broke, and what let it?*" in text


def test_the_timeline_is_in_order() -> None:
    lines = post_mortem(recovered(), "x").partition("## Timeline")[2].partition("## ")[0]
    moments = [line.split("|")[1] for line in lines.splitlines() if line.startswith("| 2026")]
    assert moments == sorted(moments)
    assert len(moments) > 8


def test_one_that_changed_nothing_can_be_written_up() -> None:
    text = post_mortem(replace(new_record(BEGUN), outcome="not needed"), "x")
    assert "Nothing was found that called for a recovery" in text
