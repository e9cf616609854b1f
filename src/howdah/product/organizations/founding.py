"""Founding an organization."""

from collections.abc import Mapping
from typing import Any

import orjson

from howdah.foundation.database import Row, Statement, Transaction
from howdah.foundation.errors import Unavailable
from howdah.product.organizations.slugs import refuse_reserved

FOUND = Statement(
    "organization_found",
    """
    SELECT id, name, slug, settings, role, created_at, updated_at
    FROM howdah.found_organization(%s, %s, %s::jsonb)
    """,
)


def found_organization(
    transaction: Transaction, name: str, slug: str, settings: Mapping[str, Any]
) -> Row:
    """A new organization owned by the user whom the transaction is bound to.

    The transaction is bound to the organization afterwards. Round trips: 1. Raises InvalidInput
    for a reserved slug, Conflict for one that is taken (a deleted organization keeps its slug
    until it is purged).
    """
    refuse_reserved(slug)
    row = transaction.one(FOUND, (name, slug, orjson.dumps(dict(settings)).decode()))
    if row is None:
        raise Unavailable("The new organization was not answered.")
    return row
