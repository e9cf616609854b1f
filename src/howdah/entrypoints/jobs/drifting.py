"""The hourly look at whether somebody changed the schema by other means than a migration."""

import logging
from pathlib import Path

from howdah.foundation.database import Database
from howdah.foundation.metrics import SCHEMA_DRIFT
from howdah.foundation.settings import CHECKOUT
from howdah.operations.migrations.drift.hashes import drifted_objects

LOG = logging.getLogger("howdah.drift")
MIGRATIONS = CHECKOUT / "migrations"
"""Beside the code that runs, which knows the schema of its own release."""
UNKNOWN = -1
MOST_NAMES = 20


def look_for_drift(database: Database, migrations: Path = MIGRATIONS) -> int:
    """Count what differs, set the metric and log the names; UNKNOWN when it cannot be said.

    Raises Unavailable, HashesInvalid.
    """
    SCHEMA_DRIFT.set(UNKNOWN)
    found = drifted_objects(database, migrations)
    if found is None:
        LOG.warning("the schema is not of this release, so drift cannot be seen")
        return UNKNOWN
    SCHEMA_DRIFT.set(len(found))
    if found:
        LOG.warning("the schema has drifted", extra={"objects": found[:MOST_NAMES]})
    return len(found)
