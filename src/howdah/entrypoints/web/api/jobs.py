"""Background jobs of an organization: imports and exports on their way."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.consistency import seen
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, JsonObject, Out
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.transfers.jobs import get_job, list_jobs

PATH = "/orgs/<slug>/jobs"
JOB_KEY = TypeAdapter(tuple[datetime, UUID])


class Job(Out):
    """A job. progress_total is null until the job knows it."""

    id: UUID
    kind: Literal["import", "export"]
    state: Literal["queued", "running", "succeeded", "failed"]
    parameters: JsonObject
    progress_done: int
    progress_total: int | None
    result: Any = Field(description="What it did, once it is done; depends on the kind.")
    error: str | None = Field(description="Why it failed, in a sentence.")
    attempts: int
    created_by: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(Out):
    """A page of jobs, newest first."""

    items: list[Job]
    next_cursor: str | None


class JobList(Body):
    """How to list."""

    kind: Literal["import", "export"] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@endpoint("GET", PATH, summary="List jobs", tag="jobs", query=JobList, answers={200: JobPage})
def list_background_jobs(call: Call) -> Answer:
    """The organization's imports and exports, newest first."""
    after = decode_cursor(call.query.cursor, JOB_KEY)
    limit = call.query.limit
    rows = list_jobs(call.queries, call.org_id, call.query.kind, after, limit + 1)
    return Answer(page(rows, limit, "created_at", "id"))


@endpoint("GET", f"{PATH}/<uuid:job_id>", summary="Read a job", tag="jobs", answers={200: Job})
def read_background_job(call: Call) -> Answer:
    """How far it is, and what came of it. Once it is done, the next reads show what it did."""
    job = get_job(call.queries, call.org_id, call.path["job_id"])
    if job["finished_at"] is not None:
        seen(call)
    return Answer(job)


def accepted(call: Call, job: dict[str, Any]) -> Answer:
    """202 with the job and where to follow it."""
    return Answer(job, 202, {"Location": f"/api/v1/orgs/{call.slug}/jobs/{job['id']}"})
