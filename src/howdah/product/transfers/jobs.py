"""Jobs as rows: created with their message, claimed, advanced and ended exactly once in effect.

queued ──claim──► running ──finish──► succeeded
   ▲                │  └────fail────► failed
   └── hand back, or requeued by the sweeper after silence ─┘

`attempts` counts claims and is the fence: whoever holds a claim writes only while the row still
runs under the claim's number. A worker that was given up for dead and wakes changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from howdah.foundation.database import (
    Binding,
    Database,
    Queries,
    Row,
    Statement,
    Transaction,
    tenant,
)
from howdah.foundation.errors import Conflict, NotFound
from howdah.foundation.queue import enqueue

TASK_PREFIX = "transfers."
"""A job's task is this and its kind; the sweeper composes it the same way."""
SILENT_FOR = timedelta(minutes=2)
"""A running job that has not advanced for so long has lost its worker."""
WAITING_FOR = timedelta(minutes=15)
"""A queued job that nobody began for so long may have lost its message."""
MOST_ATTEMPTS = 3

CREATE = Statement(
    "job_create",
    """
    INSERT INTO jobs (org_id, kind, parameters, created_by)
    VALUES (%s::integer, %s, %s::jsonb, %s::integer)
    RETURNING id, kind, state, parameters, progress_done, progress_total, result, error,
              attempts, created_by, created_at, started_at, finished_at
    """,
)
GET = Statement(
    "job_get",
    """
    SELECT id, kind, state, parameters, progress_done, progress_total, result, error,
           attempts, created_by, created_at, started_at, finished_at
    FROM jobs
    WHERE org_id = %s::integer AND id = %s
    """,
)
LIST = Statement(
    "job_list",
    """
    SELECT id, kind, state, parameters, progress_done, progress_total, result, error,
           attempts, created_by, created_at, started_at, finished_at
    FROM jobs
    WHERE org_id = %s::integer
      AND (%s::text IS NULL OR kind = %s)
      AND (%s::timestamptz IS NULL OR (created_at, id) < (%s::timestamptz, %s::uuid))
    ORDER BY created_at DESC, id DESC
    LIMIT %s
    """,
)
CLAIM = Statement(
    "job_claim",
    """
    UPDATE jobs
    SET state = CASE WHEN attempts < %s THEN 'running' ELSE 'failed' END,
        attempts = least(attempts + 1, %s),
        started_at = coalesce(started_at, clock_timestamp()),
        beaten_at = clock_timestamp(),
        finished_at = CASE WHEN attempts < %s THEN NULL ELSE clock_timestamp() END,
        error = CASE WHEN attempts < %s THEN error
                ELSE 'It was given up after ' || attempts || ' attempts. '
                     || coalesce('The last one: ' || error,
                                 'Each time the worker ended before the job did.') END
    WHERE org_id = %s::integer AND id = %s
      AND (state = 'queued'
           OR (state = 'running' AND beaten_at < clock_timestamp() - %s::interval))
    RETURNING state, attempts, parameters, progress_done, result
    """,
)
EXPECT = Statement(
    "job_expect",
    """
    UPDATE jobs
    SET progress_total = %s, beaten_at = clock_timestamp()
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    """,
)
ADVANCE = Statement(
    "job_advance",
    """
    UPDATE jobs
    SET progress_done = %s, beaten_at = clock_timestamp()
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    """,
)
FINISH = Statement(
    "job_finish",
    """
    UPDATE jobs
    SET state = 'succeeded', result = %s::jsonb || coalesce(result, '{}'), error = NULL,
        progress_done = coalesce(progress_total, progress_done), finished_at = clock_timestamp()
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    RETURNING result
    """,
)
FAIL = Statement(
    "job_fail",
    """
    UPDATE jobs
    SET state = 'failed', error = %s, finished_at = clock_timestamp()
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    """,
)
HAND_BACK = Statement(
    "job_hand_back",
    """
    UPDATE jobs
    SET state = 'queued', attempts = attempts - %s, error = %s, beaten_at = clock_timestamp()
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    """,
)


