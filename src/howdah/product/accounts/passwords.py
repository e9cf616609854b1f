"""Passwords: argon2id, at OWASP's first choice of parameters.

OWASP's list holds five settings of equal strength that trade memory for time. 19 MiB and two
passes with one lane is taken: one lane because a hash must not take both cores of a small machine,
and 19 MiB so that the hashes under way at once cost less memory than one database connection does.
One hash takes about 35 ms. Source: OWASP Password Storage Cheat Sheet, "Argon2id".

Hashing is work for the processor, so it is never done inside a database transaction, and never by
so many threads at once that other requests would wait for it.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from howdah.foundation.errors import InvalidInput, Unavailable

SHORTEST, LONGEST = 12, 200
"""Characters. The upper limit only keeps a request small."""
HASHES_AT_A_TIME = 1
"""In one process; the processes of a machine share its cores."""
WAITING_AT_MOST = 3
"""Threads that may wait for their turn; those after them are told to come back."""
UNKNOWN_ACCOUNT = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "KFSASNrZTrMnCo7kWglx0w$dVitY3jjjiiiXiVFrAOVQh4joijYQXWOuMRoNPUVAZQ"
)
"""Of a random text that nobody kept: verified when there is no such account, so that it takes the
same time."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turn = threading.BoundedSemaphore(HASHES_AT_A_TIME)
_places = threading.BoundedSemaphore(HASHES_AT_A_TIME + WAITING_AT_MOST)


def check_new_password(password: str, email: str) -> None:
    """Raises InvalidInput when it cannot become the password of this account."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"A password has {SHORTEST} to {LONGEST} characters.")
    if password.strip().casefold() == email.casefold():
        raise InvalidInput("The e-mail address cannot be the password.")


def hash_password(password: str) -> str:
    """The hash to keep, with its salt and parameters. Raises Unavailable when too many wait."""
    with _one_of_few():
        return _hasher.hash(_normalized(password))


def password_matches(password: str, kept_hash: str | None) -> bool:
    """Whether it is the password; `kept_hash` is None when there is no such account.

    Takes the same time either way. Raises Unavailable when too many wait.
    """
    with _one_of_few():
        try:
            return _hasher.verify(kept_hash or UNKNOWN_ACCOUNT, _normalized(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept_hash)


def _normalized(password: str) -> str:
    """The same characters, however the keyboard composed them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise Unavailable("Many people are signing in right now; try again in a moment.")
    try:
        with _turn:
            yield
    finally:
        _places.release()
