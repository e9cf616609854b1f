"""Judging migration files before they run: squawk's rules, and ours that it lacks.

Imports its siblings and foundation only. Every rule: docs/reference/migration-lint.md.
"""

from howdah.operations.migrations.lint.findings import Finding
from howdah.operations.migrations.lint.judge import lint_migrations

__all__ = ["Finding", "lint_migrations"]
