"""Search over the API. What is found and in which order: tests/database/test_search.py."""

from typing import Any

import pytest

from howdah.entrypoints.web.services import Services
from howdah.product.search.words import refresh_words
from tests.api.callers import Caller, Tenant
from tests.api.conftest import RoundTrips


def write(editor: Caller, tenant: Tenant, title: str, content: str, **more: Any) -> int:
    answer = editor.post(
        tenant.path("documents"), json={"title": title, "content": content, **more}
    )
    assert answer.status_code == 201, answer.json
    return int(answer.json["id"])


def search(caller: Caller, tenant: Tenant, **query: Any) -> dict[str, Any]:
    answer = caller.get(tenant.path("search"), query_string=query)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def test_a_viewer_finds_what_an_editor_wrote(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant
) -> None:
    document = write(as_editor, tenant, "Point-in-time recovery", "Replay the log.")
    found = search(as_viewer, tenant, q="point-in-time recovery")
    (hit,) = found["items"]
    assert hit["id"] == document
    assert hit["title_html"] == "<mark>Point</mark>-in-<mark>time</mark> <mark>recovery</mark>"
    assert (found["total"], found["total_is_exact"], found["next_cursor"]) == (1, True, None)


def test_search_takes_one_round_trip(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant, round_trips: RoundTrips
) -> None:
    write(as_editor, tenant, "Vacuum", "x")
    search(as_viewer, tenant, q="vacuum")
    with round_trips() as sent:
        search(as_viewer, tenant, q="vacuum")
    assert sent.count == 1


def test_nothing_that_was_written_becomes_markup(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant
) -> None:
    attack = "<script>alert(1)</script> vacuum <img src=x onerror=alert(1)> & <mark>"
    write(as_editor, tenant, f"Vacuum {attack}", attack)
    (hit,) = search(as_viewer, tenant, q="vacuum")["items"]
    for text in (hit["title_html"], hit["snippet_html"]):
        assert "<" not in text.replace("<mark>", "").replace("</mark>", "")
        assert "<mark>" in text


def test_marks_cannot_be_forged_by_the_text_itself(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant
) -> None:
    write(as_editor, tenant, "Vacuum", "\ue000forged\ue001 vacuum and more words")
    (hit,) = search(as_viewer, tenant, q="vacuum")["items"]
    assert hit["snippet_html"].count("<mark>") == hit["snippet_html"].count("</mark>")


def test_pages_reach_every_hit_once(as_editor: Caller, as_viewer: Caller, tenant: Tenant) -> None:
    written = {
        write(
            as_editor, tenant, f"{'Vacuum' if number % 3 else 'Other'} {number}", "vacuum " * number
        )
        for number in range(1, 24)
    }
    seen: list[int] = []
    cursor = None
    while True:
        query = {"q": "vacuum", "limit": 5} | ({"cursor": cursor} if cursor else {})
        page = search(as_viewer, tenant, **query)
        assert page["total"] == 23
        seen += [hit["id"] for hit in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == written


def test_filters_reach_the_database(as_editor: Caller, as_viewer: Caller, tenant: Tenant) -> None:
    german = write(as_editor, tenant, "Häuser", "am Meer", language="german", tags=["ort", "meer"])
    write(as_editor, tenant, "Houses", "by the sea", tags=["ort"])
    ids = [hit["id"] for hit in search(as_viewer, tenant, q="Haus", language="german")["items"]]
    assert ids == [german]
    assert search(as_viewer, tenant, q="Haus", tag=["ort", "nirgends"])["total"] == 0
    assert search(as_viewer, tenant, q="Haus or house", any_tag=["meer"])["total"] == 1
    assert search(as_viewer, tenant, q="house", updated_from="2100-01-01T00:00:00Z")["total"] == 0
    assert search(as_viewer, tenant, q="house", author_id=1_999_999_999)["total"] == 0


@pytest.mark.parametrize("text", ["the", "!!!", "a and the", '""', "& | ! ((", "🙂", "-vacuum"])
def test_a_query_that_can_find_nothing_is_answered_with_a_note(
    as_viewer: Caller, as_editor: Caller, tenant: Tenant, text: str
) -> None:
    write(as_editor, tenant, "Vacuum", "the and")
    found = search(as_viewer, tenant, q=text)
    assert found["items"] == []
    assert found["note"] or found["did_you_mean"]


@pytest.mark.parametrize("text", ["", "x" * 401, "a\x00b"])
def test_a_query_that_is_no_query_is_refused(as_viewer: Caller, tenant: Tenant, text: str) -> None:
    answer = as_viewer.get(tenant.path("search"), query_string={"q": text})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "q"


def test_a_misspelt_word_is_answered_with_the_right_one(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant, services: Services
) -> None:
    write(as_editor, tenant, "Replication", "Replication of databases")
    refresh_words(services.database, tenant.id)
    found = search(as_viewer, tenant, q='Replicaiton "databases"')
    assert found["did_you_mean"] == 'replication "databases"'


def test_what_is_searched_for_is_counted(
    as_editor: Caller, as_viewer: Caller, tenant: Tenant, services: Services
) -> None:
    write(as_editor, tenant, "Vacuum", "x")
    for _ in range(3):
        search(as_viewer, tenant, q="  VACUUM ")
    services.search_counts.flush()
    top = as_viewer.get(tenant.path("insights/top-searches")).json["items"]
    assert top == [{"query": "vacuum", "searches": 3, "hits": 1}]


def test_a_cursor_of_another_kind_is_refused(as_viewer: Caller, tenant: Tenant) -> None:
    for cursor in ("x", "AAAA", "WzEsMl0", "bm9wZQ"):
        answer = as_viewer.get(tenant.path("search"), query_string={"q": "a", "cursor": cursor})
        assert answer.status_code == 400
        assert answer.json["code"] == "contradiction"
