import hmac
from base64 import b64decode

import pytest

from howdah.foundation.errors import InvalidInput
from howdah.foundation.scram import role_verifier, scram_verifier

# RFC 7677, section 3: user "user", password "pencil".
RFC_SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")


def test_the_verifier_of_the_rfc_example_gives_the_server_signature_of_the_rfc() -> None:
    verifier = scram_verifier("pencil", salt=RFC_SALT, iterations=4096)
    server_key = b64decode(verifier.rpartition(":")[2])
    auth_message = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    expected = b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert hmac.digest(server_key, auth_message, "sha256") == expected


def test_the_text_is_the_one_postgresql_stores() -> None:
    verifier = scram_verifier("pencil", salt=RFC_SALT, iterations=4096)
    assert verifier.startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")


def test_the_same_role_and_password_always_give_the_same_verifier() -> None:
    assert role_verifier("app_write", "pencil") == role_verifier("app_write", "pencil")


def test_two_roles_with_one_password_do_not_share_a_salt() -> None:
    assert role_verifier("app_write", "pencil") != role_verifier("app_read", "pencil")


@pytest.mark.parametrize("password", ["", "line\nbreak", "pässword"])
def test_a_password_that_saslprep_could_change_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="printable ASCII"):
        scram_verifier(password, salt=RFC_SALT)
