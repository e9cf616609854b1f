"""Importing files as a background job: idempotent, resumable, its progress in the job's row."""

from collections.abc import Iterable
from functools import partial

from howdah.foundation.database import Database, Row, Transaction
from howdah.foundation.queue import enqueue
from howdah.foundation.queue.patience import patiently
from howdah.foundation.queue.stopping import Stopping, never
from howdah.product.search.words import REFRESH_TASK
from howdah.product.transfers.conversion import DEFAULT_LIMITS, ConversionLimits
from howdah.product.transfers.files import drop_pieces, spooled, store_file
from howdah.product.transfers.import_batches import write_batch
from howdah.product.transfers.import_files import converted_batches, converter, source_of
from howdah.product.transfers.import_options import ImportOptions
from howdah.product.transfers.job_runs import WorkerStops, run_job
from howdah.product.transfers.jobs import Claim, Ticket, create_job, expect, finish_job

KIND = "import"
NOTHING = {"created": 0, "updated": 0, "unchanged": 0, "skipped_count": 0, "skipped": []}


def start_import(
    transaction: Transaction,
    org_id: int,
    user_id: int,
    data: Iterable[bytes],
    options: ImportOptions,
) -> Row:
    """A job that imports the file, begun once the transaction has committed; returns its row.

    `data` is a zip archive or a single file (`options.file_name` says which), in chunks of any
    size; it should be at hand, as the transaction waits for it. Raises InvalidInput. Round trips:
    2 and 1 for each MiB.
    """
    options = options.checked()
    job = create_job(transaction, org_id, user_id, KIND, options.parameters())
    store_file(transaction, job["id"], org_id, data)
    return job


def run_import(
    database: Database,
    ticket: Ticket,
    *,
    limits: ConversionLimits = DEFAULT_LIMITS,
    stopping: Stopping = never,
) -> None:
    """Do the import, from where an earlier attempt got to.

    The result: {created, updated, unchanged, skipped_count, skipped: [{path, reason}]}, of which
    about the first 200 skipped files are listed.
    """
    run_job(
        database,
        KIND,
        ticket,
        lambda claim: _import(database, claim, limits, stopping),
    )


def _import(database: Database, claim: Claim, limits: ConversionLimits, stopping: Stopping) -> None:
    options = ImportOptions.of_parameters(claim.parameters)
    with database.read(claim.binding) as queries:
        upload = spooled(queries, claim.job_id)
    with upload, converter() as calls:
        source = source_of(options.file_name, options.is_archive, upload, limits)
        with database.write(claim.binding) as transaction:
            expect(transaction, claim, len(source))
        for batch in converted_batches(source, claim.progress_done, calls, limits):
            patiently(
                partial(write_batch, database, claim, options, batch),
                what="a batch of an import cannot be written",
                stopping=stopping,
            )
            if stopping() and batch.last < len(source):
                raise WorkerStops
    patiently(
        partial(_finish, database, claim),
        what="an import cannot be finished",
        stopping=stopping,
    )


def _finish(database: Database, claim: Claim) -> None:
    """End the job, forget the upload, and have the organization's words counted again."""
    with database.write(claim.binding) as transaction:
        result = finish_job(transaction, claim, NOTHING)
        drop_pieces(transaction, claim.job_id)
        if result["created"] or result["updated"]:
            enqueue(transaction, REFRESH_TASK, {"org_id": claim.org_id})
