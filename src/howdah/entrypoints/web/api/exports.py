"""Exports: an organization's documents as a zip archive."""

from howdah.entrypoints.web.api.jobs import Job, accepted
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.product.transfers.export_job import export_pieces, start_export

PATH = "/orgs/<slug>/exports"


@endpoint(
    "POST",
    PATH,
    summary="Export all documents",
    tag="jobs",
    role="admin",
    idempotency=True,
    answers={202: Job},
)
def export_documents(call: Call) -> Answer:
    """Markdown with its metadata, and JSON, in one zip archive. Answers with a job to follow."""
    return accepted(call, start_export(call.transaction, call.org_id, call.identified()))


@endpoint(
    "GET",
    f"{PATH}/<uuid:job_id>/archive",
    summary="Download an export",
    tag="jobs",
    role="admin",
    answers={200: "application/zip"},
)
def download_export(call: Call) -> Answer:
    """The archive of an export that has succeeded; kept for a week."""
    job_id = call.path["job_id"]
    total_bytes, body = export_pieces(call.queries, call.org_id, job_id)
    headers = {
        "Content-Length": str(total_bytes),
        "Content-Disposition": f'attachment; filename="{call.slug}-{job_id}.zip"',
    }
    return Answer(body, headers=headers, content_type="application/zip")
