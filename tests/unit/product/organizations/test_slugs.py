"""Reserved slugs."""

import re

import pytest
from pydantic import TypeAdapter

from howdah.entrypoints.web.fields import Slug
from howdah.foundation.errors import InvalidInput
from howdah.product.organizations.slugs import RESERVED, refuse_reserved


def test_a_reserved_word_is_refused_with_a_way_out() -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse_reserved("api")
    assert refused.value.hint


def test_other_words_are_accepted() -> None:
    refuse_reserved("acme")


def test_every_reserved_word_is_a_slug_that_could_be_asked_for_and_stands_there_once() -> None:
    slugs: TypeAdapter[str] = TypeAdapter(Slug)
    assert [slugs.validate_python(word) for word in RESERVED] == list(dict.fromkeys(RESERVED))
    assert all(re.fullmatch(r"[a-z-]+", word) for word in RESERVED)
