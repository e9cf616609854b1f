"""The history of a document: listing, reading, comparing, going back."""

from typing import Any

import pytest

from tests.api.callers import Caller, Tenant
from tests.api.conftest import RoundTrips

STATES: list[dict[str, Any]] = [
    {"title": "First", "content": "one\ntwo\nthree\n", "tags": ["a"], "language": "english"},
    {"title": "Second", "content": "one\n2\nthree\nfour\n", "tags": ["a", "b"]},
    {"content": "one\n2\nthree\nfour\nfive\n", "language": "german"},
]


@pytest.fixture
def path(as_editor: Caller, as_owner: Caller, tenant: Tenant) -> str:
    """Of a document in its third revision; the second was written by the owner."""
    created = as_editor.post(tenant.path("documents"), json=STATES[0]).json
    path = tenant.path(f"documents/{created['id']}")
    for number, (writer, state) in enumerate(zip((as_owner, as_editor), STATES[1:], strict=True)):
        headers = {"If-Match": f'"{number + 1}"'}
        assert writer.patch(path, json=state, headers=headers).status_code == 200
    return path


def expected(number: int) -> dict[str, Any]:
    """The content of a revision, 1 to 3."""
    state: dict[str, Any] = {}
    for change in STATES[:number]:
        state |= change
    return state


class TestListing:
    def test_every_state_is_there_newest_first_with_who_wrote_it(
        self, as_viewer: Caller, as_editor: Caller, tenant: Tenant, path: str
    ) -> None:
        rows = as_viewer.get(f"{path}/revisions").json["items"]
        assert [row["revision"] for row in rows] == [3, 2, 1]
        assert [row["title"] for row in rows] == ["Second", "Second", "First"]
        assert as_editor.person is not None
        editor = as_editor.person.id
        assert [row["author_id"] for row in rows] == [editor, tenant.owner.id, editor]
        written = [row["written_at"] for row in rows]
        assert written == sorted(written, reverse=True)
        assert rows[0]["written_at"] == as_viewer.get(path).json["updated_at"]
        assert all("content" not in row for row in rows)

    def test_pages_hold_every_state_once(self, as_viewer: Caller, path: str) -> None:
        found: list[int] = []
        cursor = None
        while True:
            query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = as_viewer.get(f"{path}/revisions", query_string=query).json
            found += [row["revision"] for row in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert found == [3, 2, 1]

    def test_each_takes_one_round_trip(
        self, as_viewer: Caller, path: str, round_trips: RoundTrips
    ) -> None:
        as_viewer.get(path)
        for below in ("revisions", "revisions/1", "difference?older=1&newer=3"):
            with round_trips() as sent:
                assert as_viewer.get(f"{path}/{below}").status_code == 200
            assert sent.count == 1


class TestReading:
    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_every_state_can_be_read(self, as_viewer: Caller, path: str, number: int) -> None:
        revision = as_viewer.get(f"{path}/revisions/{number}").json
        assert revision["revision"] == number
        assert expected(number).items() <= revision.items()

    @pytest.mark.parametrize("number", [0, 4, 2**31])
    def test_a_revision_that_is_not_there_is_not_found(
        self, as_editor: Caller, path: str, number: int
    ) -> None:
        assert as_editor.get(f"{path}/revisions/{number}").status_code == 404
        restore = as_editor.post(f"{path}/revisions/{number}/restore", headers={"If-Match": '"3"'})
        assert restore.status_code == 404
        if 0 < number < 2**31:
            query = {"older": 1, "newer": number}
            compared = as_editor.get(f"{path}/difference", query_string=query)
            assert compared.status_code == 404

    def test_deleting_is_no_revision(self, as_editor: Caller, path: str) -> None:
        as_editor.delete(path)
        as_editor.post(f"{path}/restore")
        rows = as_editor.get(f"{path}/revisions").json["items"]
        assert [row["revision"] for row in rows] == [3, 2, 1]


class TestComparing:
    def test_what_changed_is_told(self, as_viewer: Caller, path: str) -> None:
        query = {"older": 1, "newer": 3}
        found = as_viewer.get(f"{path}/difference", query_string=query).json
        assert found["title"] == {"before": "First", "after": "Second"}
        assert found["language"] == {"before": "english", "after": "german"}
        assert (found["tags_added"], found["tags_removed"]) == (["b"], [])
        assert (found["lines_added"], found["lines_removed"]) == (3, 1)
        lines = [(line["kind"], line["text"]) for line in found["hunks"][0]["lines"]]
        assert lines == [
            ("same", "one"),
            ("removed", "two"),
            ("added", "2"),
            ("same", "three"),
            ("added", "four"),
            ("added", "five"),
        ]

    def test_a_revision_does_not_differ_from_itself(self, as_viewer: Caller, path: str) -> None:
        query = {"older": 2, "newer": 2}
        found = as_viewer.get(f"{path}/difference", query_string=query).json
        assert (found["title"], found["language"], found["hunks"]) == (None, None, [])

    @pytest.mark.parametrize(
        "query", [{}, {"older": 1}, {"older": 0, "newer": 1}, {"older": "x", "newer": 1}]
    )
    def test_what_cannot_be_compared_is_refused(
        self, as_viewer: Caller, path: str, query: dict[str, Any]
    ) -> None:
        assert as_viewer.get(f"{path}/difference", query_string=query).status_code == 422


class TestGoingBack:
    def test_an_earlier_state_becomes_the_newest_and_nothing_is_lost(
        self, as_owner: Caller, tenant: Tenant, path: str
    ) -> None:
        back = as_owner.post(f"{path}/revisions/1/restore", headers={"If-Match": '"3"'})
        assert back.status_code == 200
        assert back.headers["ETag"] == '"4"'
        assert (expected(1) | {"revision": 4, "updated_by": tenant.owner.id}).items() <= (
            back.json.items()
        )
        assert as_owner.get(path).json == back.json
        rows = as_owner.get(f"{path}/revisions").json["items"]
        assert [row["revision"] for row in rows] == [4, 3, 2, 1]
        third = as_owner.get(f"{path}/revisions/3").json
        assert expected(3).items() <= third.items()

    def test_it_takes_the_revision_that_was_read(self, as_editor: Caller, path: str) -> None:
        restore = f"{path}/revisions/1/restore"
        assert as_editor.post(restore).status_code == 428
        assert as_editor.post(restore, headers={"If-Match": '"2"'}).status_code == 412
        assert as_editor.get(path).json["revision"] == 3

    def test_viewers_do_not(self, as_viewer: Caller, path: str) -> None:
        restore = f"{path}/revisions/1/restore"
        assert as_viewer.post(restore, headers={"If-Match": "*"}).status_code == 403

    def test_the_current_state_stays_as_it_is(self, as_editor: Caller, path: str) -> None:
        before = as_editor.get(path).json
        same = as_editor.post(f"{path}/revisions/3/restore", headers={"If-Match": "*"})
        assert same.json == before
