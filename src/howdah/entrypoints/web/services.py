"""What the handlers of one process share."""

import threading
from dataclasses import dataclass
from typing import Any

from howdah.entrypoints.web.consistency import LastWrites
from howdah.entrypoints.web.patience import Patience
from howdah.entrypoints.web.touches import Touches
from howdah.foundation.database import NOBODY, Database, Statement
from howdah.foundation.settings import Settings

ORGANIZATION_ID = Statement("organization_id", "SELECT howdah.organization_id(%s) AS id")
CACHED_SLUGS = 10_000


class OrganizationIds:
    """Slug → id, remembered in this process.

    It saves a round trip and decides nothing: howdah.authorize() compares the id with the truth
    in the same message as the query, and the entry is dropped when they differ. So a replica may
    say it, also while there is no primary; whom it misled, the primary tells.
    """

    def __init__(self, database: Database):
        self._database = database
        self._known: dict[str, int] = {}
        self._doubted: set[str] = set()
        self._lock = threading.Lock()

    def of(self, slug: str) -> int:
        """The id, 0 for a slug that names no organization. Round trips: 0, or 1 the first time."""
        known = self._known.get(slug)
        if known is not None:
            return known
        found = self._found(slug)
        if found is None:
            return 0
        with self._lock:
            if len(self._known) >= CACHED_SLUGS:
                self._known.clear()
                self._doubted.clear()
            self._known[slug] = found
            self._doubted.discard(slug)
        return found

    def _found(self, slug: str) -> int | None:
        queries = self._database.read(NOBODY, "primary" if slug in self._doubted else "any")
        found: int | None = queries.value(ORGANIZATION_ID, (slug,))
        if found is None and queries.may_be_behind:
            found = self._database.read(NOBODY).value(ORGANIZATION_ID, (slug,))
        return found

    def forget(self, slug: str) -> None:
        """The slug names something else now."""
        with self._lock:
            self._known.pop(slug, None)
            self._doubted.add(slug)


@dataclass(frozen=True)
class Services:
    """Everything a handler may use besides the database bound to its call."""

    settings: Settings
    database: Database
    organization_ids: OrganizationIds
    rate_limits: Any
    redis: Any
    search_counts: Any
    last_writes: LastWrites
    patience: Patience
    touches: Touches
