"""The generators: the same rows every time, with the promised shares."""

from collections import Counter

import pytest

from benchmarks.data.copy import copy_line
from benchmarks.data.corpus import Corpus, Text
from benchmarks.data.debian import parse_descriptions
from benchmarks.data.documents import DocumentStream
from benchmarks.data.html_text import is_prose, read_page
from benchmarks.data.queries import index_entries
from benchmarks.data.scale import FIRST_ORG_ID, FIRST_USER_ID, Scale
from benchmarks.data.users import preferences, users

PROSE = "Replication keeps a second server ready so that a failure of the first is survived. " * 3
CORPUS = Corpus(
    tuple(
        Text("manual", f"Chapter {number}", (f"{number} {PROSE}", f"{PROSE} {number}") * 4)
        for number in range(50)
    ),
    "test",
)
SCALE = Scale(documents=2_000, users=20_000)


def test_a_document_is_the_same_in_whatever_range_it_is_made() -> None:
    stream = DocumentStream(CORPUS, SCALE)
    assert list(stream.rows(range(10)))[7] == next(stream.rows(range(7, 8)))


def test_another_seed_makes_other_documents() -> None:
    other = Scale(documents=2_000, users=20_000, seed=1)
    assert DocumentStream(CORPUS, SCALE).document(3) != DocumentStream(CORPUS, other).document(3)


def test_documents_are_half_to_four_kilobytes_long() -> None:
    lengths = [len(row.content) for row in DocumentStream(CORPUS, SCALE).rows(range(500))]
    assert min(lengths) >= 400
    assert max(lengths) <= 4_200


def test_an_author_belongs_to_the_organization() -> None:
    for row in DocumentStream(CORPUS, SCALE).rows(range(300)):
        assert row.author_id in SCALE.members(row.org_id)


def test_the_largest_of_a_thousand_organizations_holds_13_percent() -> None:
    sizes = Counter(row.org_id for row in DocumentStream(CORPUS, SCALE).rows(range(2_000)))
    assert sizes.most_common(1)[0][0] == FIRST_ORG_ID
    assert sizes[FIRST_ORG_ID] / 2_000 == pytest.approx(0.134, abs=0.03)


def test_every_user_belongs_to_exactly_one_organization() -> None:
    members = [
        user_id
        for org_id in range(FIRST_ORG_ID, FIRST_ORG_ID + SCALE.organizations)
        for user_id in SCALE.members(org_id)
    ]
    assert members == list(range(FIRST_USER_ID, FIRST_USER_ID + SCALE.users))


def test_every_organization_has_an_owner() -> None:
    owners = [user.org_id for user in users(SCALE) if user.role == "owner"]
    assert len(set(owners)) == len(owners) == SCALE.organizations


def test_a_data_set_too_small_for_its_organizations_is_refused() -> None:
    with pytest.raises(ValueError, match="10 users"):
        Scale(documents=10, users=100, organizations=1_000)


def test_preferences_have_the_shares_that_the_benchmark_names() -> None:
    flags = Counter(
        name
        for number in range(20_000)
        for name, is_set in preferences(1, number)["notifications"].items()
        if is_set
    )
    shares = {name: flags[name] / 20_000 for name in ("email", "sms", "push", "beta")}
    assert shares["email"] == pytest.approx(0.5, rel=0.05)
    assert shares["sms"] == pytest.approx(0.1, rel=0.1)
    assert shares["push"] == pytest.approx(0.01, rel=0.3)
    assert 0 < shares["beta"] < 0.003


def test_copy_escapes_what_would_end_a_row() -> None:
    assert copy_line(1, "a\tb\nc\\d", ("x", "y")) == "1\ta\\tb\\nc\\\\d\t{x,y}\n"


def test_a_page_gives_its_title_and_its_prose_without_code() -> None:
    html = f"<title>Backup</title><nav>{PROSE}</nav><p>{PROSE}</p><pre>{PROSE}</pre><p>short</p>"
    assert read_page(html) == ("Backup", [PROSE.strip()])


def test_a_table_of_numbers_is_no_prose() -> None:
    assert not is_prose("1.0 22 333 4444 " * 20)


def test_package_descriptions_are_read_with_their_paragraphs() -> None:
    long = "A text that is long enough to be kept as a paragraph of its own."
    record = f"Package: abc\nDescription-md5: 1\nDescription-en: short\n {long}\n .\n {long}\n"
    assert list(parse_descriptions(record)) == [("abc: short", [long, long])]


def test_the_manuals_index_gives_subjects_and_no_functions() -> None:
    html = "<dt>WAL, see there</dt><dt>in failover</dt><dt>PQexec</dt><dt>sort merge</dt>"
    assert index_entries(html) == ["failover", "sort merge"]