class JobTaken(Conflict):
    """The job is no longer this worker's: it was silent for too long, and another has it."""

    code = "job_taken"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a job's message says: which job, and whose."""

    job_id: UUID
    org_id: int
    user_id: int

    def arguments(self) -> dict[str, Any]:
        """As the message carries them."""
        return {"job_id": self.job_id, "org_id": self.org_id, "user_id": self.user_id}

    @classmethod
    def of_arguments(cls, arguments: Mapping[str, Any]) -> "Ticket":
        return cls(UUID(arguments["job_id"]), arguments["org_id"], arguments["user_id"])


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, until it is ended or claimed again."""

    ticket: Ticket
    attempt: int
    parameters: Mapping[str, Any]
    progress_done: int
    result: Mapping[str, Any] | None

    @property
    def job_id(self) -> UUID:
        return self.ticket.job_id

    @property
    def org_id(self) -> int:
        return self.ticket.org_id

    @property
    def binding(self) -> Binding:
        """What transactions of the job are bound to."""
        return tenant(self.ticket.org_id, self.ticket.user_id)

    @property
    def fence(self) -> tuple[int, UUID, int]:
        """What every statement on the job ends with."""
        return (self.org_id, self.job_id, self.attempt)


def create_job(
    transaction: Transaction, org_id: int, user_id: int, kind: str, parameters: Mapping[str, Any]
) -> Row:
    """A queued job and its message, in the caller's transaction. Round trips: 2."""
    job = transaction.one(CREATE, (org_id, kind, _json(parameters), user_id))
    assert job is not None
    _ask_for(transaction, kind, Ticket(job["id"], org_id, user_id))
    return job


def get_job(queries: Queries, org_id: int, job_id: UUID) -> Row:
    """One job. Raises NotFound."""
    job = queries.one(GET, (org_id, job_id))
    if job is None:
        raise NotFound(f"There is no job {job_id} in this organization.")
    return job


def list_jobs(
    queries: Queries,
    org_id: int,
    kind: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Jobs, newest first; `after`: (created_at, id) of a row."""
    created_at, job_id = after or (None, None)
    return queries.all(LIST, (org_id, kind, kind, created_at, created_at, job_id, limit))


def claim_job(database: Database, ticket: Ticket) -> Claim | None:
    """Take a queued job, or one whose worker fell silent; None when there is nothing to do.

    The fourth claim fails the job instead, with a sentence.
    """
    parameters = (*[MOST_ATTEMPTS] * 4, ticket.org_id, ticket.job_id, SILENT_FOR)
    with database.write(tenant(ticket.org_id, ticket.user_id)) as transaction:
        row = transaction.one(CLAIM, parameters)
    if row is None or row["state"] == "failed":
        return None
    return Claim(ticket, row["attempts"], row["parameters"], row["progress_done"], row["result"])


def expect(transaction: Transaction, claim: Claim, total: int) -> None:
    """Say how many steps there are. Raises JobTaken."""
    held(transaction.execute(EXPECT, (total, *claim.fence)))


def advance(transaction: Transaction, claim: Claim, done: int) -> None:
    """Say how many steps are done, and that the worker lives. Raises JobTaken."""
    held(transaction.execute(ADVANCE, (done, *claim.fence)))


def finish_job(
    transaction: Transaction, claim: Claim, result: Mapping[str, Any]
) -> Mapping[str, Any]:
    """End the job well; returns `result` with what the row's result has gathered already.

    Raises JobTaken.
    """
    gathered = transaction.value(FINISH, (_json(result), *claim.fence))
    if gathered is None:
        raise JobTaken()
    return dict(gathered)


def fail_job(database: Database, claim: Claim, sentence: str) -> None:
    """End the job with the sentence that its user will read. Raises JobTaken."""
    with database.write(claim.binding) as transaction:
        held(transaction.execute(FAIL, (sentence, *claim.fence)))


def hand_back(database: Database, claim: Claim, kind: str, *, error: str | None = None) -> None:
    """Queue the job again, to be resumed where it is. Raises JobTaken.

    Without an error the attempt does not count: the worker only had to stop.
    """
    with database.write(claim.binding) as transaction:
        uncounted = 0 if error else 1
        held(transaction.execute(HAND_BACK, (uncounted, error, *claim.fence)))
        _ask_for(transaction, kind, claim.ticket)


def held(rows_changed: int) -> None:
    """Raises JobTaken when a fenced statement found the claim gone."""
    if rows_changed == 0:
        raise JobTaken()


def _ask_for(transaction: Transaction, kind: str, ticket: Ticket) -> None:
    enqueue(transaction, TASK_PREFIX + kind, ticket.arguments())


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(value)).decode()
