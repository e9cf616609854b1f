import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.product.accounts import passwords
from howdah.product.accounts.passwords import (
    UNKNOWN_ACCOUNT,
    check_new_password,
    hash_password,
    is_outdated,
    password_matches,
)

PASSWORD = "correct horse battery staple"
OWASP = {(47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5)}
"""Memory (KiB) and passes, with one lane."""


def test_the_parameters_are_one_of_the_settings_that_owasp_recommends() -> None:
    hasher = passwords._hasher
    assert (hasher.memory_cost, hasher.time_cost) in OWASP
    assert hasher.parallelism == 1
    assert hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_the_password_matches_its_hash_and_each_hash_has_its_own_salt() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first != second
    assert password_matches(PASSWORD, first)
    assert not password_matches(PASSWORD + " ", first)


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=12, max_size=30))
def test_a_password_matches_however_its_characters_were_composed(password: str) -> None:
    composed = unicodedata.normalize("NFC", password)
    decomposed = unicodedata.normalize("NFD", password)
    assert password_matches(decomposed, hash_password(composed))


def test_an_unknown_account_costs_a_whole_verification() -> None:
    assert not is_outdated(UNKNOWN_ACCOUNT), "or it would take another time than real accounts"
    assert not password_matches(PASSWORD, None)
    # A hash that argon2 cannot read would be refused at once: this one is computed to the end.
    with pytest.raises(Exception, match="does not match"):
        PasswordHasher().verify(UNKNOWN_ACCOUNT, PASSWORD)


def test_a_kept_text_that_is_no_hash_matches_nothing() -> None:
    assert not password_matches(PASSWORD, "!")


def test_a_hash_with_other_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("x"))
    assert not is_outdated(hash_password(PASSWORD))


@pytest.mark.parametrize("password", ["x" * 12, "x" * 200, "ann@example.com!"])
def test_a_password_of_12_to_200_characters_is_accepted(password: str) -> None:
    check_new_password(password, "ann@example.com")


@pytest.mark.parametrize(
    "password", ["", "x" * 11, "x" * 201, "ann@example.com", " Ann@Example.COM "]
)
def test_a_short_or_long_one_and_the_address_itself_are_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        check_new_password(password, "ann@example.com")


def test_one_hash_at_a_time_is_computed_and_few_threads_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other threads of a process stay free for other requests."""
    under_way, most = 0, 0
    lock, let_go = threading.Lock(), threading.Event()

    class Slow:
        def hash(self, _: str) -> str:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            let_go.wait(5)
            with lock:
                under_way -= 1
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    accepted = passwords.HASHES_AT_A_TIME + passwords.WAITING_AT_MOST
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(hash_password, PASSWORD) for _ in range(8)]
        refused = list(islice(as_completed(answers, timeout=5), 8 - accepted))
        let_go.set()
    assert all(isinstance(answer.exception(), Unavailable) for answer in refused)
    assert sum(answer.exception() is None for answer in answers) == accepted
    assert most == passwords.HASHES_AT_A_TIME == 1
    assert hash_password(PASSWORD) == "hash", "every place was given back"
