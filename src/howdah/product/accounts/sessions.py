"""Where somebody is signed in."""

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import NotFound
from howdah.product.accounts.own_account import refuse_narrowed

LIST = Statement(
    "session_list",
    """
    SELECT id, created_at, expires_at, last_used_at, user_agent, token_hash = %s AS current
    FROM sessions
    WHERE user_id = howdah.current_user_id() AND expires_at > now()
      AND (%s::integer IS NULL OR id < %s::integer)
    ORDER BY id DESC
    LIMIT %s
    """,
)
END = Statement(
    "session_end",
    """
    DELETE FROM sessions
    WHERE id = %s::integer AND user_id = howdah.current_user_id()
    """,
)


def list_sessions(
    queries: Queries, presented_hash: bytes, after: int | None, limit: int
) -> list[Row]:
    """The caller's sessions, newest first; `current` is the one they came with. `after`: an id."""
    rows = queries.all(LIST, (presented_hash, after, after, limit))
    refuse_narrowed(queries)
    return rows


def end_session(transaction: Transaction, session_id: int) -> None:
    """Sign that session out. Raises NotFound."""
    ended = transaction.execute(END, (session_id,))
    refuse_narrowed(transaction)
    if ended == 0:
        raise NotFound(f"You have no session {session_id}.")
