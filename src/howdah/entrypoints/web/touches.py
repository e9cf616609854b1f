"""When a credential was last used: noted now and then, and never at the price of the request."""

import logging
import time

from howdah.foundation.database import NOBODY, Database, Identity, Statement
from howdah.foundation.errors import HowdahError

LOG = logging.getLogger("howdah.web")
TOUCH = Statement("credential_touch", "SELECT howdah.touch_credential(%s)")
TOUCH_EVERY_SECONDS = 300
PAUSE_AFTER_FAILURE_SECONDS = 30.0


class Touches:
    """Notes the use of credentials, each at most every five minutes."""

    def __init__(self, database: Database):
        self._database = database
        self._not_before = 0.0

    def note(self, token_hash: bytes, identity: Identity) -> None:
        """Note it if that is due. Round trips: 0, or 2 when it is.

        Without a primary nothing is noted: the request itself is done, perhaps by a replica, and
        the next ones shall not wait for what is not there.
        """
        if "last_used_at" not in identity:
            return
        last_used = identity["last_used_at"]
        if last_used is not None and time.time() - last_used.timestamp() <= TOUCH_EVERY_SECONDS:
            return
        if time.monotonic() < self._not_before:
            return
        try:
            with self._database.write(NOBODY) as transaction:
                transaction.execute(TOUCH, (token_hash,))
        except HowdahError as failure:
            if not failure.retryable:
                raise
            self._not_before = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            LOG.warning("the use of credentials is not noted: %s", failure.message)
