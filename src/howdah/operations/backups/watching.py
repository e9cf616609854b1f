"""Looking at the backups again and again, without listing a month of WAL each time."""

import time
from collections.abc import Callable

from howdah.foundation.settings import Settings
from howdah.operations.backups.check import judged, look
from howdah.operations.backups.figures import Check
from howdah.operations.backups.program import require_backups
from howdah.operations.backups.repository import Archive

WHOLE_EVERY_SECONDS = 3600.0
"""As late may it be noticed that an old segment was lost. What newly comes, or does not, is seen at
once."""


class Watch:
    """Remembers what it saw of the archive, for an hour at most and while nothing is missing."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._archive: Archive | None = None
        self._whole_at = 0.0

    def check(self) -> Check:
        """As check_backups. Raises BackupsDisabled only."""
        require_backups(self._settings)
        now = self._clock()
        if now - self._whole_at >= WHOLE_EVERY_SECONDS:
            self._archive = None
        if self._archive is None:
            self._whole_at = now
        seen = look(self._settings, self._archive)
        # With a hole the next look lists everything again, so that its mending is seen at once.
        self._archive = seen.repository.archive if seen.repository and seen.holes == () else None
        return judged(seen)
