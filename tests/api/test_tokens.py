"""API tokens of the caller."""

from typing import Any

import pytest

from howdah.entrypoints.web.services import Services
from howdah.foundation.database import NOBODY, Statement, user
from howdah.product.accounts.credentials import hash_of
from tests.api.callers import PASSWORD, Caller, Person, Tenant
from tests.api.conftest import MakeCaller, MakePerson, MakeTenant, RoundTrips

KEPT = Statement("test_kept", "SELECT token_hash FROM api_tokens WHERE id = %s")
EXPIRE = Statement("test_expire", "UPDATE api_tokens SET expires_at = now() WHERE id = %s")


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person()


@pytest.fixture
def me(person: Person, anonymous: Caller, caller: MakeCaller) -> Caller:
    """Signed in with the password: a session may make any token."""
    body = {"email": person.email, "password": PASSWORD}
    return caller(anonymous.post("/sessions", json=body).json["token"], person)


def make(client: Caller, **wish: Any) -> dict[str, Any]:
    answer = client.post("/me/tokens", json={"name": "ci", "scopes": ["read"], **wish})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


class TestMaking:
    def test_the_text_is_told_once_and_only_its_hash_is_kept(
        self, me: Caller, caller: MakeCaller, services: Services, person: Person
    ) -> None:
        made = make(me, name="deploys", scopes=["write", "read"], expires_in_days=30)
        assert made["token"].startswith("hdt_")
        assert len(made["token"]) == 4 + 43
        assert made["scopes"] == ["read", "write"]
        assert made["expires_at"] > made["created_at"]
        assert caller(made["token"]).get("/me").json["id"] == person.id
        listed = me.get("/me/tokens").json["items"]
        assert [token["name"] for token in listed] == ["deploys"]
        assert made["token"] not in me.get("/me/tokens").text
        with services.database.read(user(person.id)) as queries:
            assert bytes(queries.value(KEPT, (made["id"],))) == hash_of(made["token"])

    def test_its_scopes_limit_what_it_does(self, me: Caller, caller: MakeCaller) -> None:
        reading = caller(make(me, scopes=["read"])["token"])
        assert reading.get("/me").status_code == 200
        assert reading.patch("/me", json={"full_name": "Mallory"}).status_code == 403
        assert reading.post("/me/tokens", json={"name": "x", "scopes": ["read"]}).status_code == 403

    def test_one_narrowed_to_an_organization_reaches_no_other(
        self, me: Caller, caller: MakeCaller, person: Person, make_tenant: MakeTenant
    ) -> None:
        mine, other = make_tenant(person), make_tenant(person)
        made = make(me, scopes=["write"], organization=mine.slug)
        assert (made["org_id"], made["organization"]) == (mine.id, mine.slug)
        narrowed = caller(made["token"])
        assert narrowed.get(mine.path("documents")).status_code == 200
        assert narrowed.get(other.path("documents")).status_code == 404
        assert me.get("/me/tokens").json["items"][0]["organization"] == mine.slug

    def test_an_organization_of_others_cannot_be_named(self, me: Caller, tenant: Tenant) -> None:
        wish = {"name": "x", "scopes": ["read"], "organization": tenant.slug}
        assert me.post("/me/tokens", json=wish).status_code == 404

    @pytest.mark.parametrize(
        "wish",
        [
            {"scopes": ["read"]},
            {"name": "x"},
            {"name": "x", "scopes": []},
            {"name": "x", "scopes": ["root"]},
            {"name": " ", "scopes": ["read"]},
            {"name": "x" * 101, "scopes": ["read"]},
            {"name": "x", "scopes": ["read"], "expires_in_days": 0},
            {"name": "x", "scopes": ["read"], "expires_in_days": 4000},
            {"name": "x", "scopes": ["read"], "expires_in_days": "7"},
            {"name": "x", "scopes": ["read"], "forever": True},
        ],
    )
    def test_what_is_no_token_is_refused(self, me: Caller, wish: dict[str, object]) -> None:
        assert me.post("/me/tokens", json=wish).status_code == 422
        assert me.get("/me/tokens").json["items"] == []

    def test_it_takes_two_round_trips_and_the_commit(
        self, me: Caller, round_trips: RoundTrips
    ) -> None:
        with round_trips() as sent:
            make(me)
        assert sent.names == ["token_limits", "token_create", "commit"]

    def test_there_is_a_largest_number_of_them(
        self, me: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("howdah.product.accounts.tokens.MOST_TOKENS", 1)
        make(me)
        answer = me.post("/me/tokens", json={"name": "one more", "scopes": ["read"]})
        assert answer.status_code == 409


class TestATokenThatMakesTokens:
    def test_makes_none_with_more_scopes_than_it_has(self, me: Caller, caller: MakeCaller) -> None:
        writing = caller(make(me, scopes=["write"])["token"])
        make(writing, scopes=["read", "write"])
        answer = writing.post("/me/tokens", json={"name": "x", "scopes": ["admin"]})
        assert answer.status_code == 403
        assert "write" in answer.json["detail"]

    def test_makes_none_that_outlives_it(self, me: Caller, caller: MakeCaller) -> None:
        expiring = caller(make(me, scopes=["write"], expires_in_days=7)["token"])
        make(expiring, expires_in_days=6)
        for days in (None, 8):
            wish = {"name": "x", "scopes": ["read"], "expires_in_days": days}
            assert expiring.post("/me/tokens", json=wish).status_code == 403


class TestRevoking:
    def test_a_revoked_token_works_no_more_at_the_next_request(
        self, me: Caller, caller: MakeCaller
    ) -> None:
        made = make(me)
        program = caller(made["token"])
        assert program.get("/me").status_code == 200
        assert me.delete(f"/me/tokens/{made['id']}").status_code == 204
        assert program.get("/me").status_code == 401
        assert me.delete(f"/me/tokens/{made['id']}").status_code == 404

    def test_an_expired_token_works_no_more(
        self, me: Caller, caller: MakeCaller, services: Services, person: Person
    ) -> None:
        made = make(me, expires_in_days=1)
        with services.database.write(user(person.id)) as transaction:
            transaction.execute(EXPIRE, (made["id"],))
        assert caller(made["token"]).get("/me").status_code == 401

    def test_nobody_sees_or_revokes_the_tokens_of_others(
        self, me: Caller, caller: MakeCaller, as_stranger: Caller, as_operator: Caller
    ) -> None:
        made = make(me)
        for other in (as_stranger, as_operator):
            listed = [token["id"] for token in other.get("/me/tokens").json["items"]]
            assert made["id"] not in listed
            assert other.delete(f"/me/tokens/{made['id']}").status_code == 404
        assert caller(made["token"]).get("/me").status_code == 200

    def test_without_a_user_the_database_shows_no_token(
        self, me: Caller, services: Services
    ) -> None:
        made = make(me)
        with services.database.read(NOBODY) as queries:
            assert queries.value(KEPT, (made["id"],)) is None


def test_the_use_of_a_token_is_noted(me: Caller, caller: MakeCaller) -> None:
    made = make(me)
    assert made["last_used_at"] is None
    caller(made["token"]).get("/me")
    assert me.get("/me/tokens").json["items"][0]["last_used_at"] is not None


def test_the_list_has_pages_and_takes_one_round_trip(me: Caller, round_trips: RoundTrips) -> None:
    ids = [make(me, name=f"token {number}")["id"] for number in range(3)]
    with round_trips() as sent:
        first = me.get("/me/tokens?limit=2").json
    assert sent.count == 1
    rest = me.get(f"/me/tokens?limit=2&cursor={first['next_cursor']}").json
    listed = [token["id"] for token in first["items"] + rest["items"]]
    assert listed == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/me/tokens"), ("DELETE", "/me/tokens/1"), ("POST", "/me/tokens")]
)
def test_nobody_has_no_tokens(anonymous: Caller, method: str, path: str) -> None:
    more = {"json": {"name": "x", "scopes": ["read"]}} if method == "POST" else {}
    assert anonymous.request(method, path, **more).status_code == 401
