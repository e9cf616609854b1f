"""What is suggested to somebody who has just been woken up."""

from datetime import UTC, datetime

import pytest

from howdah.operations.recovery.choices import (
    CORRUPTION,
    INFRASTRUCTURE,
    NOTHING,
    PROMOTE,
    RESTORE,
    SOUND,
    START,
    Assessment,
    Choice,
    ServerState,
    judge,
    suggest,
)

LEADER = ServerState("postgres-a", leads=True)
STANDBY = ServerState("postgres-b")
DAMAGED = ServerState("postgres-a", leads=True, checksum_failures=3)
DAMAGED_STANDBY = ServerState("postgres-b", checksum_failures=1)
DOWN = ServerState("postgres-a", trouble="nothing listens there")
GONE = ServerState("postgres-a", trouble="nothing listens there", data_there=False)
GONE_STANDBY = ServerState("postgres-b", trouble="nothing listens there", data_there=False)
REPLICA = ServerState("replica", trouble="nothing listens there", may_lead=False)


@pytest.mark.parametrize(
    ("servers", "standby", "restorable", "expected"),
    [
        pytest.param((LEADER, STANDBY), "postgres-b", True, NOTHING, id="all is well"),
        pytest.param((DOWN, STANDBY), "postgres-b", True, PROMOTE, id="the primary is gone"),
        pytest.param(
            (DAMAGED, STANDBY), "postgres-b", True, PROMOTE, id="damaged pages there only"
        ),
        pytest.param((DAMAGED, DAMAGED_STANDBY), "postgres-b", True, RESTORE, id="damage in both"),
        pytest.param((DAMAGED,), None, True, RESTORE, id="damaged, no standby"),
        pytest.param((DOWN, STANDBY), None, True, START, id="the standby was not in synchrony"),
        pytest.param((DOWN,), None, True, START, id="only stopped"),
        pytest.param((GONE,), None, True, RESTORE, id="the data are gone"),
        pytest.param((GONE, GONE_STANDBY, REPLICA), None, True, RESTORE, id="only a replica's"),
        pytest.param((GONE,), None, False, NOTHING, id="and no backup either"),
    ],
)
def test_the_least_harmful_thing_is_suggested(
    servers: tuple[ServerState, ...], standby: str | None, restorable: bool, expected: str
) -> None:
    choice, reasons = suggest(servers, standby, restorable)
    assert choice.action == expected
    assert reasons


def test_damage_and_absence_are_told_apart() -> None:
    assert judge((DAMAGED, STANDBY)) == CORRUPTION
    assert judge((DOWN, STANDBY)) == INFRASTRUCTURE
    assert judge((LEADER, STANDBY)) == SOUND


def test_a_choice_survives_being_recorded() -> None:
    choice = Choice(RESTORE, "2026-11-22 10:00:00Z", before=True, member="postgres-b", hold=True)
    assert Choice.of(choice.document()) == choice
    assert str(choice) == "restore to just before 2026-11-22 10:00:00+00"


def test_an_assessment_is_told_in_sentences() -> None:
    moment = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    choice, reasons = suggest((GONE,), None, restorable=True)
    found = Assessment(
        judge((GONE,)),
        (GONE,),
        archive_ends_at=moment,
        earliest=moment,
        suggested=choice,
        reasons=reasons,
    )
    assert found.sentences() == (
        "judged: infrastructure failure",
        "postgres-a does not answer: nothing listens there; its data directory is gone",
        "can be restored: 2026-11-22 03:00:00+00 to 2026-11-22 03:00:00+00",
        "suggested: restore to the end of the archive",
        "nobody has the data whole; the archive does, up to its last segment",
    )
