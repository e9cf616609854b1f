"""Whether a restored database is whole: what is asked of it while it runs, and after it stopped.

Each check yields sentences on what is wrong, none when all is well.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg

from howdah.foundation.processes.accounts import POSTGRESQL, as_account
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.rendering.patroni import POSTGRESQL_BINARIES
from howdah.operations.backups.counts import A_DOCUMENT_BY_ID, A_USER_BY_ID, Counts, count_rows
from howdah.operations.restores.clone import CloneServer, connect_clone
from howdah.operations.restores.folder import RestoreFolder
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection

CHECK_SECONDS = 24 * 3600.0
HASH = "$argon2"

AS_APPLICATION = "SET LOCAL ROLE app_write"
BIND = "SELECT howdah.bind(%s, NULL)"
EMAIL = "SELECT email FROM public.users WHERE id = %s"
CANDIDATE = "SELECT user_id, password_hash, disabled FROM howdah.sign_in_candidate(%s)"
READ = "SELECT title, md5(content) FROM howdah.get_document(%s, %s)"
SEARCH = "SELECT id FROM howdah.search_documents(%s, 50)"
# The longest word of the title is the rarest, most likely; the language must know it as one.
WORD = """
    SELECT found[1] FROM public.documents d,
        LATERAL regexp_matches(d.title, '[[:alpha:]]{3,}', 'g') AS found
    WHERE d.id = %s ORDER BY length(found[1]) DESC, 1 LIMIT 1
"""


def indexes_and_tables(server: CloneServer) -> Iterator[str]:
    """What pg_amcheck finds in every database: structures of tables and B-trees.

    Not whether each row is in its index (--heapallindexed): that takes four times as long, and
    would be damage of the source, which a copy of its bytes cannot add.
    """
    command = [
        f"{POSTGRESQL_BINARIES}/pg_amcheck",
        "--all",
        "--install-missing",
        "--jobs=2",
        f"--host={server.folder.sockets}",
        f"--port={server.port}",
        f"--username={SUPERUSER}",
        "--no-password",
    ]
    try:
        run(
            as_account(POSTGRESQL, command),
            cwd=server.folder.path,
            env={"LANG": "C.UTF-8"},
            timeout_seconds=CHECK_SECONDS,
        )
    except ProcessFailed as failure:
        yield f"tables or indexes are damaged: {failure.message}"


def row_counts(server: CloneServer, database: str, counts: Counts) -> Iterator[str]:
    """Every table has as many rows as were counted at the restore point."""
    with connect_clone(server, database) as connection:
        found = count_rows(connection)
    for table, expected in counts.rows.items():
        there = found.get(table)
        if there is None:
            yield f"the table {table} is missing"
        elif abs(there - expected) > counts.slack.get(table, 0):
            slack = counts.slack.get(table, 0)
            margin = f" (give or take {slack}: others wrote meanwhile)" if slack else ""
            yield f"{table} has {there} rows instead of {expected}{margin}"
    for table in found.keys() - counts.rows.keys():
        yield f"there is a table {table} that was not there"


def application_queries(server: CloneServer, database: str, counts: Counts) -> Iterator[str]:
    """Signing in, a document, a search: as the application's role, by the application's functions.

    Of the one who signs in the stored hash is compared: the password itself nobody knows.
    """
    try:
        with connect_clone(server, database) as connection:
            if counts.user:
                yield from _signs_in(connection, counts)
            if counts.document:
                yield from _reads_and_finds(connection, counts)
    except psycopg.Error as problem:
        reason = str(problem).strip().splitlines()[0]
        yield f"a query of the application fails: {reason}"


def _signs_in(connection: Connection, counts: Counts) -> Iterator[str]:
    user = counts.user or {}
    found = connection.execute(A_USER_BY_ID, (user["id"],)).fetchone()
    email = connection.execute(EMAIL, (user["id"],)).fetchone()
    if found is None or email is None:
        yield f"the user {user['id']}, who was there, is missing"
        return
    if found[1] != user["password_hash_md5"]:
        yield f"the password of user {user['id']} is another"
    with connection.transaction():
        connection.execute(AS_APPLICATION)
        candidate = connection.execute(CANDIDATE, email).fetchone()
    if candidate is None or candidate[0] != user["id"] or not str(candidate[1]).startswith(HASH):
        yield f"user {user['id']} could not sign in: the query of signing in does not find them"


def _reads_and_finds(connection: Connection, counts: Counts) -> Iterator[str]:
    document = counts.document or {}
    number, org = document["id"], document["org_id"]
    if connection.execute(A_DOCUMENT_BY_ID, (number,)).fetchone() is None:
        yield f"the document {number}, which was there, is missing"
        return
    word = connection.execute(WORD, (number,)).fetchone()
    with connection.transaction():
        connection.execute(AS_APPLICATION)
        connection.execute(BIND, (org,))
        read = connection.execute(READ, (org, number)).fetchone()
        hits = connection.execute(SEARCH, word).fetchall() if word else []
    if read is None:
        yield f"the application does not see the document {number} of organization {org}"
    elif read[1] != document["content_md5"]:
        yield f"the document {number} has another content"
    if word and not hits:
        yield f"a search for a word of the title of document {number} finds nothing"


def page_checksums(folder: RestoreFolder) -> Iterator[str]:
    """Every page of the stopped server has the checksum that is written in it."""
    command = [f"{POSTGRESQL_BINARIES}/pg_checksums", "--check", f"--pgdata={folder.data}"]
    try:
        run(
            as_account(POSTGRESQL, command),
            cwd=Path("/"),
            env={"LANG": "C.UTF-8"},
            timeout_seconds=CHECK_SECONDS,
        )
    except ProcessFailed as failure:
        yield f"pages are damaged: {failure.message}"
