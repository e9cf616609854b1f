"""The nightly cleaning of what has expired."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from howdah.foundation.database import NOBODY, Database, Statement
from howdah.foundation.queue.background import allow_seconds

LOG = logging.getLogger("howdah.cleaning")
STATEMENT_SECONDS = 1800.0
CLEAN = Statement("clean_expired", "SELECT howdah.clean_expired(%s, %s, %s, %s, %s) AS removed")


@dataclass(frozen=True)
class Retention:
    """How long is kept what carries no expiry date of its own."""

    idempotency_keys: timedelta = timedelta(hours=24)
    revisions: timedelta = timedelta(days=365)
    deleted_documents: timedelta = timedelta(days=30)
    messages: timedelta = timedelta(days=7)
    job_files: timedelta = timedelta(days=7)


def clean_expired(database: Database, retention: Retention = Retention()) -> dict[str, int]:
    """Remove expired credentials, invitations and keys, and old history; returns how many of each.

    Raises Unavailable.
    """
    ages = (
        retention.idempotency_keys,
        retention.revisions,
        retention.deleted_documents,
        retention.messages,
        retention.job_files,
    )
    with database.write(NOBODY) as transaction:
        allow_seconds(transaction, STATEMENT_SECONDS)
        removed: dict[str, int] = transaction.value(CLEAN, ages)
    LOG.info("expired rows removed", extra={"removed": removed})
    return removed
