"""Writing a batch of imported documents, and the job's progress with it, in one statement.

What a document was imported from decides: (organization, source path) says which document it is,
and the hash of what would be written says whether it has to be. Importing the same again writes
nothing and leaves alone what people edited meanwhile; a changed source updates the document (the
trigger keeps the revision before), a deleted one is restored.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from howdah.foundation.database import Database, Statement
from howdah.foundation.queue.background import allow_seconds
from howdah.product.transfers.conversion import DEFAULT_LIMITS, Converted, Skipped
from howdah.product.transfers.import_options import LONGEST_PATH_CHARACTERS, ImportOptions
from howdah.product.transfers.jobs import Claim, JobTaken

STATEMENT_SECONDS = 60.0
MOST_SKIPPED_LISTED = 200

WRITE = Statement(
    "import_batch_write",
    """
    WITH given AS (
        SELECT g.source_path, decode(g.source_hash, 'hex') AS source_hash, g.title, g.content,
               g.tags, g.language
        FROM json_to_recordset(%s::json) AS g(
            source_path text, source_hash text, title text, content text, tags text[],
            language text)
    ), changed AS (
        SELECT g.*
        FROM given g
        WHERE NOT EXISTS (
            SELECT FROM documents d
            WHERE d.org_id = %s::integer AND d.source_path = g.source_path
              AND d.source_hash = g.source_hash AND d.deleted_at IS NULL)
    ), written AS (
        INSERT INTO documents AS d (org_id, author_id, updated_by, title, content, tags, language,
                                    source_path, source_hash)
        SELECT %s::integer, %s::integer, %s::integer, c.title, c.content, c.tags, c.language,
               c.source_path, c.source_hash
        FROM changed c
        ON CONFLICT (org_id, source_path) WHERE source_path IS NOT NULL
        DO UPDATE SET title = excluded.title, content = excluded.content, tags = excluded.tags,
                      language = excluded.language, source_hash = excluded.source_hash,
                      updated_by = excluded.updated_by, deleted_at = NULL
        RETURNING d.xmax = 0 AS created
    ), counted AS (
        SELECT count(*) FILTER (WHERE w.created) AS created,
               count(*) FILTER (WHERE NOT w.created) AS updated,
               (SELECT count(*) FROM given) - count(*) AS unchanged
        FROM written w
    )
    UPDATE jobs j
    SET progress_done = %s, beaten_at = clock_timestamp(),
        result = jsonb_build_object(
            'created', coalesce((j.result ->> 'created')::integer, 0) + n.created,
            'updated', coalesce((j.result ->> 'updated')::integer, 0) + n.updated,
            'unchanged', coalesce((j.result ->> 'unchanged')::integer, 0) + n.unchanged,
            'skipped_count', coalesce((j.result ->> 'skipped_count')::integer, 0)
                             + json_array_length(s.skipped),
            'skipped', coalesce(j.result -> 'skipped', '[]')
                       || CASE WHEN coalesce((j.result ->> 'skipped_count')::integer, 0) < %s
                               THEN s.skipped::jsonb ELSE '[]' END)
    FROM counted n, (SELECT %s::json AS skipped) s
    WHERE j.org_id = %s::integer AND j.id = %s AND j.state = 'running' AND j.attempts = %s
      AND j.progress_done = %s
    RETURNING j.result
    """,
)
PROGRESS = Statement(
    "import_progress",
    """
    SELECT progress_done
    FROM jobs
    WHERE org_id = %s::integer AND id = %s AND state = 'running' AND attempts = %s
    """,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of files `first` to `last` (exclusive) of the import."""

    first: int
    last: int
    files: Sequence[Converted | Skipped]


def write_batch(database: Database, claim: Claim, options: ImportOptions, batch: Batch) -> None:
    """Write the batch exactly once in effect, also when it is asked for again after a lost answer.

    Raises JobTaken, and what the database raises. Round trips: 2.
    """
    documents, skipped = _divided(options, batch.files)
    with database.write(claim.binding) as transaction:
        allow_seconds(transaction, STATEMENT_SECONDS)
        row = transaction.one(
            WRITE,
            (
                orjson.dumps(documents).decode(),
                claim.org_id,
                claim.org_id,
                claim.ticket.user_id,
                claim.ticket.user_id,
                batch.last,
                MOST_SKIPPED_LISTED,
                orjson.dumps(skipped).decode(),
                *claim.fence,
                batch.first,
            ),
        )
        if row is None and transaction.value(PROGRESS, claim.fence) != batch.last:
            raise JobTaken()
        # Else this batch was committed before, and only the answer was lost.


def _divided(
    options: ImportOptions, files: Sequence[Converted | Skipped]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The documents to write, and what is not written with the reason."""
    documents: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    for file in files:
        if isinstance(file, Skipped):
            skipped.append({"path": file.path, "reason": file.reason})
        elif len(options.source_path(file.path)) > LONGEST_PATH_CHARACTERS:
            reason = f"Its path is longer than {LONGEST_PATH_CHARACTERS} characters."
            skipped.append({"path": file.path, "reason": reason})
        else:
            documents.append(_document(options, file))
    return documents, skipped


def _document(options: ImportOptions, file: Converted) -> dict[str, Any]:
    tags = list(dict.fromkeys((*file.tags, *options.tags)))[: DEFAULT_LIMITS.max_tags]
    document = {
        "title": file.title,
        "content": file.content_markdown,
        "tags": tags,
        "language": file.language or options.language,
    }
    return document | {
        "source_path": options.source_path(file.path),
        "source_hash": hashlib.sha256(orjson.dumps(document)).hexdigest(),
    }
