"""API tokens of the owners of the largest and of a small organization."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from benchmarks.data.scale import FIRST_ORG_ID, Scale

_SMALL_POSITION = 499  # the 500th by weight: 267 documents of a million


@dataclass(frozen=True)
class Tenant:
    """An organization to measure in, and its owner's credentials."""

    org_id: int
    slug: str
    user_id: int
    token: str

    @property
    def token_hash(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()


def largest_tenant(connection: psycopg.Connection[TupleRow], folder: Path, scale: Scale) -> Tenant:
    """The organization with 13 % of the documents (of 1,000 organizations)."""
    return _tenant(connection, folder, scale, 0)


def small_tenant(connection: psycopg.Connection[TupleRow], folder: Path, scale: Scale) -> Tenant:
    """An organization of the middle."""
    return _tenant(connection, folder, scale, min(_SMALL_POSITION, scale.organizations // 2))


def _tenant(
    connection: psycopg.Connection[TupleRow], folder: Path, scale: Scale, position: int
) -> Tenant:
    org_id = FIRST_ORG_ID + position
    slug = scale.org_slug(org_id)
    tenant = Tenant(
        org_id, slug, scale.members(org_id).start, _kept_token(folder / f"{slug}.token")
    )
    connection.execute(
        """
        INSERT INTO api_tokens (user_id, name, token_hash, scopes)
        VALUES (%s, 'benchmarks', %s, '{read,write,admin}') ON CONFLICT (token_hash) DO NOTHING
        """,
        (tenant.user_id, tenant.token_hash),
    )
    return tenant


def _kept_token(path: Path) -> str:
    """The token of this file, made on first use; only its hash goes to the database."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text()
