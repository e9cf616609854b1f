import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.operations.migrations.statements import split_statements

# Pieces that hold a semicolon which ends nothing, and one plain piece.
PIECES = [
    "SELECT 1",
    "SELECT ';', E'it\\'s; \\\\', 'it''s;'",
    'SELECT 1 AS "a;""b;"',
    "DO $$ BEGIN PERFORM 1; END $$",
    "DO $body$ SELECT $$;$$; $body$",
    "SELECT /* ; /* nested; */ ; */ 1 -- ; and more\n + 2",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)",
    "CREATE OR REPLACE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n"
    "  SELECT CASE WHEN true THEN 1 END;\n  SELECT 2;\nEND",
    "SELECT a$b$ FROM t WHERE x = $1",
]


def texts(sql: str) -> list[str]:
    return [statement.text for statement in split_statements(sql)]


@given(
    st.lists(st.sampled_from(PIECES)), st.sampled_from([";", ";\n", " ; ", ";\n-- a; comment\n"])
)
def test_joined_statements_come_apart_as_they_were(pieces: list[str], between: str) -> None:
    assert texts(between.join(pieces)) == pieces


@given(st.text(alphabet="aE1 \n;'\"$()-/*\\", max_size=60))
def test_any_text_is_split_without_losing_a_line(sql: str) -> None:
    lines = sql.count("\n") + 1
    for statement in split_statements(sql):
        assert 1 <= statement.line <= lines
        assert statement.text in sql
        assert statement.text.strip()


@pytest.mark.parametrize(
    "sql", ["", "  \n", "-- only a comment", "/* only /* a */ comment */", ";;"]
)
def test_comments_alone_are_no_statement(sql: str) -> None:
    assert texts(sql) == []


def test_a_statement_knows_the_line_it_starts_on() -> None:
    sql = "-- first\nSELECT 1;\n\n-- a comment; of the second\nSELECT\n 2;"
    assert [statement.line for statement in split_statements(sql)] == [2, 5]


def test_the_words_of_a_statement_leave_out_comments_and_literals() -> None:
    (statement,) = split_statements("CREATE INDEX /* slowly */ CONCURRENTLY i ON t ('drop');")
    assert statement.words == "create index concurrently i on t"
