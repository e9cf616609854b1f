"""Marks become elements, and nothing else does."""

import re

from hypothesis import given
from hypothesis import strategies as st

from howdah.product.search.finding import as_prose, marked


def test_pairs_become_elements() -> None:
    assert marked("a \ue000b\ue001 c") == "a <mark>b</mark> c"


def test_a_passage_reads_as_prose() -> None:
    passage = "## Title\n**bold** `code` [link](https://example.com) SELECT * FROM a#b"
    assert as_prose(passage) == "Title\nbold code link SELECT * FROM a#b"


@given(st.text(alphabet="ab<>&\ue000\ue001/mark\"' ", max_size=40))
def test_elements_are_ours_and_balanced_whatever_the_text(text: str) -> None:
    html = marked(text)
    without = re.sub(r"<mark>[^<]*</mark>", "", html)
    assert "<" not in without
    assert ">" not in without
    assert "\ue000" not in html
    assert "\ue001" not in html
