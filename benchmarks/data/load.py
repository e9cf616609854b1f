"""Fills the stack with the data set, once: the next benchmark recognises it."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from benchmarks.data import tables
from benchmarks.data.copy import (
    DOCUMENT_COLUMNS,
    copy_lines,
    document_line,
    membership_line,
    organization_lines,
    user_line,
)
from benchmarks.data.corpus import Corpus, open_corpus
from benchmarks.data.documents import DocumentStream
from benchmarks.data.queries import real_queries
from benchmarks.data.scale import FIRST_ORG_ID
from benchmarks.data.users import users
from benchmarks.workspace import Workspace

Connection = psycopg.Connection[TupleRow]

GENERATION = 2  # raise it when the generators change what they make
_DOCUMENTS_A_TURN = 5_000
_LOADING = {"synchronous_commit": "off", "statement_timeout": "0", "lock_timeout": "0"}


@dataclass
class Clock:
    """Seconds that each step took, said as it ends."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, work: Callable[[], None]) -> None:
        start = time.monotonic()
        work()
        self.seconds[name] = round(time.monotonic() - start, 1)
        self.say(f"{name}: {self.seconds[name]:.1f} s")


def fingerprint(workspace: Workspace, corpus: Corpus) -> str:
    """Names the data set: what it is made from and how."""
    scale = workspace.scale
    return (
        f"generation {GENERATION}, corpus {corpus.fingerprint}, seed {scale.seed}, "
        f"{scale.documents} documents, {scale.users} users, {scale.organizations} organizations"
    )


def load(workspace: Workspace) -> dict[str, float]:
    """Makes the data set be there; returns the seconds of each step, empty when it was there.

    Raises Unavailable when PostgreSQL does not answer.
    """
    corpus = open_corpus(workspace.folder / "corpus")
    wanted = fingerprint(workspace, corpus)
    with workspace.connect(parameters=_LOADING) as connection:
        tables.create_tables(connection, workspace.settings)
        found = connection.execute("SELECT fingerprint FROM bench.dataset").fetchone()
        if found is not None and found[0] == wanted:
            return {}
        workspace.say(f"loading {wanted}")
        return _load_anew(workspace, connection, corpus, wanted)


def _load_anew(
    workspace: Workspace, connection: Connection, corpus: Corpus, wanted: str
) -> dict[str, float]:
    clock = Clock(workspace.say)
    clock.step("empty the tables", lambda: tables.empty_tables(connection))
    tables.set_indexes_aside(connection)
    tables.suspend_checks(connection)
    clock.step("users and organizations", lambda: _copy_people(workspace, connection))
    clock.step("documents, twice", lambda: _copy_documents(workspace))
    tables.resume_checks(connection)
    clock.step("indexes", lambda: _build_indexes(workspace))
    clock.step("vacuum and analyze", lambda: _settle(connection))
    clock.step("words and queries", lambda: _describe(workspace, connection, corpus))
    scale = workspace.scale
    connection.execute(
        "INSERT INTO bench.dataset (fingerprint, documents, users, organizations, seconds) "
        "VALUES (%s, %s, %s, %s, %s)",
        (wanted, scale.documents, scale.users, scale.organizations, Jsonb(clock.seconds)),
    )
    return clock.seconds


def _copy_people(workspace: Workspace, connection: Connection) -> None:
    scale = workspace.scale
    copy_lines(connection, "public.organizations", "id, name, slug", organization_lines(scale))
    copy_lines(
        connection,
        "public.users",
        "id, email, full_name, password_hash, metadata",
        map(user_line, users(scale)),
    )
    copy_lines(
        connection,
        "public.memberships",
        "org_id, user_id, role",
        map(membership_line, users(scale)),
    )

    # The product notes each organization's languages by trigger; two loaders that did so for
    # hundreds of organizations in one transaction would wait for each other.
    connection.execute(
        "INSERT INTO document_languages SELECT id, 'english' FROM organizations WHERE id >= %s",
        (FIRST_ORG_ID,),
    )


def _copy_documents(workspace: Workspace) -> None:
    """One process a core takes turns of 5,000 documents."""
    total = workspace.scale.documents
    turns = [
        range(start, min(start + _DOCUMENTS_A_TURN, total))
        for start in range(0, total, _DOCUMENTS_A_TURN)
    ]
    done, next_said = 0, total // 10
    with ProcessPoolExecutor(
        os.cpu_count(), initializer=_Loader.open, initargs=(workspace,)
    ) as processes:
        for number in processes.map(_Loader.take_turn, turns):
            done += number
            if done >= next_said:
                workspace.say(f"{done:,} of {total:,} documents")
                next_said += total // 10


class _Loader:
    """What one loading process keeps open."""

    stream: DocumentStream
    connection: Connection

    @classmethod
    def open(cls, workspace: Workspace) -> None:
        cls.stream = DocumentStream(open_corpus(workspace.folder / "corpus"), workspace.scale)
        cls.connection = workspace.connect(parameters=_LOADING)

    @classmethod
    def take_turn(cls, numbers: range) -> int:
        lines = [document_line(row) for row in cls.stream.rows(numbers)]
        for table in tables.DOCUMENT_TABLES:
            copy_lines(cls.connection, table, DOCUMENT_COLUMNS, lines)
        return len(lines)


def _build_indexes(workspace: Workspace) -> None:
    """The very definitions that were set aside, as many at a time as there are cores."""

    def build(item: tuple[str, str]) -> None:
        with workspace.connect(parameters=_LOADING) as connection:
            tables.build_index(connection, *item)

    with workspace.connect() as connection:
        waiting = tables.indexes_set_aside(connection)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(build, waiting))


def _settle(connection: Connection) -> None:
    connection.execute(f"VACUUM (ANALYZE) {', '.join(tables.LOADED_TABLES)}".encode())
    for table in ("users", "organizations", "documents"):
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('public.{table}', 'id'), max(id)) "
            f"FROM public.{table}".encode()
        )
    connection.execute("CHECKPOINT")


def _describe(workspace: Workspace, connection: Connection, corpus: Corpus) -> None:
    """How many of the largest organization's documents hold each word, and real queries."""
    connection.execute(
        """
        INSERT INTO bench.words
        SELECT word, ndoc, ndoc::float8 / (SELECT count(*) FROM architecture.documents
                                           WHERE org_id = %(org)s)
        FROM ts_stat(format('SELECT search_vector FROM architecture.documents WHERE org_id = %%s',
                            %(org)s::int))
        WHERE word ~ '^[a-z]{4,20}$'
          AND strip(to_tsvector('english', word)) = array_to_tsvector(ARRAY[word])
        """,
        {"org": FIRST_ORG_ID},
    )
    queries = real_queries(workspace.folder / "corpus", corpus, workspace.scale.seed)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench.queries (query, source, place) VALUES (%s, %s, %s)",
            [(*query, place) for place, query in enumerate(queries)],
        )
