"""Imports: files become documents, in the background."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from howdah.entrypoints.web.api.jobs import Job, accepted
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Language, Tag
from howdah.product.transfers.import_options import ImportOptions
from howdah.product.transfers.imports import start_import

CHUNK_BYTES = 1024 * 1024


class ImportQuery(Body):
    """How the files become documents."""

    file_name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=255,
            pattern=r"^[^\x00-\x1f]+$",
            description="Ends in .zip for an archive of files, else it is itself the document.",
        ),
    ] = "archive.zip"
    path_prefix: Annotated[
        str,
        Field(max_length=200, pattern=r"^[A-Za-z0-9_ /-]*$", description="Put before each path."),
    ] = ""
    language: Language = Field("english", description="For files that do not name theirs.")
    tag: list[Tag] = Field(default_factory=list, max_length=20, description="For each document.")


@endpoint(
    "POST",
    "/orgs/<slug>/imports",
    summary="Import files",
    tag="jobs",
    role="editor",
    query=ImportQuery,
    raw_body=("application/zip", "application/octet-stream", "text/markdown", "text/html",
              "text/plain"),
    body_limit="max_import_bytes",
    idempotency=True,
    answers={202: Job},
)  # fmt: skip
def import_files(call: Call) -> Answer:
    """Markdown, HTML or plain text, or a zip archive of them. Answers with a job to follow.

    Importing again is harmless: a file that has not changed since is left alone, one that has
    becomes a new revision of its document. Files that cannot be imported are listed in the
    job's result, each with the reason.
    """
    asked: ImportQuery = call.query
    options = ImportOptions(asked.file_name, asked.path_prefix, asked.language, tuple(asked.tag))
    user_id = call.identified()
    job = start_import(call.transaction, call.org_id, user_id, chunks(call.body), options)
    return accepted(call, job)


def chunks(data: bytes) -> Iterator[bytes]:
    """The body in pieces."""
    view = memoryview(data)
    for start in range(0, len(view), CHUNK_BYTES):
        yield bytes(view[start : start + CHUNK_BYTES])
