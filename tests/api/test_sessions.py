"""Signing in, being signed in, signing out."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher

from howdah.entrypoints.web.services import Services
from howdah.foundation.database import Statement, user
from howdah.product.accounts import passwords
from howdah.product.accounts.passwords import hash_password, is_outdated
from tests.api.callers import PASSWORD, Caller, Person
from tests.api.conftest import MakeCaller, MakePerson, RoundTrips

WRONG = "this is not the password"
SET_HASH = Statement("test_set_hash", "UPDATE users SET password_hash = %s WHERE id = %s")
KEPT_HASH = Statement("test_kept_hash", "SELECT password_hash FROM users WHERE id = %s")
DISABLE = Statement("test_disable", "UPDATE users SET disabled_at = now() WHERE id = %s")
EXPIRE = Statement("test_expire", "UPDATE sessions SET expires_at = now() WHERE user_id = %s")


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person()


def sign_in(anonymous: Caller, person: Person, password: str = PASSWORD) -> str:
    answer = anonymous.post("/sessions", json={"email": person.email, "password": password})
    assert answer.status_code == 201, answer.text
    return str(answer.json["token"])


def attempt(anonymous: Caller, email: str, password: str = WRONG) -> tuple[int, str]:
    answer = anonymous.post("/sessions", json={"email": email, "password": password})
    return answer.status_code, answer.json["detail"]


class TestSigningIn:
    def test_the_right_password_begins_a_session_that_opens_the_api(
        self, anonymous: Caller, caller: MakeCaller, person: Person
    ) -> None:
        answer = anonymous.post("/sessions", json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 201
        assert answer.json["user"]["id"] == person.id
        assert set(answer.json) == {"token", "expires_at", "user"}
        token = answer.json["token"]
        assert token.startswith("hds_")
        assert len(token) == 4 + 43
        assert caller(token).get("/me").json["email"] == person.email

    def test_an_address_is_the_same_in_any_case(self, anonymous: Caller, person: Person) -> None:
        email = person.email.upper()
        answer = anonymous.post("/sessions", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201

    def test_a_password_typed_on_another_keyboard_is_the_same_password(
        self, anonymous: Caller, services: Services, person: Person
    ) -> None:
        with services.database.write(user(person.id)) as transaction:
            transaction.execute(SET_HASH, (hash_password("caf\u00e9 au lait olé"), person.id))
        sign_in(anonymous, person, "cafe\u0301 au lait ole\u0301")

    def test_unknown_account_wrong_password_and_disabled_user_are_answered_alike(
        self, anonymous: Caller, services: Services, make_person: MakePerson, person: Person
    ) -> None:
        disabled = make_person()
        with services.database.write(user(disabled.id)) as transaction:
            transaction.execute(DISABLE, (disabled.id,))
        answers = {
            attempt(anonymous, f"{secrets.token_hex(8)}@example.com"),
            attempt(anonymous, person.email),
            attempt(anonymous, disabled.email, PASSWORD),
        }
        assert answers == {(401, "The e-mail address or the password is wrong.")}

    def test_a_password_is_verified_for_an_unknown_account_too(
        self, anonymous: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verified = []
        matches = passwords.password_matches
        monkeypatch.setattr(
            "howdah.product.accounts.signing_in.password_matches",
            lambda given, kept: verified.append(kept) or matches(given, kept),
        )
        assert attempt(anonymous, f"{secrets.token_hex(8)}@example.com")[0] == 401
        assert verified == [None]

    def test_no_transaction_is_open_while_the_password_is_verified(
        self,
        anonymous: Caller,
        services: Services,
        person: Person,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        open_transactions = []
        write, matches = services.database.write, passwords.password_matches

        @contextmanager
        def counted(binding: object) -> Iterator[object]:
            open_transactions.append(binding)
            with write(binding) as transaction:  # type: ignore[arg-type]
                yield transaction
            open_transactions.pop()

        def verify(given: str, kept: str | None) -> bool:
            assert open_transactions == []
            return matches(given, kept)

        monkeypatch.setattr(services.database, "write", counted)
        monkeypatch.setattr("howdah.product.accounts.signing_in.password_matches", verify)
        sign_in(anonymous, person)

    def test_a_hash_with_old_parameters_is_made_anew(
        self, anonymous: Caller, services: Services, person: Person
    ) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        with services.database.write(user(person.id)) as transaction:
            transaction.execute(SET_HASH, (weak, person.id))
        sign_in(anonymous, person)
        with services.database.read(user(person.id)) as queries:
            kept = queries.value(KEPT_HASH, (person.id,))
        assert kept != weak
        assert not is_outdated(kept)
        sign_in(anonymous, person)

    def test_a_password_replaced_during_the_sign_in_begins_no_session(
        self,
        anonymous: Caller,
        services: Services,
        person: Person,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def replaced_meanwhile(_: str, __: str | None) -> bool:
            with services.database.write(user(person.id)) as transaction:
                transaction.execute(SET_HASH, ("another", person.id))
            return True

        monkeypatch.setattr(
            "howdah.product.accounts.signing_in.password_matches", replaced_meanwhile
        )
        monkeypatch.setattr("howdah.product.accounts.signing_in.is_outdated", lambda _: False)
        assert attempt(anonymous, person.email, PASSWORD)[0] == 401

    def test_it_takes_two_round_trips_and_the_commit(
        self, anonymous: Caller, person: Person, round_trips: RoundTrips
    ) -> None:
        with round_trips() as sent:
            sign_in(anonymous, person)
        assert sent.names == ["sign_in_candidate", "session_begin", "commit"]

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "ann@example.com"},
            {"password": PASSWORD},
            {"email": "not an address", "password": PASSWORD},
            {"email": "ann@example.com", "password": "x" * 201},
            {"email": "ann@example.com", "password": PASSWORD, "remember": True},
        ],
    )
    def test_what_is_no_sign_in_is_refused_before_anything_is_verified(
        self, anonymous: Caller, body: dict[str, object]
    ) -> None:
        answer = anonymous.post("/sessions", json=body)
        assert answer.status_code == 422
        assert PASSWORD not in answer.text


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits' clock stands still, so that no new minute begins within a test."""
    now = time.time()
    clock = SimpleNamespace(time=lambda: now, monotonic=time.monotonic)
    monkeypatch.setattr("howdah.entrypoints.web.rate_limits.time", clock)


