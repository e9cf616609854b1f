"""Schema changes: files in dbmate's format, run one at a time and straight on PostgreSQL.

Imports foundation and operations/roles only. How to write one: docs/how-to/write-a-migration.md.
"""

from howdah.operations.migrations.new import new_migration
from howdah.operations.migrations.run import migrate_down, migrate_up
from howdah.operations.migrations.status import Status, migration_status, planned_down

__all__ = [
    "Status",
    "migrate_down",
    "migrate_up",
    "migration_status",
    "new_migration",
    "planned_down",
]
