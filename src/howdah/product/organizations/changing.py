"""Changing an organization: name, slug, settings; deleting it and the way back.

A deleted organization is out of reach at once: one row changes, however much it holds. Its rows
stay for PURGE_AFTER_DAYS, in which an owner may restore it, and are then removed in batches.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from howdah.foundation.database import NOBODY, Database, Row, Statement, Transaction
from howdah.foundation.errors import Forbidden, InvalidInput, NotFound
from howdah.foundation.queue.background import allow_seconds
from howdah.product.organizations.slugs import refuse_reserved

PURGE_AFTER_DAYS = 30
PURGE_BATCH_DOCUMENTS = 500
PURGE_STEP_SECONDS = 300.0
"""For a batch with its history, or the last step with everything else."""
LARGEST_SETTINGS_BYTES = 65_536

CHANGE = Statement(
    "organization_change",
    """
    UPDATE organizations
    SET name = coalesce(%s, name),
        slug = coalesce(%s, slug),
        settings = howdah.merge_patch(settings, %s::jsonb)
    WHERE id = %s::integer AND deleted_at IS NULL
    RETURNING id, name, slug, coalesce(settings, '{}') AS settings, created_at, updated_at
    """,
)
DELETE = Statement(
    "organization_delete",
    """
    UPDATE organizations
    SET deleted_at = now()
    WHERE id = %s::integer AND deleted_at IS NULL
    RETURNING slug
    """,
)
RESTORE = Statement(
    "organization_restore",
    """
    SELECT id, name, slug, coalesce(settings, '{}') AS settings, role, created_at, updated_at
    FROM howdah.restore_organization(%s)
    """,
)
PURGE = Statement(
    "organization_purge",
    "SELECT howdah.purge_organization(make_interval(days => %s::integer), %s::integer)",
)


def change_organization(
    transaction: Transaction,
    org_id: int,
    *,
    name: str | None = None,
    slug: str | None = None,
    settings_patch: Mapping[str, Any] | None = None,
) -> Row:
    """Change what is given; `settings_patch` is a JSON merge patch (RFC 7396).

    A changed slug changes every address of the organization; the old ones lead nowhere. Only an
    owner may do that. Raises Forbidden, InvalidInput, Conflict, NotFound; the caller's transaction
    must then be rolled back.
    """
    if slug is not None:
        refuse_reserved(slug)
    patch = None if settings_patch is None else orjson.dumps(dict(settings_patch)).decode()
    row = transaction.one(CHANGE, (name, slug, patch, org_id))
    if row is None:
        raise NotFound("There is no such organization.")
    if slug is not None and transaction.identity["role"] != "owner":
        raise Forbidden("Only an owner may change the slug of an organization.")
    if patch is not None and len(orjson.dumps(row["settings"])) > LARGEST_SETTINGS_BYTES:
        raise InvalidInput(f"The settings may have at most {LARGEST_SETTINGS_BYTES} bytes.")
    return row


def delete_organization(transaction: Transaction, org_id: int, confirmed_slug: str) -> None:
    """Put it out of reach, with everything in it.

    Raises InvalidInput unless `confirmed_slug` is its slug, NotFound; the caller's transaction
    must then be rolled back.
    """
    row = transaction.one(DELETE, (org_id,))
    if row is None:
        raise NotFound("There is no such organization.")
    if row["slug"] != confirmed_slug:
        raise InvalidInput(
            f'Deleting takes confirm={row["slug"]}, not "{confirmed_slug[:100]}".',
            hint="Nothing was deleted.",
        )


def restore_organization(transaction: Transaction, slug: str) -> Row:
    """Undo a deletion, if it was deleted. Raises NotFound when the caller owns no such one."""
    row = transaction.one(RESTORE, (slug,))
    if row is None:
        raise NotFound(f'There is no organization "{slug}" that you own.')
    return row


def purge_deleted_organizations(
    database: Database,
    *,
    deleted_days_ago: int = PURGE_AFTER_DAYS,
    batch_documents: int = PURGE_BATCH_DOCUMENTS,
) -> int:
    """Remove organizations deleted that long ago, a transaction for each batch of documents.

    Returns the number of documents removed. May be stopped and run again at any point.
    """
    removed = 0
    while (batch := _purge_step(database, deleted_days_ago, batch_documents)) is not None:
        removed += batch
    return removed


def _purge_step(database: Database, deleted_days_ago: int, batch_documents: int) -> int | None:
    with database.write(NOBODY) as transaction:
        allow_seconds(transaction, PURGE_STEP_SECONDS)
        step: int | None = transaction.value(PURGE, (deleted_days_ago, batch_documents))
    return step
