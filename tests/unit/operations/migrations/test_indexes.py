import pytest

from howdah.operations.migrations.indexes import concurrent_index
from howdah.operations.migrations.statements import SqlStatement


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE INDEX CONCURRENTLY i ON t (x)", ("create", "i", "t")),
        (
            'create unique index /* c */ concurrently if not exists "I" on only public.t (x)',
            ("create", '"I"', "public.t"),
        ),
        ("DROP INDEX CONCURRENTLY IF EXISTS public.i", ("drop", "public.i", "")),
        ("REINDEX (VERBOSE) INDEX CONCURRENTLY i", ("reindex", "i", "")),
        ("REINDEX TABLE CONCURRENTLY t", ("reindex", "t", "t")),
    ],
)
def test_what_is_built_beside_the_writers_is_recognised(
    statement: str, expected: tuple[str, str, str]
) -> None:
    index = concurrent_index(SqlStatement(statement, 1))
    assert index is not None
    assert (index.verb, index.name, index.table) == expected


@pytest.mark.parametrize(
    "statement", ["CREATE INDEX i ON t (x)", "DROP INDEX i", "SELECT 'CREATE INDEX CONCURRENTLY'"]
)
def test_anything_else_is_not(statement: str) -> None:
    assert concurrent_index(SqlStatement(statement, 1)) is None
