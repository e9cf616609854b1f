"""PostgreSQL's errors, told apart once.

SQLSTATE               becomes             and the connection
HW401 HW403 HW404      Unauthenticated, Forbidden, NotFound (raised by howdah.authorize)
HW409                  StaleIdentity: the caller's cached organization id is out of date
HW425                  NotReplayed: a replica lacks what the caller has written (await_position)
23505                  Conflict (unique violation), with the constraint's name
23503                  Conflict (something else refers to it, or what it refers to is gone)
23514 22xxx            InvalidInput (check violation, data that a type refuses)
40001 40P01            Rolledback: nothing happened; the whole transaction may be run again
55P03                  Unavailable (lock not had in time)
57014                  StatementTimeout
25006 57P0x 08xxx none Unavailable; the connection is evicted: after a failover it may lead to a
                       standby for ever, although `SELECT 1` on it succeeds
53xxx                  Unavailable (out of connections, memory or disk)
"""

import psycopg

from howdah.foundation.errors import (
    Conflict,
    Forbidden,
    HowdahError,
    InvalidInput,
    NotFound,
    StatementTimeout,
    Unauthenticated,
    Unavailable,
)

SENTENCES = {
    "users_email_key": "There is an account with this e-mail address already.",
    "users_lower_email_key": "There is an account with this e-mail address already.",
    "organizations_slug_key": "There is an organization with this slug already.",
    "memberships_pkey": "This user is a member of the organization already.",
    "invitations_open_key": "There is an open invitation for this e-mail address already.",
    "documents_org_source_key": "A document of this organization has this source path already.",
}


class Rolledback(Unavailable):
    """The transaction met another one and was rolled back; nothing of it happened."""

    code = "rolled_back"


class StaleIdentity(Unavailable):
    """The organization's slug names another organization than a moment ago."""

    code = "stale_identity"


class NotReplayed(Unavailable):
    """This server does not have the caller's own latest changes yet."""

    code = "replica_behind"


class NoConnection(Unavailable):
    """No database connection became free in time."""

    code = "database_unavailable"


class ConnectionLost(Unavailable):
    """The database connection was lost; nothing of the transaction happened."""

    code = "database_unavailable"


class OutcomeUnknown(Unavailable):
    """The database connection was lost during the commit: the change may have happened or not."""

    code = "outcome_unknown"


WITHOUT_STATE = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError)
"""What psycopg raises for itself when a connection breaks or answers out of order."""


def evicts(error: psycopg.Error) -> bool:
    """Whether the connection that raised this must not be used again."""
    state = error.sqlstate
    if state is None:
        return isinstance(error, WITHOUT_STATE)
    return state == "25006" or state.startswith(("57P0", "08"))


REFUSALS: dict[str, type[HowdahError]] = {
    "HW401": Unauthenticated,
    "HW403": Forbidden,
    "HW404": NotFound,
    "HW409": StaleIdentity,
    "HW425": NotReplayed,
}
BY_STATE: dict[str, tuple[type[HowdahError], str | None]] = {
    "40001": (Rolledback, None),
    "40P01": (Rolledback, None),
    "57014": (StatementTimeout, None),
    "55P03": (Unavailable, "The row is locked by someone else's change; try again shortly."),
}


def translated(error: psycopg.Error) -> HowdahError:
    """The error as one of ours, with a sentence for the user and nothing of the statement."""
    state = error.sqlstate or ""
    if state in REFUSALS:
        return REFUSALS[state](error.diag.message_primary)
    if not state and isinstance(error, psycopg.DataError):  # refused before it was sent: NUL
        return InvalidInput("Text cannot hold the character NUL.")
    if evicts(error):
        return ConnectionLost()
    if state in BY_STATE:
        family, message = BY_STATE[state]
        return family(message)
    if state.startswith("53"):
        return Unavailable("The database is out of connections, memory or disk.")
    return _data_error(state, error)


def _data_error(state: str, error: psycopg.Error) -> HowdahError:
    constraint = error.diag.constraint_name
    if state == "23505":
        return Conflict(SENTENCES.get(constraint or ""), constraint=constraint)
    if state == "23503":
        return Conflict(
            "Something else still refers to it, or what it refers to is gone.",
            constraint=constraint,
        )
    if state.startswith(("22", "23")):
        return InvalidInput(
            "The database refuses a value: " + (error.diag.message_primary or "no reason given"),
            constraint=constraint,
        )
    return HowdahError(f"The database reported an unexpected error (SQLSTATE {state or 'none'}).")
