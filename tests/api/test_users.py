"""All users, for the people who run the installation."""

import secrets
from typing import Any

import orjson
import pytest

from tests.api.callers import PASSWORD, Caller, Person, Tenant
from tests.api.conftest import MakeCaller, MakePerson, RoundTrips


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person()


def registration(**more: Any) -> dict[str, Any]:
    return {
        "email": f"{secrets.token_hex(8)}@example.com",
        "full_name": "Ann Otter",
        "password": PASSWORD,
        **more,
    }


class TestListing:
    def test_users_are_found_by_what_their_preferences_contain(
        self, as_operator: Caller, make_person: MakePerson, round_trips: RoundTrips
    ) -> None:
        mark = secrets.token_hex(8)
        wanted = {"notifications": {"email": True}, "mark": mark}
        ids = [make_person(metadata=orjson.dumps(wanted).decode()).id for _ in range(3)]
        make_person(metadata=orjson.dumps({"notifications": {"email": False}}).decode())
        query = {"metadata": orjson.dumps(wanted).decode(), "limit": 2}
        with round_trips() as sent:
            first = as_operator.get("/users", query_string=query)
        assert sent.count == 1
        assert first.status_code == 200, first.text
        rest = as_operator.get(
            "/users", query_string={**query, "cursor": first.json["next_cursor"]}
        )
        found = [row["id"] for row in first.json["items"] + rest.json["items"]]
        assert found == ids
        assert rest.json["next_cursor"] is None

    def test_users_are_found_by_address_in_any_case(
        self, as_operator: Caller, person: Person
    ) -> None:
        answer = as_operator.get("/users", query_string={"email": person.email.upper()})
        assert [row["id"] for row in answer.json["items"]] == [person.id]
        assert "password_hash" not in answer.text

    @pytest.mark.parametrize("metadata", ["", "{", "[]", '"x"', '{"a":"\\u0000"}', "NaN"])
    def test_what_is_no_json_object_is_refused(self, as_operator: Caller, metadata: str) -> None:
        answer = as_operator.get("/users", query_string={"metadata": metadata})
        assert answer.status_code == 422

    def test_a_number_beyond_64_bits_finds_nobody(self, as_operator: Caller) -> None:
        wanted = f'{{"{secrets.token_hex(8)}":{"9" * 40}}}'
        answer = as_operator.get("/users", query_string={"metadata": wanted})
        assert answer.json["items"] == []


