import pytest

from howdah.product.transfers.languages import language_named


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("german", "german"),
        ("de", "german"),
        ("DE_at", "german"),
        ("en-US", "english"),
        ("nb-NO", "norwegian"),
        ("simple", "simple"),
        ("ja", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_or_a_tag_leads_to_a_search_language(name: str | None, language: str | None) -> None:
    assert language_named(name) == language
