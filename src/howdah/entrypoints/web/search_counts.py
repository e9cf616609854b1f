"""What people search for, counted in memory and written every few seconds.

Statistics, not records: a process that is killed loses the last seconds of them, and a search is
not made to wait for a write.
"""

import logging
import threading
import time

import orjson

from howdah.foundation.database import NOBODY, Database, Statement
from howdah.foundation.errors import HowdahError

LOG = logging.getLogger("howdah.web.search_counts")
COUNT = Statement("search_counts_add", "SELECT howdah.count_searches(%s::jsonb)")
WRITE_EVERY_SECONDS = 5.0
MOST_PENDING = 1000


class SearchCounts:
    """Counters of (organization, query), handed to the database in batches."""

    def __init__(self, database: Database):
        self._database = database
        self._pending: dict[tuple[int, str], list[int]] = {}
        self._lock = threading.Lock()
        self._written_at = time.monotonic()

    def add(self, org_id: int, query: str, hits: int) -> None:
        """Count one search; now and then write what has gathered, in another thread."""
        key = (org_id, " ".join(query.lower().split())[:200])
        with self._lock:
            entry = self._pending.setdefault(key, [0, 0])
            entry[0] += 1
            entry[1] = hits
            due = time.monotonic() - self._written_at > WRITE_EVERY_SECONDS
            if not (due or len(self._pending) >= MOST_PENDING):
                return
            gathered, self._pending = self._pending, {}
            self._written_at = time.monotonic()
        threading.Thread(target=self._write, args=(gathered,), daemon=True).start()

    def flush(self) -> None:
        """Write what is pending, now."""
        with self._lock:
            gathered, self._pending = self._pending, {}
        if gathered:
            self._write(gathered)

    def _write(self, gathered: dict[tuple[int, str], list[int]]) -> None:
        rows = [
            {"org_id": org_id, "query": query, "searches": searches, "hits": hits}
            for (org_id, query), (searches, hits) in gathered.items()
        ]
        try:
            with self._database.write(NOBODY) as transaction:
                transaction.execute(COUNT, (orjson.dumps(rows).decode(),))
        except HowdahError as failure:
            LOG.warning("search statistics lost: %s", failure.message)
