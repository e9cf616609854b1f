import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.product.transfers.front_matter import (
    FrontMatter,
    split_front_matter,
    write_front_matter,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT.filter(bool), st.lists(TEXT.filter(bool)), TEXT)
def test_what_is_written_is_read_back(title: str, tags: list[str], content: str) -> None:
    written = write_front_matter(title, tags, "german") + content
    assert split_front_matter(written) == (FrontMatter(title, tuple(tags), "german"), content)


@given(TEXT)
def test_any_text_can_be_read(text: str) -> None:
    split_front_matter("---\n" + text)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("title: Plain words", FrontMatter("Plain words")),
        ("title: It's here # a comment", FrontMatter("It's here")),
        ("title: 'it''s quoted'", FrontMatter("it's quoted")),
        ('Title: "a \\u00e9 b"', FrontMatter("a é b")),
        ("tags: [a, 'b c', \"d\"]", FrontMatter(None, ("a", "b c", "d"))),
        ('tags: ["a", 2024]', FrontMatter(None, ("a", "2024"))),
        ("tags: a, b", FrontMatter(None, ("a", "b"))),
        ("tags:\n  - a\n  - 'b'\nlang: de", FrontMatter(None, ("a", "b"), "de")),
        ("tags:\n- a\n- b", FrontMatter(None, ("a", "b"))),
        ("title:\ntags: []\ndate: 2024-01-01\nnested:\n  title: no", FrontMatter()),
    ],
)
def test_front_matter_of_other_programs_is_read(block: str, expected: FrontMatter) -> None:
    assert split_front_matter(f"---\n{block}\n---\ncontent") == (expected, "content")
    windows = block.replace("\n", "\r\n")
    assert split_front_matter(f"---\r\n{windows}\r\n---\r\n\r\nx") == (expected, "x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\ntitle: open",
        "---\nTwo breaks\n---\n",
        "---\n\n---\n",
        "text\n---\na: b\n---",
    ],
)
def test_a_text_without_front_matter_stays_as_it_is(text: str) -> None:
    assert split_front_matter(text) == (FrontMatter(), text)
