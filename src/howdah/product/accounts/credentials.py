"""Bearer credentials: 256 random bits as text, of which only the SHA-256 is kept.

A plain hash is enough here: nobody can guess 256 random bits, however fast they hash.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

SESSION_PREFIX = "hds_"
TOKEN_PREFIX = "hdt_"  # noqa: S105  (what a token begins with, so that scanners recognize a leak)
INVITATION_PREFIX = "hdi_"
RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Credential:
    """A new credential. `text` goes to its owner once and is kept nowhere."""

    text: str = field(repr=False)

    @property
    def hash(self) -> bytes:
        """What the database keeps."""
        return hash_of(self.text)


def new_session_credential() -> Credential:
    """`hds_` and 43 characters of base64url."""
    return _new(SESSION_PREFIX)


def new_token_credential() -> Credential:
    """`hdt_` and 43 characters of base64url."""
    return _new(TOKEN_PREFIX)


def new_invitation_credential() -> Credential:
    """`hdi_` and 43 characters of base64url."""
    return _new(INVITATION_PREFIX)


def hash_of(text: str) -> bytes:
    """SHA-256 of a credential as it was presented."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _new(prefix: str) -> Credential:
    random = base64.urlsafe_b64encode(secrets.token_bytes(RANDOM_BYTES)).decode().rstrip("=")
    return Credential(prefix + random)
