"""The caller's own account."""

import threading

import pytest

from howdah.entrypoints.web.api import me as resource
from howdah.entrypoints.web.services import Services
from howdah.product.accounts import own_account
from tests.api.callers import PASSWORD, Caller, Person, Tenant
from tests.api.conftest import Join, MakeCaller, MakePerson, MakeTenant, RoundTrips

NEW_PASSWORD = "an entirely different sentence"


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person()


@pytest.fixture
def me(person: Person, signed_in: MakeCaller) -> Caller:
    return signed_in(person)


class TestReading:
    def test_people_see_themselves_with_their_organizations_in_one_round_trip(
        self,
        me: Caller,
        person: Person,
        tenant: Tenant,
        make_tenant: MakeTenant,
        join: Join,
        round_trips: RoundTrips,
    ) -> None:
        own = make_tenant(person)
        join(person, tenant, "viewer")
        with round_trips() as sent:
            answer = me.get("/me")
        assert sent.count == 1
        assert answer.status_code == 200
        assert answer.json["email"] == person.email
        assert answer.json["role"] == "user"
        assert answer.json["metadata"] == {}
        roles = {entry["slug"]: entry["role"] for entry in answer.json["organizations"]}
        assert roles == {own.slug: "owner", tenant.slug: "viewer"}
        assert not any("password" in name for name in answer.json)

    def test_a_token_narrowed_to_an_organization_shows_only_that_one(
        self, person: Person, signed_in: MakeCaller, make_tenant: MakeTenant
    ) -> None:
        first, _ = make_tenant(person), make_tenant(person)
        narrowed = signed_in(person, org_id=first.id)
        slugs = [entry["slug"] for entry in narrowed.get("/me").json["organizations"]]
        assert slugs == [first.slug]

    def test_nobody_is_nobody(self, anonymous: Caller, caller: MakeCaller) -> None:
        assert anonymous.get("/me").status_code == 401
        assert caller("hdt_" + "A" * 43).get("/me").status_code == 401


