"""One run of a job by a worker, and what each way of ending it means for the row."""

import logging
from collections.abc import Callable

from howdah.foundation.database import Database
from howdah.foundation.errors import HowdahError
from howdah.product.transfers.jobs import Claim, JobTaken, Ticket, claim_job, fail_job, hand_back

LOG = logging.getLogger("howdah.transfers")


class WorkerStops(Exception):
    """The worker was asked to stop; the job goes back to the queue."""


def run_job(database: Database, kind: str, ticket: Ticket, work: Callable[[Claim], None]) -> None:
    """Claim the job and do `work`, which ends it well itself.

    Nothing happens when it is done already or another worker has it: messages may come twice.
    What cannot work is failed with its sentence; what may work later is queued again.
    """
    claim = claim_job(database, ticket)
    fields = {"job_id": str(ticket.job_id), "org_id": ticket.org_id, "kind": kind}
    if claim is None:
        LOG.info("nothing to do: the job has ended or another worker has it", extra=fields)
        return
    LOG.info("job started", extra=fields | {"attempt": claim.attempt})
    try:
        work(claim)
    except JobTaken:
        LOG.warning("job left to the worker that took it over", extra=fields)
    except WorkerStops:
        hand_back(database, claim, kind)
        LOG.info("job handed back, as this worker stops", extra=fields)
    except HowdahError as failure:
        if failure.retryable:
            hand_back(database, claim, kind, error=str(failure))
        else:
            fail_job(database, claim, str(failure))
        LOG.warning("job not done: %s", failure, extra=fields | {"code": failure.code})
    except Exception as failure:
        kind_of_failure = type(failure).__name__
        fail_job(database, claim, f"An unexpected error ended it ({kind_of_failure}).")
        raise
    else:
        LOG.info("job done", extra=fields)
