"""Positions in the history, as text and in order."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.foundation.database.positions import PATTERN, Position

POSITIONS = st.builds(Position, st.integers(1, 999_999_999), st.integers(0, 2**64 - 1))


@given(POSITIONS)
def test_a_position_is_read_back_as_it_was_written(position: Position) -> None:
    assert Position.of(str(position)) == position
    assert Position.of(position.sortable) == position
    assert re.fullmatch(PATTERN, str(position))


@given(POSITIONS, POSITIONS)
def test_sortable_texts_compare_as_the_positions_do(one: Position, other: Position) -> None:
    assert (one < other) == (one.sortable < other.sortable)


def test_what_postgresql_says_is_understood() -> None:
    assert Position.of("2-1/3A4F2B8") == Position(2, 0x1_03A4_F2B8)
    assert Position(2, 0x1_03A4_F2B8).lsn_text == "1/3A4F2B8"


def test_a_later_timeline_comes_after_every_place_of_an_earlier_one() -> None:
    assert Position(1, 2**60) < Position(2, 0)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1-", "0-0/1", "1-0/3A4F2B8 ", "1-0/3a4f2b8", "1-0/123456789", "-1-0/0", "1-0-0",
     "9999999999-0/0", "1-0/0; DROP TABLE users", "\u0661-0/0", "1-0/0\n"],
)  # fmt: skip
def test_nonsense_is_no_position(text: str) -> None:
    assert Position.of(text) is None
