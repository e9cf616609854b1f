"""Before or after the deployment: which of its code a migration must not disturb."""

import re
from collections.abc import Sequence
from pathlib import Path

from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.status import migration_status

PRE, POST = "pre", "post"
MARKER = re.compile(r"^--\s*migrate:", re.MULTILINE)
PHASE = re.compile(r"^--\s*phase:\s*(?P<phase>\w+)[^\n]*$", re.MULTILINE)


def phase_of(text: str) -> str:
    """What the head of a file says; PRE when it says nothing."""
    marker = MARKER.search(text)
    named = PHASE.search(text, 0, marker.start() if marker else len(text))
    return named["phase"] if named else PRE


def before_first_post(paths: Sequence[Path]) -> list[Path]:
    """The files up to the first that is for after the deployment."""
    found = []
    for path in paths:
        if phase_of(path.read_text(encoding="utf-8")) == POST:
            break
        found.append(path)
    return found


def pending_before_deployment(settings: Settings) -> list[str]:
    """Versions that are pending and may run while the old code does; changes nothing.

    What comes after the first `post` file waits with it: the order of files is kept. Raises as
    `migration_status` does.
    """
    names = set(migration_status(settings).pending)
    pending = [item for item in read_migrations(settings.migrations) if item.name in names]
    chosen = before_first_post([item.path for item in pending])
    return [item.version for item in pending if item.path in chosen]
