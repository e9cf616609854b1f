"""Running pending migrations on a copy, under load, before they run where it matters.

Imports its siblings, operations/roles and foundation only. How to read the report:
docs/how-to/rehearse-a-migration.md.
"""

from howdah.operations.migrations.rehearse.page import as_page
from howdah.operations.migrations.rehearse.report import Rehearsal, StatementReport
from howdah.operations.migrations.rehearse.run import Plan, rehearse

__all__ = ["Plan", "Rehearsal", "StatementReport", "as_page", "rehearse"]
