"""The error for a migration file that cannot be used."""

from pathlib import Path

from howdah.foundation.errors import CommandFailed


class MigrationFileInvalid(CommandFailed):
    """A migration file cannot be used."""

    code = "migration_file_invalid"


def mistake(path: Path, what: str, hint: str) -> MigrationFileInvalid:
    """What is wrong with this file, and what to do."""
    return MigrationFileInvalid(
        f"Migration {path.name} cannot be used: {what}.", hint=hint, file=str(path)
    )
