"""Members: listing them, their roles, leaving."""

import threading
from collections.abc import Callable

import orjson
import pytest

from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from tests.api.callers import Caller, Tenant
from tests.api.conftest import Join, MakeCaller, MakePerson, RoundTrips

ROLES = ("owner", "admin", "editor", "viewer")


def roles(client: Caller, tenant: Tenant) -> dict[int, str]:
    """User id → role, of everybody."""
    rows = client.get(tenant.path("members"), query_string={"limit": 100}).json["items"]
    return {row["user_id"]: row["role"] for row in rows}


def change(client: Caller, tenant: Tenant, user_id: int, role: str) -> int:
    answer = client.patch(tenant.path(f"members/{user_id}"), json={"role": role})
    return answer.status_code


def remove(client: Caller, tenant: Tenant, user_id: int) -> int:
    return client.delete(tenant.path(f"members/{user_id}")).status_code


@pytest.fixture
def member(
    tenant: Tenant, make_person: MakePerson, join: Join, signed_in: MakeCaller
) -> Callable[[str], Caller]:
    """Make a member with a role: a client."""

    def make(role: str) -> Caller:
        person = make_person()
        join(person, tenant, role)
        return signed_in(person)

    return make


def id_of(client: Caller) -> int:
    assert client.person is not None
    return client.person.id


