"""A reasoned exception excuses what it stands beside, and nothing else."""

from pathlib import Path

from howdah.operations.migrations.lint.allowances import excused
from howdah.operations.migrations.lint.findings import Finding
from howdah.operations.migrations.lint.source import Source

FIRST = Finding("001_test.sql", 6, "ban-this", "wrong")
SECOND = Finding("001_test.sql", 9, "ban-this", "wrong")
TEXT = """\
-- Why: a test
{head}
-- migrate:up

{beside}
ALTER TABLE a
    ADD COLUMN b int;

ALTER TABLE c ADD COLUMN d int;
-- migrate:down
SELECT 1;
"""
ALLOW = "-- lint: allow ban-this: a reason of five words"


def left(head: str = "", beside: str = "", *findings: Finding) -> list[str]:
    source = Source(Path("001_test.sql"), TEXT.format(head=head, beside=beside))
    return [f"{found.line} {found.rule}" for found in excused(source, findings)]


def test_beside_a_statement_it_holds_for_that_statement() -> None:
    assert left("", ALLOW, FIRST, SECOND) == ["9 ban-this"]


def test_it_holds_for_every_line_of_the_statement() -> None:
    assert left("", ALLOW, Finding("001_test.sql", 7, "ban-this", "wrong")) == []


def test_in_the_head_it_holds_for_the_file() -> None:
    assert left(ALLOW, "", FIRST, SECOND) == []


def test_several_rules_may_share_a_reason() -> None:
    other = Finding("001_test.sql", 6, "ban-that", "wrong")
    allow = "-- lint: allow ban-this, ban-that: a reason of five words"
    assert left("", allow, FIRST, other) == []


def test_without_a_reason_it_is_a_finding_itself() -> None:
    for allow in ("-- lint: allow ban-this", "-- lint: allow ban-this: because"):
        assert left("", allow, FIRST) == ["5 exception-without-reason"]


def test_for_a_rule_that_is_not_broken_it_is_a_finding_itself() -> None:
    assert left("", ALLOW, SECOND) == ["9 ban-this", "5 unused-exception"]