class TestCreating:
    def test_a_new_user_signs_in(self, as_operator: Caller, anonymous: Caller) -> None:
        wish = registration(metadata={"theme": "dark"})
        answer = as_operator.post("/users", json=wish)
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/api/v1/users/{answer.json['id']}"
        assert answer.json["role"] == "user"
        assert answer.json["metadata"] == {"theme": "dark"}
        assert PASSWORD not in answer.text
        body = {"email": wish["email"], "password": PASSWORD}
        assert anonymous.post("/sessions", json=body).status_code == 201

    def test_the_same_key_makes_one_user(self, as_operator: Caller) -> None:
        wish, headers = registration(), {"Idempotency-Key": secrets.token_hex(8)}
        first = as_operator.post("/users", json=wish, headers=headers)
        second = as_operator.post("/users", json=wish, headers=headers)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json == second.json
        assert second.headers["Idempotency-Replayed"] == "true"
        other = as_operator.post("/users", json=registration(), headers=headers)
        assert other.status_code == 409

    def test_an_address_has_one_account_in_any_case(
        self, as_operator: Caller, person: Person
    ) -> None:
        answer = as_operator.post("/users", json=registration(email=person.email.upper()))
        assert answer.status_code == 409
        assert "account" in answer.json["detail"]

    @pytest.mark.parametrize(
        "more",
        [
            {"password": "short"},
            {"password": "someone.else@example.com", "email": "Someone.Else@example.com"},
            {"role": "owner"},
            {"email": "no address"},
            {"full_name": ""},
            {"metadata": []},
            {"id": 1},
        ],
    )
    def test_what_is_no_user_is_refused(self, as_operator: Caller, more: dict[str, object]) -> None:
        assert as_operator.post("/users", json=registration(**more)).status_code == 422

    def test_nobody_is_hashed_for_who_may_not_ask(
        self, as_stranger: Caller, anonymous: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hashed: list[str] = []
        monkeypatch.setattr("howdah.entrypoints.web.api.users.hash_password", hashed.append)
        assert as_stranger.post("/users", json=registration()).status_code == 403
        assert anonymous.post("/users", json=registration()).status_code == 401
        assert hashed == []


class TestChanging:
    def test_disabling_stops_tokens_and_sessions_at_the_next_request(
        self,
        as_operator: Caller,
        anonymous: Caller,
        caller: MakeCaller,
        person: Person,
        signed_in: MakeCaller,
    ) -> None:
        token = signed_in(person)
        body = {"email": person.email, "password": PASSWORD}
        session = caller(anonymous.post("/sessions", json=body).json["token"])
        assert token.get("/me").status_code == session.get("/me").status_code == 200
        disabled = as_operator.patch(f"/users/{person.id}", json={"disabled": True})
        assert disabled.json["disabled_at"] is not None
        assert token.get("/me").status_code == session.get("/me").status_code == 401
        assert anonymous.post("/sessions", json=body).status_code == 401
        enabled = as_operator.patch(f"/users/{person.id}", json={"disabled": False})
        assert enabled.json["disabled_at"] is None
        assert token.get("/me").status_code == 200
        assert session.get("/me").status_code == 401, "sessions do not come back"
        assert anonymous.post("/sessions", json=body).status_code == 201

    def test_a_user_becomes_an_operator_and_a_user_again_at_once(
        self, as_operator: Caller, person: Person, signed_in: MakeCaller
    ) -> None:
        promoted = signed_in(person)
        assert promoted.get("/users").status_code == 403
        as_operator.patch(f"/users/{person.id}", json={"role": "admin"})
        assert promoted.get("/users?limit=1").status_code == 200
        as_operator.patch(f"/users/{person.id}", json={"role": "user"})
        assert promoted.get("/users").status_code == 403

    def test_preferences_are_merged(self, as_operator: Caller, person: Person) -> None:
        as_operator.patch(f"/users/{person.id}", json={"metadata": {"a": {"b": 1}, "c": 2}})
        answer = as_operator.patch(
            f"/users/{person.id}", json={"metadata": {"a": {"d": 3}, "c": None}, "full_name": "Ann"}
        )
        assert answer.json["metadata"] == {"a": {"b": 1, "d": 3}}
        assert answer.json["full_name"] == "Ann"
        assert as_operator.get(f"/users/{person.id}").json == answer.json

    @pytest.mark.parametrize("change", [{"disabled": True}, {"role": "user"}])
    def test_nobody_takes_themself_out(
        self, as_operator: Caller, change: dict[str, object]
    ) -> None:
        assert as_operator.person is not None
        path = f"/users/{as_operator.person.id}"
        assert as_operator.patch(path, json=change).status_code == 409
        assert as_operator.delete(path).status_code == 409
        assert as_operator.get(path).json["role"] == "admin"

    @pytest.mark.parametrize(
        "change", [{"disabled": "yes"}, {"disabled": None}, {"role": "root"}, {"password": "x"}]
    )
    def test_what_is_no_change_is_refused(
        self, as_operator: Caller, person: Person, change: dict[str, object]
    ) -> None:
        assert as_operator.patch(f"/users/{person.id}", json=change).status_code == 422


class TestDeleting:
    def test_somebody_to_whom_nothing_refers_is_removed(
        self, as_operator: Caller, person: Person, signed_in: MakeCaller
    ) -> None:
        token = signed_in(person)
        assert as_operator.delete(f"/users/{person.id}").status_code == 204
        assert as_operator.get(f"/users/{person.id}").status_code == 404
        assert as_operator.delete(f"/users/{person.id}").status_code == 404
        assert token.get("/me").status_code == 401

    def test_a_member_is_not_removed_but_can_be_disabled(
        self, as_operator: Caller, tenant: Tenant, as_owner: Caller
    ) -> None:
        answer = as_operator.delete(f"/users/{tenant.owner.id}")
        assert answer.status_code == 409
        assert "disabled" in answer.json["hint"]
        assert as_owner.get("/me").json["organizations"] != []

    def test_an_author_is_not_removed_even_without_a_membership(
        self, as_operator: Caller, tenant: Tenant, as_owner: Caller, as_editor: Caller
    ) -> None:
        assert as_editor.person is not None
        document = {"title": "Otters", "content": "They hold hands."}
        as_editor.post(tenant.path("documents"), json=document)
        as_owner.delete(tenant.path(f"members/{as_editor.person.id}"))
        assert as_operator.delete(f"/users/{as_editor.person.id}").status_code == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/1"),
        ("PATCH", "/users/1"),
        ("DELETE", "/users/1"),
    ],
)
class TestWhoMayAsk:
    def ask(self, caller: Caller, method: str, path: str) -> int:
        body = {"POST": registration(), "PATCH": {"full_name": "Mallory"}}.get(method)
        return caller.request(method, path, **({"json": body} if body else {})).status_code

    def test_not_nobody_and_not_just_anybody(
        self, anonymous: Caller, as_owner: Caller, method: str, path: str
    ) -> None:
        assert self.ask(anonymous, method, path) == 401
        assert self.ask(as_owner, method, path) == 403

    def test_not_an_operators_token_that_is_narrowed_to_an_organization(
        self,
        make_person: MakePerson,
        make_tenant: Any,
        signed_in: MakeCaller,
        method: str,
        path: str,
    ) -> None:
        operator = make_person(role="admin")
        narrowed = signed_in(operator, org_id=make_tenant(operator).id)
        assert self.ask(narrowed, method, path) == 403

    def test_changes_take_the_scope_admin(
        self, make_person: MakePerson, signed_in: MakeCaller, method: str, path: str
    ) -> None:
        writing = signed_in(make_person(role="admin"), scopes=("write",))
        assert self.ask(writing, method, path) in ((200, 404) if method == "GET" else (403,))


def test_reading_one_takes_one_round_trip(
    as_operator: Caller, person: Person, round_trips: RoundTrips
) -> None:
    with round_trips() as sent:
        answer = as_operator.get(f"/users/{person.id}")
    assert sent.count == 1
    assert answer.json["email"] == person.email
    assert as_operator.get("/users/2147483647").status_code == 404
