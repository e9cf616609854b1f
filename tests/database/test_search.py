"""howdah.search_documents(): what is found, in which order, page after page."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from howdah.operations.roles.connect import Connection

ActingAs = Callable[[str], AbstractContextManager[Connection]]
Found = list[dict[str, Any]]

COLUMNS = ("id", "title", "title_marked", "snippet", "rank", "tier", "total", "total_exact", "more")


@pytest.fixture
def org(owner: Connection) -> int:
    """An organization with one author; both ids are new."""
    owner.execute(
        "INSERT INTO users (email, full_name, password_hash) VALUES ('s@example.com', 'S', 'x')"
    )
    row = owner.execute(
        "INSERT INTO organizations (name, slug) VALUES ('S', 'search-tests') RETURNING id"
    ).fetchone()
    assert row is not None
    return int(row[0])


def write(
    owner: Connection, org: int, title: str, content: str, language: str = "english", **more: Any
) -> int:
    row = owner.execute(
        "INSERT INTO documents (org_id, author_id, title, content, language, tags)"
        " SELECT %s, max(id), %s, %s, %s, %s::text[] FROM users RETURNING id",
        (org, title, content, language, more.get("tags", [])),
    ).fetchone()
    assert row is not None
    return int(row[0])


def search(owner: Connection, org: int, text: str, **arguments: Any) -> Found:
    owner.execute("SELECT howdah.bind(%s, NULL)", (org,))
    types = {"after_rank": "::real"}  # a Python float is sent as double precision
    named = "".join(f", {name} => %({name})s{types.get(name, '')}" for name in arguments)
    rows = owner.execute(
        "SELECT id, title, title_marked, snippet, rank, tier, total, total_exact, has_more"
        f" FROM howdah.search_documents(%(text)s{named})",
        {"text": text, **arguments},
    ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def ids(found: Found) -> list[int]:
    return [hit["id"] for hit in found]


def test_a_word_in_the_title_outranks_the_same_word_in_the_content(
    owner: Connection, org: int
) -> None:
    in_content = write(owner, org, "Something", "a note about vacuum and other things")
    in_title = write(owner, org, "Vacuum", "a note about something and other things")
    assert ids(search(owner, org, "vacuum")) == [in_title, in_content]


def test_words_are_marked_in_title_and_snippet(owner: Connection, org: int) -> None:
    write(owner, org, "Recovering", "An archive lets you recover databases.")
    (hit,) = search(owner, org, "recovers")
    assert hit["title_marked"] == "\ue000Recovering\ue001"
    assert "lets you \ue000recover\ue001 databases" in hit["snippet"]


def test_a_word_late_in_a_long_document_is_still_shown_in_the_snippet(
    owner: Connection, org: int
) -> None:
    write(owner, org, "Long", "filler words here " * 1500 + " zebra at the end")
    (hit,) = search(owner, org, "zebra")
    assert "\ue000zebra\ue001" in hit["snippet"]


@pytest.mark.parametrize("text", ["", "   ", "the", "the of and", "!!!", "& | ! ((", '""', "-"])
def test_a_query_without_words_finds_nothing_and_fails_nothing(
    owner: Connection, org: int, text: str
) -> None:
    write(owner, org, "The", "the of and")
    assert search(owner, org, text) == []


def test_phrases_alternatives_and_exclusions_are_understood(owner: Connection, org: int) -> None:
    phrase = write(owner, org, "One", "point in time recovery")
    apart = write(owner, org, "Two", "recovery happens at some point, in no time")
    other = write(owner, org, "Three", "replication")
    assert ids(search(owner, org, '"point in time"')) == [phrase]
    assert set(ids(search(owner, org, "recovery or replication"))) == {phrase, apart, other}
    assert ids(search(owner, org, "recovery -happens")) == [phrase]


def test_words_that_mean_the_same_find_each_other(owner: Connection, org: int) -> None:
    document = write(owner, org, "Database", "We run PostgreSQL")
    assert ids(search(owner, org, "postgres")) == [document]


def test_each_document_is_read_in_its_own_language(owner: Connection, org: int) -> None:
    german = write(owner, org, "Häuser", "Die Häuser am Meer", "german")
    english = write(owner, org, "Houses", "The houses by the sea")
    assert ids(search(owner, org, "Haus")) == [german]
    assert ids(search(owner, org, "house")) == [english]
    assert ids(search(owner, org, "house", only_language="german")) == []


def test_filters_narrow_what_is_found(owner: Connection, org: int) -> None:
    both = write(owner, org, "A vacuum", "x", tags=["ops", "db"])
    one = write(owner, org, "B vacuum", "x", tags=["ops"])
    assert set(ids(search(owner, org, "vacuum", all_tags=["ops"]))) == {both, one}
    assert ids(search(owner, org, "vacuum", all_tags=["ops", "db"])) == [both]
    assert ids(search(owner, org, "vacuum", any_tags=["db", "none"])) == [both]
    assert search(owner, org, "vacuum", only_author=1_000_000) == []
    assert search(owner, org, "vacuum", updated_to="2001-01-01T00:00Z") == []


def test_deleted_documents_are_not_found(owner: Connection, org: int) -> None:
    document = write(owner, org, "Gone vacuum", "x")
    owner.execute("UPDATE documents SET deleted_at = now() WHERE id = %s", (document,))
    assert search(owner, org, "vacuum") == []


def test_another_organization_finds_nothing(owner: Connection, org: int) -> None:
    write(owner, org, "Secret vacuum", "x")
    row = owner.execute(
        "INSERT INTO organizations (name, slug) VALUES ('T', 'other-tests') RETURNING id"
    ).fetchone()
    assert row is not None
    write(owner, row[0], "Unrelated", "y")
    assert search(owner, row[0], "vacuum") == []


@pytest.mark.parametrize("small", [0, 500], ids=["tiers", "whole"])
@pytest.mark.parametrize("page_size", [1, 3, 10])
@pytest.mark.parametrize("text", ["vacuum", "vacuum analyze", "vacuum or replica", '"vacuum x"'])
def test_pages_show_every_match_once(
    owner: Connection, org: int, page_size: int, text: str, small: int
) -> None:
    chance = random.Random(7)
    for number in range(60):
        words = ["vacuum"] * chance.randint(0, 6) + ["x"] + ["analyze"] * chance.randint(0, 5)
        words += ["replica"] * chance.randint(0, 2)
        chance.shuffle(words)
        title = "Vacuum" if chance.random() < 0.2 else f"Number {number}"
        write(owner, org, title, " ".join(words))
    everything = search(owner, org, text, page_size=1000, small_organization=small)
    seen: list[int] = []
    after: dict[str, Any] = {}
    while True:
        found = search(owner, org, text, page_size=page_size, small_organization=small, **after)
        seen += ids(found)
        if not found or not found[-1]["more"]:
            break
        last = found[-1]
        after = {"after_tier": last["tier"], "after_rank": last["rank"], "after_id": last["id"]}
    assert len(seen) == len(set(seen))
    assert set(seen) == set(ids(everything))


def test_the_total_is_exact_up_to_the_cap_and_says_when_it_is_not(
    owner: Connection, org: int
) -> None:
    for number in range(12):
        write(owner, org, f"Vacuum {number}", "vacuum " * (number % 6))
    assert {(hit["total"], hit["total_exact"]) for hit in search(owner, org, "vacuum")} == {
        (12, True)
    }
    capped = search(owner, org, "vacuum", total_cap=11, page_size=3)
    assert {(hit["total"], hit["total_exact"]) for hit in capped} == {(11, False)}


def test_the_total_counts_matches_outside_the_champion_tier(owner: Connection, org: int) -> None:
    for number in range(8):
        write(owner, org, f"Vacuum {number}", "title match")
    for number in range(9):
        write(owner, org, f"Other {number}", "vacuum once")
    found = search(owner, org, "vacuum", page_size=3, small_organization=0)
    assert {hit["tier"] for hit in found} == {"1/1"}
    assert found[0]["total"] == 17


def test_misspelt_words_are_led_back_to_words_of_the_organization(
    owner: Connection, org: int
) -> None:
    write(owner, org, "Replication", "replication of databases")
    owner.execute("SELECT howdah.bind(%s, NULL)", (org,))
    owner.execute("SELECT howdah.refresh_search_words()")
    rows = owner.execute(
        "SELECT word, suggestion FROM howdah.suggest_words(%s)",
        (["replicaiton", "databases", "qqqqqq"],),
    ).fetchall()
    assert rows == [("replicaiton", "replication")]


def test_a_document_of_a_million_distinct_characters_is_indexed_by_its_beginning(
    owner: Connection, org: int
) -> None:
    content = "aardvark " + " ".join(f"w{number:06d}x" for number in range(110_000))
    document = write(owner, org, "Huge", content)
    assert ids(search(owner, org, "aardvark")) == [document]


def test_without_a_tenant_search_refuses(acting_as: ActingAs, org: int) -> None:
    with acting_as("app_write") as app:
        app.execute("SELECT howdah.bind(NULL, NULL)")
        with pytest.raises(Exception, match="bound to no organization"):
            app.execute("SELECT * FROM howdah.search_documents('vacuum')")


def test_a_word_repeated_to_the_end_of_the_query_is_found_in_time(
    owner: Connection, org: int
) -> None:
    """What PostgreSQL's ts_headline makes of it took seconds for a single document."""
    write(owner, org, "Elephants", "elephant " * 400)
    owner.execute("SET LOCAL statement_timeout = '2s'")
    [hit] = search(owner, org, "elephant " * 200)
    assert "\ue000elephant\ue001" in hit["snippet"]


def test_of_a_long_query_any_word_is_marked(owner: Connection, org: int) -> None:
    words = [f"word{number}" for number in range(80)]
    write(owner, org, "Words", " ".join([*words, r"o'brien"]))
    [hit] = search(owner, org, " ".join([*words, r"\"o'brien\""]))
    assert "\ue000word0\ue001" in hit["snippet"]


def test_the_best_of_the_tiers_are_the_best_of_all_for_one_word(
    owner: Connection, org: int
) -> None:
    """Levels are cut where ts_rank's order allows it: the first page is the exact one."""
    chance = random.Random(11)
    for number in range(300):
        title = " ".join(["vacuum"] * chance.choice([0, 0, 0, 0, 1, 1, 2, 3]) + [f"n{number}"])
        content = " ".join(["vacuum"] * chance.randint(0, 9) + ["other words"])
        write(owner, org, title, content)
    exact = [hit["rank"] for hit in search(owner, org, "vacuum", small_organization=500)]
    tiered = search(owner, org, "vacuum", small_organization=0)
    assert [hit["rank"] for hit in tiered] == exact
    assert {hit["tier"] for hit in tiered} == {"3/3"}
