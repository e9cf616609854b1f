"""How background work uses the database: bound to a tenant, with longer statements allowed."""

from howdah.foundation.database import Statement, Transaction

TIMEOUT = Statement("statement_timeout", "SELECT set_config('statement_timeout', %s, true)")


def allow_seconds(transaction: Transaction, seconds: float) -> None:
    """Let each statement of this transaction take that long. Call it first; no round trip.

    The role's own limit is made for requests that somebody waits for.
    """
    transaction.expect_seconds(seconds)
    transaction.with_begin(TIMEOUT, (str(round(seconds * 1000)),))
