from pathlib import Path

import pytest

from howdah.operations.migrations.backfill import Backfill
from howdah.operations.migrations.files import MigrationFileInvalid, parse_migration

UPDATE = "UPDATE documents SET pages = 1 WHERE /* batch */ true AND pages IS NULL;"


def parsed(section: str, option: str = " transaction:false") -> Backfill | None:
    text = f"-- migrate:up{option}\n{section}\n-- migrate:down\nSELECT 1;\n"
    return parse_migration(Path("001_a.sql"), text).up.backfill


def test_a_section_without_the_line_is_none() -> None:
    assert parsed(UPDATE) is None


def test_the_line_says_table_batch_and_rate() -> None:
    found = parsed(f"-- backfill: public.documents batch:500 rate:2000\n{UPDATE}")
    assert found == Backfill(
        table="public.documents",
        batch_rows=500,
        rows_per_second=2000,
        before="UPDATE documents SET pages = 1 WHERE ",
        after=" AND pages IS NULL",
        alias="",
    )


def test_it_is_bounded_when_it_says_nothing() -> None:
    found = parsed(f"-- backfill: documents\n{UPDATE}")
    assert found is not None
    assert (found.batch_rows, found.rows_per_second) == (1000, 10_000)


def test_the_table_may_be_named_by_an_alias() -> None:
    joined = UPDATE.replace("/* batch */ true", "/*batch of d*/ TRUE")
    found = parsed(f"-- backfill: documents\n{joined}")
    assert found is not None
    assert found.alias == "d"


@pytest.mark.parametrize(
    ("section", "option", "sentence"),
    [
        (f"-- backfill:\n{UPDATE}", " transaction:false", "is not one line of the form"),
        (f"-- backfill: documents batch:0\n{UPDATE}", " transaction:false", "is not one line"),
        (f"-- backfill: documents often\n{UPDATE}", " transaction:false", "is not one line"),
        (f"-- backfill: a\n-- backfill: b\n{UPDATE}", " transaction:false", "is not one line"),
        (f"-- backfill: documents\n{UPDATE}", "", "needs transaction:false"),
        ("-- backfill: documents\nSELECT 1;", " transaction:false", r"needs `/\* batch \*/ true`"),
        (
            "-- backfill: documents\nDELETE FROM d WHERE /* batch */ true OR /* batch */ true;",
            " transaction:false",
            "once",
        ),
    ],
)
def test_one_that_is_wrong_is_refused_with_an_example(
    section: str, option: str, sentence: str
) -> None:
    with pytest.raises(MigrationFileInvalid, match=sentence) as refused:
        parsed(section, option)
    assert "-- backfill: documents" in (refused.value.hint or "")
