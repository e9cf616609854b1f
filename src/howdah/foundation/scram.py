"""SCRAM-SHA-256 verifiers, computed here so that no plain password reaches PostgreSQL.

PostgreSQL (pg_authid.rolpassword) and PgBouncer (userlist.txt) must hold the identical verifier,
so the salt follows from the role and its password: both sides compute it, nobody stores it.
Source: RFC 5802 and RFC 7677; the textual form is PostgreSQL's.
"""

import hashlib
import hmac
from base64 import b64encode

from howdah.foundation.errors import InvalidInput

ITERATIONS = 4096
SALT_BYTES = 16


def role_verifier(role: str, password: str, iterations: int = ITERATIONS) -> str:
    """The one verifier of this role and password.

    The salt costs an attacker as much to guess through as the verifier itself: it goes through
    the same number of PBKDF2 iterations, under a label of its own.
    """
    label = f"howdah scram salt of {role}".encode()
    salt = hashlib.pbkdf2_hmac("sha256", _prepared(password), label, iterations)[:SALT_BYTES]
    return scram_verifier(password, salt=salt, iterations=iterations)


def scram_verifier(password: str, *, salt: bytes, iterations: int = ITERATIONS) -> str:
    """`SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, as PostgreSQL writes it."""
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _prepared(password: str) -> bytes:
    """The password after SASLprep (RFC 4013), which leaves printable ASCII as it is."""
    if not password or not all(" " <= character <= "~" for character in password):
        raise InvalidInput(
            "A database role's password must be printable ASCII and not empty.",
            hint="Delete its file under secrets/ and start again: a new one is generated.",
        )
    return password.encode("ascii")


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")
