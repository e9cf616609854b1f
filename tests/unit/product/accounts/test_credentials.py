import hashlib
import re

import pytest

from howdah.product.accounts.credentials import (
    Credential,
    hash_of,
    new_invitation_credential,
    new_session_credential,
    new_token_credential,
)


@pytest.mark.parametrize(
    ("new", "prefix"),
    [
        (new_session_credential, "hds_"),
        (new_token_credential, "hdt_"),
        (new_invitation_credential, "hdi_"),
    ],
)
def test_a_credential_says_its_kind_and_holds_256_random_bits(new: object, prefix: str) -> None:
    assert callable(new)
    made = {new().text for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(prefix + r"[A-Za-z0-9_-]{43}", text) for text in made)


def test_its_hash_is_the_sha_256_of_its_text() -> None:
    credential = new_token_credential()
    assert credential.hash == hash_of(credential.text)
    assert credential.hash == hashlib.sha256(credential.text.encode()).digest()


def test_it_does_not_show_itself() -> None:
    credential = Credential("hdt_secret")
    assert "secret" not in repr(credential)
    assert "secret" not in str(credential)


def test_a_presented_text_that_is_no_utf8_still_has_a_hash() -> None:
    assert len(hash_of("hdt_\udce4")) == 32