class TestListing:
    def test_every_member_sees_every_member(
        self, tenant: Tenant, member: Callable[[str], Caller], as_owner: Caller
    ) -> None:
        members = {role: member(role) for role in ("admin", "editor", "viewer")}
        expected = {id_of(client): role for role, client in members.items()}
        expected[tenant.owner.id] = "owner"
        for client in (as_owner, *members.values()):
            assert roles(client, tenant) == expected

    def test_it_takes_one_round_trip(
        self, as_owner: Caller, tenant: Tenant, round_trips: RoundTrips
    ) -> None:
        as_owner.get(tenant.path("members"))
        with round_trips() as sent:
            as_owner.get(tenant.path("members"))
        assert sent.names == ["member_list"]

    def test_pages_hold_everybody_once(
        self, as_owner: Caller, tenant: Tenant, member: Callable[[str], Caller]
    ) -> None:
        expected = [tenant.owner.id, *(id_of(member("viewer")) for _ in range(6))]
        found: list[int] = []
        cursor = None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = as_owner.get(tenant.path("members"), query_string=query).json
            found += [row["user_id"] for row in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert found == sorted(expected)

    def test_it_is_narrowed_to_a_role(
        self, as_owner: Caller, tenant: Tenant, member: Callable[[str], Caller]
    ) -> None:
        editors = {id_of(member("editor")) for _ in range(2)}
        member("viewer")
        query = {"role": "editor"}
        rows = as_owner.get(tenant.path("members"), query_string=query).json["items"]
        assert {row["user_id"] for row in rows} == editors

    def test_it_is_narrowed_to_preferences_by_admins_only(
        self,
        as_owner: Caller,
        as_admin: Caller,
        as_viewer: Caller,
        tenant: Tenant,
        make_person: MakePerson,
        join: Join,
    ) -> None:
        wants = make_person(metadata='{"notifications": {"email": true, "sms": false}}')
        outside = make_person(metadata='{"notifications": {"email": true}}')
        join(wants, tenant, "editor")
        query = {"metadata": orjson.dumps({"notifications": {"email": True}}).decode()}
        for client in (as_owner, as_admin):
            rows = client.get(tenant.path("members"), query_string=query).json["items"]
            assert [row["user_id"] for row in rows] == [wants.id]
        assert outside.id not in roles(as_owner, tenant)
        refused = as_viewer.get(tenant.path("members"), query_string=query)
        assert refused.status_code == 403

    @pytest.mark.parametrize(
        "query", [{"metadata": "[1]"}, {"metadata": "{"}, {"role": "king"}, {"limit": "0"}]
    )
    def test_what_cannot_be_asked_is_refused(
        self, as_owner: Caller, tenant: Tenant, query: dict[str, str]
    ) -> None:
        assert as_owner.get(tenant.path("members"), query_string=query).status_code == 422


class TestRoles:
    def test_an_owner_gives_every_role(
        self, as_owner: Caller, tenant: Tenant, member: Callable[[str], Caller]
    ) -> None:
        user_id = id_of(member("viewer"))
        for role in (*ROLES, "viewer"):
            answer = as_owner.patch(tenant.path(f"members/{user_id}"), json={"role": role})
            assert answer.status_code == 200
            assert answer.json["role"] == role
            assert roles(as_owner, tenant)[user_id] == role

    @pytest.mark.parametrize("held", ROLES)
    @pytest.mark.parametrize("wanted", ROLES)
    def test_an_admin_changes_editors_and_viewers_into_each_other(
        self,
        as_admin: Caller,
        tenant: Tenant,
        member: Callable[[str], Caller],
        held: str,
        wanted: str,
    ) -> None:
        user_id = id_of(member(held))
        allowed = held == wanted or {held, wanted} <= {"editor", "viewer"}
        assert change(as_admin, tenant, user_id, wanted) == (200 if allowed else 403)
        assert roles(as_admin, tenant)[user_id] == (wanted if allowed else held)

    def test_editors_and_viewers_change_nobody_not_even_themselves(
        self, as_editor: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        for client in (as_editor, as_viewer):
            assert change(client, tenant, id_of(client), "owner") == 403
            assert change(client, tenant, tenant.owner.id, "viewer") == 403
            assert remove(client, tenant, tenant.owner.id) == 403

    def test_an_admin_does_not_raise_themselves(self, as_admin: Caller, tenant: Tenant) -> None:
        assert change(as_admin, tenant, id_of(as_admin), "owner") == 403

    def test_a_new_role_holds_from_the_next_request_on(
        self, as_owner: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        document = {"title": "Mine", "content": "…"}
        assert as_viewer.post(tenant.path("documents"), json=document).status_code == 403
        change(as_owner, tenant, id_of(as_viewer), "editor")
        assert as_viewer.post(tenant.path("documents"), json=document).status_code == 201
        remove(as_owner, tenant, id_of(as_viewer))
        assert as_viewer.get(tenant.path("documents")).status_code == 404

    def test_who_is_no_member_cannot_be_changed(
        self, as_owner: Caller, as_stranger: Caller, tenant: Tenant
    ) -> None:
        assert change(as_owner, tenant, id_of(as_stranger), "viewer") == 404
        assert remove(as_owner, tenant, id_of(as_stranger)) == 404


class TestTheLastOwner:
    def test_the_last_owner_stays_and_stays_owner(
        self, as_owner: Caller, as_admin: Caller, tenant: Tenant
    ) -> None:
        assert change(as_owner, tenant, tenant.owner.id, "admin") == 409
        assert remove(as_owner, tenant, tenant.owner.id) == 409
        assert roles(as_admin, tenant)[tenant.owner.id] == "owner"

    def test_an_owner_who_cannot_sign_in_does_not_count(
        self,
        as_owner: Caller,
        tenant: Tenant,
        member: Callable[[str], Caller],
        settings: Settings,
    ) -> None:
        second = id_of(member("owner"))
        with connect_directly(settings, OWNER) as connection:
            connection.execute("UPDATE users SET disabled_at = now() WHERE id = %s", (second,))
        assert remove(as_owner, tenant, tenant.owner.id) == 409
        assert remove(as_owner, tenant, second) == 204

    def test_with_another_owner_one_may_go(
        self, as_owner: Caller, tenant: Tenant, member: Callable[[str], Caller]
    ) -> None:
        second = member("owner")
        assert change(second, tenant, tenant.owner.id, "viewer") == 200
        assert remove(as_owner, tenant, tenant.owner.id) == 204
        assert roles(second, tenant) == {id_of(second): "owner"}

    @pytest.mark.parametrize("act", ["demote the other", "remove the other", "leave"])
    def test_two_owners_at_once_leave_one(
        self,
        as_owner: Caller,
        tenant: Tenant,
        member: Callable[[str], Caller],
        as_viewer: Caller,
        act: str,
    ) -> None:
        first, second = as_owner, member("owner")
        for _ in range(8):
            together = threading.Barrier(2)
            statuses: list[int] = []

            def go(
                one: Caller,
                other: Caller,
                together: threading.Barrier = together,
                statuses: list[int] = statuses,
            ) -> None:
                together.wait()
                if act == "demote the other":
                    statuses.append(change(one, tenant, id_of(other), "viewer"))
                else:
                    statuses.append(remove(one, tenant, id_of(one if act == "leave" else other)))

            pair = [(first, second), (second, first)]
            threads = [threading.Thread(target=go, args=callers) for callers in pair]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            held = roles(as_viewer, tenant)
            owners = [client for client in (first, second) if held.get(id_of(client)) == "owner"]
            assert len(owners) == 1, (statuses, held)
            assert sorted(statuses)[1] in (403, 404, 409)
            [remaining] = owners
            gone = second if remaining is first else first
            if id_of(gone) in held:
                assert change(remaining, tenant, id_of(gone), "owner") == 200
            else:
                second = member("owner")
                first = remaining


class TestLeaving:
    @pytest.mark.parametrize("role", ["admin", "editor", "viewer"])
    def test_anybody_may_leave(
        self, tenant: Tenant, member: Callable[[str], Caller], as_owner: Caller, role: str
    ) -> None:
        leaver = member(role)
        assert remove(leaver, tenant, id_of(leaver)) == 204
        assert leaver.get(tenant.path()).status_code == 404
        assert id_of(leaver) not in roles(as_owner, tenant)

    @pytest.mark.parametrize("role", ROLES)
    def test_an_admin_removes_editors_and_viewers(
        self, as_admin: Caller, tenant: Tenant, member: Callable[[str], Caller], role: str
    ) -> None:
        expected = 204 if role in ("editor", "viewer") else 403
        assert remove(as_admin, tenant, id_of(member(role))) == expected

    def test_what_a_member_wrote_stays(
        self, as_owner: Caller, as_editor: Caller, tenant: Tenant
    ) -> None:
        document = {"title": "Kept", "content": "…"}
        written = as_editor.post(tenant.path("documents"), json=document).json
        remove(as_owner, tenant, id_of(as_editor))
        assert as_owner.get(tenant.path(f"documents/{written['id']}")).json == written
