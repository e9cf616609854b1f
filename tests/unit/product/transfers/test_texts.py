import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.product.transfers.texts import name_of, one_line, size, storable


@given(st.text(st.characters()))
def test_storable_text_has_no_nul_and_is_valid_utf8(text: str) -> None:
    assert b"\0" not in storable(text).encode()


@given(st.text(), st.integers(2, 50))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


def test_a_long_line_is_cut_at_a_word() -> None:
    assert one_line("alpha beta gamma delta", 18) == "alpha beta gamma…"


def test_a_line_break_becomes_a_space() -> None:
    assert one_line(" a \r\n  b ", 50) == "a b"


@pytest.mark.parametrize(
    ("path", "name"),
    [("a/b/c.html", "c"), ("README", "README"), (".md", ".md"), ("a.tar.gz", "a.tar")],
)
def test_a_file_is_named_without_folder_and_suffix(path: str, name: str) -> None:
    assert name_of(path) == name


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(1, "1 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (4 * 1024**2, "4.0 MiB")],
)
def test_sizes_are_readable(size_bytes: int, text: str) -> None:
    assert size(size_bytes) == text
