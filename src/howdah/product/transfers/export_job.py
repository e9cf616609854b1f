"""Exporting an organization as a background job; the archive is kept in pieces for download."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, cast
from uuid import UUID

from howdah.foundation.database import Database, Queries, Row, Statement, Transaction
from howdah.foundation.errors import Conflict, NotFound
from howdah.foundation.queue.patience import patiently
from howdah.foundation.queue.stopping import Stopping, never
from howdah.product.transfers.exports import ExportDocument, write_export
from howdah.product.transfers.files import PieceWriter, drop_pieces, pieces, size_bytes
from howdah.product.transfers.job_runs import WorkerStops, run_job
from howdah.product.transfers.jobs import (
    Claim,
    Ticket,
    advance,
    create_job,
    expect,
    finish_job,
    get_job,
    held,
)

KIND = "export"
DOCUMENTS_IN_BATCH = 25

COUNT = Statement(
    "export_count",
    """
    SELECT count(*)::integer AS documents,
           (SELECT o.name FROM organizations o WHERE o.id = %s::integer) AS organization
    FROM documents
    WHERE org_id = %s::integer AND deleted_at IS NULL
    """,
)
READ = Statement(
    "export_batch_read",
    """
    SELECT d.id, d.title, d.content, d.tags, d.language, d.revision, u.full_name AS author,
           d.created_at, d.updated_at, d.source_path
    FROM documents d
    LEFT JOIN users u ON u.id = d.author_id
    WHERE d.org_id = %s::integer AND d.id > %s::integer AND d.deleted_at IS NULL
    ORDER BY d.id
    LIMIT %s
    """,
)
STORE = Statement(
    "export_piece_store",
    """
    INSERT INTO job_files (job_id, org_id, piece, data)
    SELECT j.id, j.org_id, %s, %s
    FROM jobs j
    WHERE j.org_id = %s::integer AND j.id = %s AND j.state = 'running' AND j.attempts = %s
    FOR UPDATE
    ON CONFLICT (job_id, piece) DO UPDATE SET data = excluded.data
    """,
)


def start_export(transaction: Transaction, org_id: int, user_id: int) -> Row:
    """A job that exports every document of the organization; returns its row. Round trips: 2."""
    return create_job(transaction, org_id, user_id, KIND, {})


def run_export(database: Database, ticket: Ticket, *, stopping: Stopping = never) -> None:
    """Do the export; one that was interrupted begins anew, as a zip archive has one writer.

    Documents are read batch by batch in the order of their ids, each batch as it is then: what
    changes meanwhile is exported before or after the change. The result: {documents, bytes}.
    """
    run_job(database, KIND, ticket, lambda claim: _export(database, claim, stopping))


def export_pieces(queries: Queries, org_id: int, job_id: UUID) -> tuple[int, Iterator[bytes]]:
    """The archive's size in bytes, and its pieces to be sent one after the other.

    Raises NotFound when the job is no export, failed, or its archive is gone; Conflict while it
    is not done yet.
    """
    job = get_job(queries, org_id, job_id)
    if job["kind"] == KIND and job["state"] in {"queued", "running"}:
        raise Conflict("The export is not done yet.", hint="Follow its job.")
    total_bytes = size_bytes(queries, job_id)
    if job["kind"] != KIND or job["state"] != "succeeded" or not total_bytes:
        raise NotFound(
            "There is no archive to download: the export failed, or it is too old.",
            hint="Start another export.",
        )
    return total_bytes, pieces(queries, job_id)


def _export(database: Database, claim: Claim, stopping: Stopping) -> None:
    with database.read(claim.binding) as queries:
        known = queries.one(COUNT, (claim.org_id, claim.org_id))
    assert known is not None
    with database.write(claim.binding) as transaction:
        expect(transaction, claim, known["documents"])
        drop_pieces(transaction, claim.job_id)
    writer = PieceWriter(partial(_store, database, claim, stopping))
    documents = write_export(
        cast(BinaryIO, writer),
        _documents(database, claim, stopping),
        organization=known["organization"],
        exported_at=datetime.now(UTC),
    )
    total_bytes = writer.finish()
    with database.write(claim.binding) as transaction:
        finish_job(transaction, claim, {"documents": documents, "bytes": total_bytes})


def _documents(database: Database, claim: Claim, stopping: Stopping) -> Iterator[ExportDocument]:
    """Every document, read by batches; progress is told with each."""
    after_id, done = 0, 0
    while True:
        with database.read(claim.binding) as queries:
            batch = queries.all(READ, (claim.org_id, after_id, DOCUMENTS_IN_BATCH))
        for row in batch:
            yield ExportDocument(**row | {"tags": tuple(row["tags"])})
        if not batch:
            return
        after_id, done = batch[-1]["id"], done + len(batch)
        patiently(
            partial(_tell, database, claim, done),
            what="the progress of an export cannot be told",
            stopping=stopping,
        )
        if stopping():
            raise WorkerStops


def _tell(database: Database, claim: Claim, done: int) -> None:
    with database.write(claim.binding) as transaction:
        advance(transaction, claim, done)


def _store(database: Database, claim: Claim, stopping: Stopping, number: int, data: bytes) -> None:
    """Store a piece, fenced by the job's row; storing it again replaces it."""

    def step() -> None:
        with database.write(claim.binding) as transaction:
            held(transaction.execute(STORE, (number, data, *claim.fence)))

    patiently(step, what="a piece of an export cannot be stored", stopping=stopping)