class TestChanging:
    def test_a_new_name_is_kept_and_nothing_else_changes(self, me: Caller, person: Person) -> None:
        me.patch("/me", json={"metadata": {"theme": "dark"}})
        answer = me.patch("/me", json={"full_name": "Ann Otter"})
        assert answer.status_code == 200
        assert answer.json["full_name"] == "Ann Otter"
        assert answer.json["metadata"] == {"theme": "dark"}
        assert me.get("/me").json["full_name"] == "Ann Otter"

    def test_preferences_are_merged_and_null_removes(self, me: Caller) -> None:
        me.patch("/me", json={"metadata": {"notifications": {"email": True, "sms": True}, "a": 1}})
        patch = {"notifications": {"sms": None, "push": {"on": False}}, "a": None}
        answer = me.patch("/me", json={"metadata": patch})
        expected = {"notifications": {"email": True, "push": {"on": False}}}
        assert answer.json["metadata"] == expected
        assert me.get("/me").json["metadata"] == expected

    def test_changes_at_the_same_time_are_all_kept(
        self, person: Person, signed_in: MakeCaller
    ) -> None:
        def change(number: int) -> None:
            client = signed_in(person)
            answer = client.patch("/me", json={"metadata": {"of": {f"thread {number}": number}}})
            assert answer.status_code == 200

        threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = signed_in(person).get("/me").json["metadata"]["of"]
        assert kept == {f"thread {number}": number for number in range(8)}

    def test_a_number_beyond_64_bits_is_answered_and_not_an_error(self, me: Caller) -> None:
        headers = {"Content-Type": "application/json"}
        large = '{"metadata":{"n":' + "9" * 40 + "}}"
        answer = me.patch("/me", data=large, headers=headers)
        assert answer.status_code == 200
        assert me.get("/me").json["metadata"]["n"] == pytest.approx(1e40)

    def test_preferences_have_a_limit_together_too(self, me: Caller) -> None:
        for name in ("first", "second"):
            answer = me.patch("/me", json={"metadata": {name: "x" * 40_000}})
        assert answer.status_code == 422
        assert set(me.get("/me").json["metadata"]) == {"first"}

    @pytest.mark.parametrize(
        "body",
        [
            {"metadata": []},
            {"metadata": None},
            {"metadata": {"nul": "\0"}},
            {"metadata": {"\0": 1}},
            {"metadata": {"large": "x" * 70_000}},
            {"full_name": None},
            {"full_name": "  "},
            {"full_name": "x" * 256},
            {"role": "admin"},
            {"email": "other@example.com"},
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, me: Caller, body: dict[str, object]) -> None:
        answer = me.patch("/me", json=body)
        assert answer.status_code == 422
        assert answer.json["errors"]

    def test_preferences_nested_too_deep_are_refused(self, me: Caller) -> None:
        nested: dict[str, object] = {}
        for _ in range(25):
            nested = {"deeper": nested}
        answer = me.patch("/me", json={"metadata": nested})
        assert answer.status_code == 422
        assert "levels deep" in answer.json["detail"]

    def test_a_token_that_only_reads_changes_nothing(
        self, person: Person, signed_in: MakeCaller
    ) -> None:
        answer = signed_in(person, scopes=("read",)).patch("/me", json={"full_name": "Mallory"})
        assert answer.status_code == 403
        assert signed_in(person).get("/me").json["full_name"] == person.full_name

    def test_a_token_narrowed_to_an_organization_does_not_reach_the_account(
        self, person: Person, signed_in: MakeCaller, make_tenant: MakeTenant
    ) -> None:
        narrowed = signed_in(person, org_id=make_tenant(person).id)
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        answers = [
            narrowed.patch("/me", json={"full_name": "Mallory"}),
            narrowed.post("/me/password", json=change),
            narrowed.get("/me/tokens"),
            narrowed.post("/me/tokens", json={"name": "wider", "scopes": ["read"]}),
            narrowed.delete("/me/tokens/1"),
            narrowed.get("/me/sessions"),
            narrowed.delete("/me/sessions/1"),
        ]
        assert [answer.status_code for answer in answers] == [403] * len(answers)
        assert signed_in(person).get("/me").json["full_name"] == person.full_name

    def test_it_takes_one_round_trip_and_the_commit(
        self, me: Caller, round_trips: RoundTrips
    ) -> None:
        with round_trips() as sent:
            me.patch("/me", json={"metadata": {"theme": "dark"}})
        assert sent.names == ["me_change", "commit"]


class TestPassword:
    def sign_in(self, anonymous: Caller, person: Person, password: str) -> int:
        body = {"email": person.email, "password": password}
        return anonymous.post("/sessions", json=body).status_code

    def test_the_new_one_opens_the_old_one_does_not_and_other_sessions_end(
        self, anonymous: Caller, caller: MakeCaller, me: Caller, person: Person
    ) -> None:
        body = {"email": person.email, "password": PASSWORD}
        here, there = (
            caller(anonymous.post("/sessions", json=body).json["token"]) for _ in range(2)
        )
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert here.post("/me/password", json=change).status_code == 204
        assert here.get("/me").status_code == 200
        assert there.get("/me").status_code == 401
        assert me.get("/me").status_code == 200, "API tokens stay"
        assert self.sign_in(anonymous, person, PASSWORD) == 401
        assert self.sign_in(anonymous, person, NEW_PASSWORD) == 201

    def test_without_the_current_one_nothing_changes(
        self, anonymous: Caller, me: Caller, person: Person
    ) -> None:
        change = {"current_password": "a wild guess", "new_password": NEW_PASSWORD}
        assert me.post("/me/password", json=change).status_code == 403
        assert self.sign_in(anonymous, person, PASSWORD) == 201

    @pytest.mark.parametrize("new_password", ["short", "x" * 201, "the e-mail address"])
    def test_a_weak_one_is_refused(self, me: Caller, person: Person, new_password: str) -> None:
        if new_password == "the e-mail address":
            new_password = person.email.upper()
        change = {"current_password": PASSWORD, "new_password": new_password}
        assert me.post("/me/password", json=change).status_code == 422

    def test_guessing_the_current_one_is_limited(self, me: Caller, services: Services) -> None:
        limit = services.settings.topology.security.sign_in_attempts_per_minute
        change = {"current_password": "a wild guess", "new_password": NEW_PASSWORD}
        answers = [me.post("/me/password", json=change).status_code for _ in range(2 * limit + 1)]
        assert 429 in answers

    def test_of_two_changes_at_once_one_is_refused(
        self, me: Caller, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replacement = resource.replacement
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

        def overtaken(*arguments: object) -> str:
            monkeypatch.setattr(resource, "replacement", replacement)
            assert me.post("/me/password", json=change).status_code == 204
            return replacement(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(resource, "replacement", overtaken)
        assert me.post("/me/password", json=change).status_code == 409

    def test_without_credentials_no_password_is_even_looked_at(self, anonymous: Caller) -> None:
        change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        assert anonymous.post("/me/password", json=change).status_code == 401


def test_the_limit_of_organizations_in_the_answer_is_what_its_description_says() -> None:
    assert "LIMIT 100)" in own_account.ME.text
