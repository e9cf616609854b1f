"""Proving migrations on a scratch database: up, down and up again, schema and rows compared.

Imports its siblings, operations/roles and foundation only. How to read the result:
docs/how-to/verify-migrations.md.
"""

from howdah.operations.migrations.verify.prove import (
    Proof,
    Verification,
    verify_migrations,
    write_snapshot,
)

__all__ = ["Proof", "Verification", "verify_migrations", "write_snapshot"]
