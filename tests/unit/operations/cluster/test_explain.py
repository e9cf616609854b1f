from datetime import UTC, datetime

import pytest

from howdah.operations.cluster.explain import explained, recent
from tests.unit.operations.cluster.clusters import seen, whole


def sentences(name: str, lines: list[str], process: str = "", **different: object) -> str:
    view = whole(seen(name, **different))
    member = view.member(name)
    assert member is not None
    return "\n".join(explained(member, view, process, lines).sentences)


def test_a_member_that_follows_is_well() -> None:
    view = whole()
    found = explained(view.members[1], view, "", ["an old complaint"])
    assert found.follows
    assert found.sentences == ("postgres-b follows postgres-a, 0 kB behind",)


def test_the_primary_follows_nobody_and_is_well() -> None:
    view = whole()
    assert explained(view.members[0], view, "", []).follows


def test_a_patroni_that_does_not_run_is_the_reason() -> None:
    said = sentences("postgres-b", [], "Exited too quickly", state="unreachable", replication="")
    assert said.startswith("Patroni of postgres-b does not run (Exited too quickly)")


def test_a_patroni_that_runs_and_does_not_answer_is_the_reason() -> None:
    said = sentences("postgres-b", [], state="unreachable", trouble="silence", replication="")
    assert said == "Patroni of postgres-b runs and does not answer: silence"


def test_an_old_timeline_needs_a_rewind() -> None:
    said = sentences("postgres-b", [], timeline=2, replication="")
    assert said.startswith("postgres-b is on timeline 2 and the primary on 3: it must be rewound")


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("INFO: running pg_rewind from postgres-b", "it is being rewound"),
        ("ERROR: Failed to rewind from healthy primary: postgres-b", "pg_rewind failed"),
        ("requested WAL segment 0000000100 has already been removed", "already removed WAL"),
        ("FATAL: could not write: No space left on device", "its disk is full"),
        ("CRITICAL: system ID mismatch, node postgres-b", "belong to another cluster"),
    ],
)
def test_lines_of_the_log_are_told_in_words(line: str, meaning: str) -> None:
    assert meaning in sentences("postgres-b", ["INFO: fine", line], state="stopped", replication="")


def test_what_cannot_be_mended_leads_to_reinit() -> None:
    line = "requested WAL segment 0000000100 has already been removed"
    said = sentences("postgres-b", [line], state="stopped", replication="")
    assert said.endswith("`howdah cluster reinit postgres-b` copies it anew from the primary")


def test_who_is_ahead_of_the_new_primary_is_made_anew() -> None:
    line = (
        "LOG: new timeline 25 forked off current database system timeline 24 before current "
        "recovery point 0/B8A2BE0"
    )
    said = sentences("postgres-b", [line], timeline=2, replication="startup")
    assert "changes that the new primary never had" in said
    assert "reinit" in said


def test_what_is_being_mended_does_not() -> None:
    said = sentences("postgres-b", ["running pg_rewind"], state="stopped", replication="")
    assert "reinit" not in said


def test_broken_data_lead_to_reinit() -> None:
    line = "2026-01-02 03:04:05,678 INFO Local timeline=None lsn=None"
    said = sentences("postgres-b", [line], state="start failed", replication="")
    assert "its data are broken or gone" in said
    assert "reinit" in said


def test_troubles_that_are_over_are_not_told() -> None:
    lines = [
        "2026-01-02 03:04:05,678 ERROR old",
        "  with a traceback",
        "2026-01-02 04:04:05.678 UTC FATAL: new",
        "  and more",
    ]
    since = datetime(2026, 1, 2, 4, 0, tzinfo=UTC)
    assert recent(lines, since) == lines[2:]


def test_noise_is_not_shown() -> None:
    lines = ["INFO Lock owner: postgres-a; I am postgres-b", "", "ERROR disk"]
    view = whole(seen("postgres-b", state="stopped", replication=""))
    assert explained(view.members[1], view, "", lines).log_lines == ("ERROR disk",)
