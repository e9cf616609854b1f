"""Start a new migration file."""

import re
from pathlib import Path

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations

TEMPLATE = """\
-- Why:

-- migrate:up

-- migrate:down
"""


def new_migration(settings: Settings, name: str) -> Path:
    """Write NNN_name.sql with the next free number and both sections to fill in.

    Raises InvalidInput for a name without letters, MigrationFileInvalid when the folder is wrong.
    """
    words = re.findall(r"[a-z0-9]+", name.lower())
    if not words:
        raise InvalidInput(
            f"{name!r} cannot name a migration.",
            hint="Say in a few words what it does: `howdah migrate new add teams`.",
        )
    number = len(read_migrations(settings.migrations)) + 1
    path = settings.migrations / f"{number:03d}_{'_'.join(words)}.sql"
    with path.open("x", encoding="utf-8") as file:
        file.write(TEMPLATE)
    return path
