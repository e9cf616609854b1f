"""Documents that benchmarks create through the API and peers, and their removal."""

import json
import time

import psycopg
from psycopg.rows import TupleRow

from benchmarks.data.documents import Document
from benchmarks.workspace import Workspace

# Clients hang up at the end of their time; the server still finishes what it began.
_STILL_UNDER_WAY_SECONDS = 1.0
TAG = "posted-by-benchmark"


def body_of(document: Document, author: bool) -> str:
    """JSON for a POST; peers are told the author, the API knows who asks."""
    body: dict[str, object] = {
        "title": document.title,
        "content": document.content,
        "tags": [*document.tags, TAG],
    }
    if author:
        body["author_id"] = document.author_id
    return json.dumps(body, ensure_ascii=True)


def remove_posts(workspace: Workspace) -> int:
    """Takes the posted documents out again, also from the pending lists of GIN indexes."""
    time.sleep(_STILL_UNDER_WAY_SECONDS)
    with workspace.connect() as connection:
        removed = connection.execute(
            "DELETE FROM documents WHERE tags @> ARRAY[%s]", (TAG,)
        ).rowcount
        _clean_pending_lists(connection)
    return removed


def _clean_pending_lists(connection: psycopg.Connection[TupleRow]) -> None:
    connection.execute(
        """
        SELECT gin_clean_pending_list(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE i.indrelid = 'documents'::regclass AND a.amname = 'gin'
        """
    )
