"""Personal data in a copy of the database, replaced before anybody works with it.

Imports its siblings, operations/roles and foundation only. What is replaced by what:
docs/reference/masking.md.
"""

from howdah.operations.migrations.masking.mask import mask

__all__ = ["mask"]
