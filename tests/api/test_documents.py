"""Documents: every path, preconditions, lists paged to their end."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.api.callers import Caller, Tenant
from tests.api.conftest import RoundTrips

DRAFT = {"title": "A title", "content": "# Heading\n\nText.", "tags": ["one", "two"]}


def create(client: Caller, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    answer = client.post(tenant.path("documents"), json=DRAFT | fields)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json
    return document


def path_of(tenant: Tenant, document: dict[str, Any], below: str = "") -> str:
    return tenant.path(f"documents/{document['id']}/{below}")


def change(client: Caller, path: str, if_match: str | None = "*", **fields: Any) -> TestResponse:
    headers = {} if if_match is None else {"If-Match": if_match}
    return client.patch(path, json=fields, headers=headers)


class TestCreating:
    def test_it_is_answered_as_it_can_then_be_read(
        self, as_editor: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        created = as_editor.post(tenant.path("documents"), json=DRAFT)
        assert created.status_code == 201
        assert as_editor.person is not None
        expected = DRAFT | {
            "author_id": as_editor.person.id,
            "updated_by": None,
            "language": "english",
            "revision": 1,
        }
        assert expected.items() <= created.json.items()
        assert created.headers["ETag"] == '"1"'
        location = created.headers["Location"].removeprefix("/api/v1")
        read = as_viewer.get(location)
        assert read.json == created.json
        assert read.headers["ETag"] == '"1"'

    def test_the_content_is_kept_as_given(self, as_editor: Caller, tenant: Tenant) -> None:
        content = " \t\r\n<b>&amp;</b>\u202e\U0001d518🐘\x01 %s %(x)s {} \\ ' \" $1 "
        created = create(as_editor, tenant, content=content, title="100 % 'quoted' \\")
        assert as_editor.get(path_of(tenant, created)).json["content"] == content

    def test_a_tag_given_twice_is_kept_once(self, as_editor: Caller, tenant: Tenant) -> None:
        assert create(as_editor, tenant, tags=["b", "a", "b"])["tags"] == ["b", "a"]

    def test_viewers_write_nothing(
        self, as_viewer: Caller, as_editor: Caller, tenant: Tenant
    ) -> None:
        assert as_viewer.post(tenant.path("documents"), json=DRAFT).status_code == 403
        path = path_of(tenant, create(as_editor, tenant))
        assert change(as_viewer, path, title="Mine").status_code == 403
        assert as_viewer.delete(path).status_code == 403
        assert as_viewer.post(f"{path}/restore").status_code == 403

    def test_it_takes_two_round_trips(
        self, as_editor: Caller, tenant: Tenant, round_trips: RoundTrips
    ) -> None:
        create(as_editor, tenant)
        with round_trips() as sent:
            create(as_editor, tenant)
        assert sent.names == ["document_create", "commit"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "   "),
            ("title", "x" * 501),
            ("title", "a\x00b"),
            ("title", None),
            ("title", 7),
            ("content", "a\x00b"),
            ("content", None),
            ("content", "é" * (512 * 1024 + 1)),
            ("tags", ["x" * 65]),
            ("tags", [""]),
            ("tags", ["a\x00"]),
            ("tags", [str(number) for number in range(51)]),
            ("tags", "one"),
            ("language", "klingon"),
            ("author_id", 1),
            ("org_id", 1),
            ("id", 1),
        ],
    )
    def test_what_cannot_be_is_refused_and_named(
        self, as_editor: Caller, tenant: Tenant, field: str, value: object
    ) -> None:
        refused = as_editor.post(tenant.path("documents"), json=DRAFT | {field: value})
        assert refused.status_code == 422
        assert field in refused.json["detail"].lower()
        assert as_editor.get(tenant.path("documents")).json["items"] == []

    def test_the_limits_themselves_are_accepted(self, as_editor: Caller, tenant: Tenant) -> None:
        tags = [f"{number:02}" + "ü" * 62 for number in range(50)]
        created = create(as_editor, tenant, title="ü" * 500, content="x" * 1024 * 1024, tags=tags)
        assert (len(created["content"]), created["tags"]) == (1024 * 1024, tags)

    @pytest.mark.parametrize(
        ("body", "content_type", "status"),
        [
            (b"{", "application/json", 400),
            (b"", "application/json", 400),
            (b'{"title": "\xff"}', "application/json", 400),
            (b"[" * 10_000, "application/json", 400),
            (b"title=x", "application/x-www-form-urlencoded", 415),
            (b"[]", "application/json", 422),
            (b'{"title": "' + b"x" * 9 * 1024 * 1024 + b'"}', "application/json", 413),
        ],
    )
    def test_what_cannot_be_read_is_refused(
        self, as_editor: Caller, tenant: Tenant, body: bytes, content_type: str, status: int
    ) -> None:
        answer = as_editor.post(
            tenant.path("documents"), data=body, headers={"Content-Type": content_type}
        )
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"


class TestReading:
    def test_one_takes_one_round_trip(
        self, as_viewer: Caller, as_editor: Caller, tenant: Tenant, round_trips: RoundTrips
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        with round_trips() as sent:
            assert as_viewer.get(path).status_code == 200
        assert sent.names == ["document_get"]

    def test_what_the_reader_has_already_is_not_sent_again(
        self, as_editor: Caller, tenant: Tenant
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        for known in ('"1"', 'W/"1"', '"7", "1"'):
            answer = as_editor.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == '"1"'
        change(as_editor, path, title="Changed")
        assert as_editor.get(path, headers={"If-None-Match": '"1"'}).status_code == 200

    @pytest.mark.parametrize("number", [0, 2**31 - 1, 2**31, 2**63, 10**30])
    def test_what_is_not_there_is_not_found(
        self, as_editor: Caller, tenant: Tenant, number: int
    ) -> None:
        path = tenant.path(f"documents/{number}")
        assert as_editor.get(path).status_code == 404
        assert as_editor.get(f"{path}/html").status_code == 404
        assert change(as_editor, path, title="Mine").status_code == 404
        assert as_editor.delete(path).status_code == 404
        assert as_editor.post(f"{path}/restore").status_code == 404

    def test_html_is_rendered_and_harmless(self, as_editor: Caller, tenant: Tenant) -> None:
        content = (
            "# Title\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) "
            "![y](data:text/html,x)\n\n<img src=x onerror=alert(1)>\n\n*kept*"
        )
        answer = as_editor.get(path_of(tenant, create(as_editor, tenant, content=content), "html"))
        assert answer.content_type == "text/html; charset=utf-8"
        assert "<h1>Title</h1>" in answer.text
        assert "<em>kept</em>" in answer.text
        for harmful in ("<script", "<img src=x", 'href="javascript', 'src="data'):
            assert harmful not in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestChanging:
    def test_only_what_is_sent_changes(
        self, as_owner: Caller, as_editor: Caller, tenant: Tenant
    ) -> None:
        created = create(as_editor, tenant, language="german")
        path = path_of(tenant, created)
        changed = change(as_owner, path, '"1"', title="Changed")
        assert changed.status_code == 200
        assert changed.headers["ETag"] == '"2"'
        assert changed.json == as_editor.get(path).json
        differs = {key for key in created if created[key] != changed.json[key]}
        assert differs == {"title", "revision", "updated_at", "updated_by"}
        assert changed.json["updated_by"] == tenant.owner.id
        emptied = change(as_owner, path, '"2"', content="", tags=[])
        assert (emptied.json["content"], emptied.json["tags"]) == ("", [])

    def test_it_takes_two_round_trips(
        self, as_editor: Caller, tenant: Tenant, round_trips: RoundTrips
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        with round_trips() as sent:
            assert change(as_editor, path, title="Changed").status_code == 200
        assert sent.names == ["document_change", "commit"]

    def test_without_a_precondition_nothing_changes(
        self, as_editor: Caller, tenant: Tenant
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        refused = change(as_editor, path, None, title="Changed")
        assert refused.status_code == 428
        assert "If-Match" in refused.json["detail"]
        assert as_editor.get(path).json["title"] == DRAFT["title"]

    def test_a_revision_read_too_long_ago_is_refused_with_the_current_one(
        self, as_editor: Caller, tenant: Tenant
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        change(as_editor, path, '"1"', title="First")
        refused = change(as_editor, path, '"1"', title="Second")
        assert refused.status_code == 412
        assert "revision 2, not 1" in refused.json["detail"]
        assert as_editor.get(path).json["title"] == "First"
        assert as_editor.delete(path, headers={"If-Match": '"1"'}).status_code == 412
        assert as_editor.get(path).status_code == 200

    @pytest.mark.parametrize("if_match", ["", "x", '"-1"', '"1", "2"', '"²"', '"' + "9" * 30])
    def test_a_precondition_that_is_none_changes_nothing(
        self, as_editor: Caller, tenant: Tenant, if_match: str
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        headers = {"If-Match": if_match.encode().decode("latin-1")}
        refused = as_editor.patch(path, json={"title": "Changed"}, headers=headers)
        assert refused.status_code in (412, 422)
        assert as_editor.get(path).json["revision"] == 1

    def test_of_two_changes_to_one_revision_one_is_refused(
        self, as_editor: Caller, tenant: Tenant
    ) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        statuses: list[int] = []
        together = threading.Barrier(4)

        def go(number: int) -> None:
            together.wait()
            statuses.append(change(as_editor, path, '"1"', title=f"By {number}").status_code)

        threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 412, 412, 412]
        assert as_editor.get(path).json["revision"] == 2

    @pytest.mark.parametrize("field", ["title", "content", "tags", "language"])
    def test_null_is_not_a_value(self, as_editor: Caller, tenant: Tenant, field: str) -> None:
        path = path_of(tenant, create(as_editor, tenant))
        assert change(as_editor, path, **{field: None}).status_code == 422

    def test_what_changes_nothing_makes_no_revision(
        self, as_editor: Caller, as_owner: Caller, tenant: Tenant
    ) -> None:
        created = create(as_editor, tenant)
        path = path_of(tenant, created)
        for same in ({}, {"title": DRAFT["title"], "content": DRAFT["content"]}):
            assert change(as_owner, path, '"1"', **same).json == created


class TestDeleting:
    def test_a_deleted_document_is_hidden_and_comes_back_as_it_was(
        self, as_editor: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        created, kept = create(as_editor, tenant), create(as_editor, tenant, title="Kept")
        path = path_of(tenant, created)
        assert as_editor.delete(path, headers={"If-Match": '"1"'}).status_code == 204
        for below in ("", "html", "revisions", "revisions/1"):
            assert as_viewer.get(path_of(tenant, created, below)).status_code == 404
        assert change(as_editor, path, title="Changed").status_code == 404
        assert as_editor.delete(path).status_code == 404
        assert listed(as_viewer, tenant) == [kept["id"]]
        assert listed(as_viewer, tenant, deleted="true") == [created["id"]]

        restored = as_editor.post(f"{path}/restore")
        assert restored.status_code == 200
        assert restored.headers["ETag"] == '"1"'
        assert restored.json == created | {"updated_at": restored.json["updated_at"]}
        assert as_editor.post(f"{path}/restore").json == restored.json
        assert listed(as_viewer, tenant, deleted="true") == []


def listed(client: Caller, tenant: Tenant, **query: Any) -> list[int]:
    """The ids of all pages."""
    return [row["id"] for row in pages(client, tenant, **query)]


def pages(client: Caller, tenant: Tenant, **query: Any) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        asked = query | ({"cursor": cursor} if cursor else {})
        answer = client.get(tenant.path("documents"), query_string=asked)
        assert answer.status_code == 200, answer.text
        yield from answer.json["items"]
        if (cursor := answer.json["next_cursor"]) is None:
            return


TAGS = ("alpha", "beta", "gamma", "ümlaut & co", "a,b")
TITLES = ("a", "b", "a b", "A", "ab", "ä", "zz", "Z", "10", "9", "a-b", "_", "日本")
LANGUAGES = ("english", "german", "simple")


@dataclass(frozen=True)
class Shelf:
    """A tenant with documents of all kinds, as their list shows them, and who reads it."""

    reader: Caller
    tenant: Tenant
    documents: list[dict[str, Any]]


@pytest.fixture
def shelf(as_editor: Caller, as_owner: Caller, tenant: Tenant) -> Shelf:
    chance = random.Random(7)
    writers = (as_editor, as_owner)
    for _ in range(45):
        created = create(
            chance.choice(writers),
            tenant,
            title=chance.choice(TITLES),
            tags=chance.sample(TAGS, chance.randint(0, 3)),
            language=chance.choice(LANGUAGES),
        )
        if chance.random() < 0.3:
            change(as_owner, path_of(tenant, created), content="Changed.")
        if chance.random() < 0.2:
            as_editor.delete(path_of(tenant, created))
    documents = [*pages(as_owner, tenant, limit=100), *pages(as_owner, tenant, deleted="true")]
    assert len(documents) == 45
    return Shelf(as_owner, tenant, documents)


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """What a list may be asked for; times and authors as places in the shelf."""
    asked: dict[str, Any] = {"limit": draw(st.integers(1, 50))}
    optional = {
        "sort": st.sampled_from(["-updated_at", "title"]),
        "tag": st.lists(st.sampled_from(TAGS), min_size=1, max_size=2),
        "any_tag": st.lists(st.sampled_from(TAGS), min_size=1, max_size=3),
        "language": st.sampled_from(LANGUAGES),
        "deleted": st.sampled_from(["true", "false"]),
        "author": st.integers(0, 44),
        "updated_from": st.integers(0, 44),
        "updated_to": st.integers(0, 44),
    }
    for name, strategy in optional.items():
        if draw(st.integers(0, 3)) == 0:
            asked[name] = draw(strategy)
    return asked


def matches(document: dict[str, Any], asked: dict[str, Any]) -> bool:
    updated_at = datetime.fromisoformat(document["updated_at"])
    return all(
        [
            (document["deleted_at"] is not None) == (asked.get("deleted") == "true"),
            set(asked.get("tag", ())) <= set(document["tags"]),
            "any_tag" not in asked or set(asked["any_tag"]) & set(document["tags"]),
            asked.get("language") in (None, document["language"]),
            asked.get("author_id") in (None, document["author_id"]),
            "updated_from" not in asked
            or datetime.fromisoformat(asked["updated_from"]) <= updated_at,
            "updated_to" not in asked or updated_at < datetime.fromisoformat(asked["updated_to"]),
        ]
    )


class TestListing:
    @given(asked=queries())
    @hypothesis_settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_pages_hold_every_match_once_in_order(
        self, shelf: Shelf, asked: dict[str, Any]
    ) -> None:
        for name in ("updated_from", "updated_to"):
            if name in asked:
                asked[name] = shelf.documents[asked[name]]["updated_at"]
        if "author" in asked:
            asked["author_id"] = shelf.documents[asked.pop("author")]["author_id"]
        found = list(pages(shelf.reader, shelf.tenant, **asked))
        assert len({row["id"] for row in found}) == len(found)
        expected = [row for row in shelf.documents if matches(row, asked)]
        assert {row["id"] for row in found} == {row["id"] for row in expected}
        assert all(row in shelf.documents for row in found)
        at_once = list(pages(shelf.reader, shelf.tenant, **asked | {"limit": 100}))
        assert found == at_once
        if asked.get("sort", "-updated_at") == "-updated_at":
            keys = [(row["updated_at"], row["id"]) for row in found]
            assert keys == sorted(keys, reverse=True)
        else:
            titles = [row["title"] for row in found]
            assert [t for i, t in enumerate(titles) if t not in titles[:i]] == [
                t for i, t in enumerate(titles) if i == 0 or titles[i - 1] != t
            ], "equal titles stand together"

    def test_what_changes_while_paging_is_neither_shown_twice_nor_hides_another(
        self, as_editor: Caller, tenant: Tenant
    ) -> None:
        made = [create(as_editor, tenant, title=f"Document {number}") for number in range(9)]
        first = as_editor.get(tenant.path("documents"), query_string={"limit": 3}).json
        change(as_editor, path_of(tenant, made[0]), content="Changed, so it comes first now.")
        as_editor.delete(path_of(tenant, first["items"][-1]))
        create(as_editor, tenant, title="New")
        query = {"limit": 3, "cursor": first["next_cursor"]}
        second = as_editor.get(tenant.path("documents"), query_string=query).json
        ids = [row["id"] for row in (*first["items"], *second["items"])]
        assert ids == [document["id"] for document in made[:2:-1]]

    @pytest.mark.parametrize("sort", ["-updated_at", "title"])
    def test_a_page_takes_one_round_trip(
        self, as_viewer: Caller, tenant: Tenant, round_trips: RoundTrips, sort: str
    ) -> None:
        as_viewer.get(tenant.path("documents"))
        with round_trips() as sent:
            as_viewer.get(tenant.path("documents"), query_string={"sort": sort, "tag": "a"})
        assert sent.count == 1

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": 0},
            {"limit": 101},
            {"limit": "x"},
            {"limit": [1, 2]},
            {"sort": "id"},
            {"author_id": 0},
            {"author_id": 2**31},
            {"language": "klingon"},
            {"updated_from": "yesterday"},
            {"updated_from": "2026-01-01T00:00:00"},  # of which time zone?
            {"updated_from": "0001-01-01T00:00:00+14:00"},  # a year before the first
            {"tag": "a\x00"},
            {"tag": [str(number) for number in range(51)]},
            {"colour": "red"},
            {"deleted": "maybe"},
        ],
    )
    def test_what_cannot_be_asked_is_refused(
        self, as_viewer: Caller, tenant: Tenant, query: dict[str, Any]
    ) -> None:
        answer = as_viewer.get(tenant.path("documents"), query_string=query)
        assert answer.status_code == 422
        assert answer.json["code"] == "invalid_input"

    @pytest.mark.parametrize("cursor", ["", "x", "!", "WyJhIiwxXQ", "W10", "bnVsbA"])
    def test_a_cursor_that_is_none_of_ours_is_refused(
        self, as_viewer: Caller, tenant: Tenant, cursor: str
    ) -> None:
        answer = as_viewer.get(tenant.path("documents"), query_string={"cursor": cursor})
        assert answer.status_code == 400
        assert answer.json["hint"] == "Take next_cursor of the page before, unchanged."

    def test_extreme_times_are_just_times(self, as_editor: Caller, tenant: Tenant) -> None:
        created = create(as_editor, tenant)
        extremes = {
            "updated_from": "0001-01-01T00:00:00Z",
            "updated_to": "9999-12-31T23:59:59.999999Z",
        }
        assert listed(as_editor, tenant, **extremes) == [created["id"]]
        before = datetime.fromisoformat(created["updated_at"])
        just_after = (before + timedelta(microseconds=1)).isoformat()
        assert listed(as_editor, tenant, updated_to=created["updated_at"]) == []
        assert listed(as_editor, tenant, updated_to=just_after) == [created["id"]]