class TestLimits:
    @pytest.mark.usefixtures("one_minute")
    def test_attempts_at_one_account_are_limited_whatever_the_address(
        self, caller: MakeCaller, services: Services, person: Person
    ) -> None:
        limit = services.settings.topology.security.sign_in_attempts_per_minute
        answers = [attempt(caller(), person.email)[0] for _ in range(limit + 1)]
        assert answers == [401] * limit + [429]
        refused = caller().post("/sessions", json={"email": person.email, "password": PASSWORD})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1

    @pytest.mark.usefixtures("one_minute")
    def test_attempts_from_one_address_are_limited_whatever_the_account(
        self, anonymous: Caller, services: Services
    ) -> None:
        limit = services.settings.topology.security.sign_in_attempts_per_minute
        emails = [f"{secrets.token_hex(8)}@example.com" for _ in range(limit + 1)]
        answers = [attempt(anonymous, email)[0] for email in emails]
        assert answers == [401] * limit + [429]

    def test_when_too_many_hash_at_once_others_are_told_to_come_back(
        self, anonymous: Caller, person: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(passwords, "_places", threading.BoundedSemaphore(1))
        with passwords._one_of_few():
            answer = anonymous.post("/sessions", json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]


class TestSessions:
    def test_a_session_that_was_signed_out_opens_nothing_at_the_next_request(
        self, anonymous: Caller, caller: MakeCaller, person: Person
    ) -> None:
        session = caller(sign_in(anonymous, person))
        assert session.delete("/sessions/current").status_code == 204
        assert session.get("/me").status_code == 401
        assert session.delete("/sessions/current").status_code == 401

    def test_a_session_that_expired_opens_nothing(
        self, anonymous: Caller, caller: MakeCaller, services: Services, person: Person
    ) -> None:
        session = caller(sign_in(anonymous, person))
        with services.database.write(user(person.id)) as transaction:
            transaction.execute(EXPIRE, (person.id,))
        assert session.get("/me").status_code == 401

    def test_a_token_cannot_be_signed_out(self, as_stranger: Caller) -> None:
        answer = as_stranger.delete("/sessions/current")
        assert answer.status_code == 409
        assert "/me/tokens" in answer.json["hint"]
        assert as_stranger.get("/me").status_code == 200

    def test_people_see_where_they_are_signed_in_and_end_it(
        self, anonymous: Caller, caller: MakeCaller, person: Person
    ) -> None:
        there = caller(sign_in(anonymous, person))
        here = caller(sign_in(anonymous, person))
        listed = here.get("/me/sessions").json["items"]
        assert [session["current"] for session in listed] == [True, False]
        assert listed[0]["user_agent"].startswith("Werkzeug")
        assert here.delete(f"/me/sessions/{listed[1]['id']}").status_code == 204
        assert there.get("/me").status_code == 401
        assert here.get("/me").status_code == 200
        assert here.delete(f"/me/sessions/{listed[1]['id']}").status_code == 404

    def test_the_list_has_pages(
        self, anonymous: Caller, caller: MakeCaller, person: Person
    ) -> None:
        tokens = [sign_in(anonymous, person) for _ in range(3)]
        first = caller(tokens[0]).get("/me/sessions?limit=2").json
        rest = caller(tokens[0]).get(f"/me/sessions?limit=2&cursor={first['next_cursor']}").json
        assert len(first["items"]) == 2
        assert [session["current"] for session in rest["items"]] == [True]
        assert rest["next_cursor"] is None

    def test_nobody_sees_or_ends_the_sessions_of_others(
        self, anonymous: Caller, caller: MakeCaller, person: Person, as_stranger: Caller
    ) -> None:
        session = caller(sign_in(anonymous, person))
        session_id = session.get("/me/sessions").json["items"][0]["id"]
        assert as_stranger.get("/me/sessions").json["items"] == []
        assert as_stranger.delete(f"/me/sessions/{session_id}").status_code == 404
        assert session.get("/me").status_code == 200

    def test_listing_takes_one_round_trip(
        self, as_stranger: Caller, round_trips: RoundTrips
    ) -> None:
        with round_trips() as sent:
            assert as_stranger.get("/me/sessions").status_code == 200
        assert sent.count == 1

    @pytest.mark.parametrize(
        ("method", "path"),
        [("DELETE", "/sessions/current"), ("GET", "/me/sessions"), ("DELETE", "/me/sessions/1")],
    )
    def test_without_credentials_there_is_nothing_to_do(
        self, anonymous: Caller, method: str, path: str
    ) -> None:
        answer = anonymous.request(method, path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_neither_password_nor_token_is_ever_logged(
    anonymous: Caller,
    caller: MakeCaller,
    person: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    token = sign_in(anonymous, person)
    attempt(anonymous, person.email)
    session = caller(token)
    made = session.post("/me/tokens", json={"name": "ci", "scopes": ["read"]}).json["token"]
    session.post("/me/password", json={"current_password": WRONG, "new_password": WRONG + "!"})
    session.delete("/sessions/current")
    written = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "create_session" in written
    for secret in (PASSWORD, WRONG, token, made):
        assert secret not in written
