"""Schema changes: files in dbmate's format, run one at a time and straight on PostgreSQL.

Imports foundation and operations/roles only. How to write one: docs/how-to/write-a-migration.md.
"""

from howdah.operations.migrations.losses import Loss
from howdah.operations.migrations.new import new_migration
from howdah.operations.migrations.run import accept_change, migrate_down, migrate_up
from howdah.operations.migrations.session import Patience
from howdah.operations.migrations.status import (
    PlannedDown,
    Status,
    migration_status,
    planned_down,
)

__all__ = [
    "Loss",
    "Patience",
    "PlannedDown",
    "Status",
    "accept_change",
    "migrate_down",
    "migrate_up",
    "migration_status",
    "new_migration",
    "planned_down",
]
