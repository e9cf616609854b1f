"""The live schema against the one its migrations make, and the DDL that would mend it.

Imports its siblings, operations/roles and foundation only. What to do about it:
docs/how-to/mend-a-drifted-schema.md.
"""

from howdah.operations.migrations.drift.differences import Difference
from howdah.operations.migrations.drift.find import Drift, find_drift

__all__ = ["Difference", "Drift", "find_drift"]
