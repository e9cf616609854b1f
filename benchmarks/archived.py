"""A single server that archives and takes backups, with as much data as wanted, for one program."""

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.workspace import Workspace, elsewhere
from howdah.foundation.settings import load_settings

PORT_DISTANCE = 450
BYTES_PER_DOCUMENT = 3_000
"""How much data `--documents` stands for here: 3 GB at full size."""
GB, MB = 1e9, 1e6
SENTENCES = 65_536
SENTENCES_PER_ROW = 16
WORDS_PER_SENTENCE = 10
VOCABULARY = 5_000
TABLE = "CREATE TABLE IF NOT EXISTS bench_texts (id bigserial PRIMARY KEY, text text NOT NULL)"
# Whole values, as they were sent: what PostgreSQL compresses nobody else can.
PLAIN = "ALTER TABLE bench_texts ALTER COLUMN text SET STORAGE EXTERNAL"
SIZE = "SELECT pg_database_size(current_database())"


@contextmanager
def running_archived(
    workspace: Workspace, name: str, services: tuple[str, ...] = ()
) -> Iterator[Workspace]:
    """The workspace with such a stack of its own, deleted afterwards."""
    own = elsewhere(workspace, name, PORT_DISTANCE)
    environ = {**own.environ, "HOWDAH_PROFILE": "solo", "HOWDAH_BACKUP__ENABLED": "true"}
    own = replace(own, settings=load_settings(environ), environ=environ)
    try:
        _delete(own)
        own.say(f"starting a server that archives, in {own.settings.home}")
        own.howdah("up", *(("--services", ",".join(services)) if services else ()))
        yield own
    finally:
        _delete(own)


def sizes(workspace: Workspace) -> tuple[float, float]:
    """Bytes of the smaller and the larger database."""
    full = workspace.scale.documents * BYTES_PER_DOCUMENT
    return full / 3, full


def fill(own: Workspace, to_bytes: float) -> int:
    """Add rows until the database has that size; returns the size."""
    chosen = random.Random(5)
    words = ["".join(chosen.choices("aeioubcdfghlmnprstv", k=length)) for length in _lengths()]
    pool = [" ".join(chosen.choices(words, k=WORDS_PER_SENTENCE)) for _ in range(SENTENCES)]
    with own.connect() as connection:
        connection.execute(TABLE)
        connection.execute(PLAIN)
        while (size := _size(own)) < to_bytes:
            own.say(f"{size / GB:.2f} of {to_bytes / GB:.2f} GB")
            rows = int(min(to_bytes - size, 500 * MB) / 1_000) + 1
            with connection.cursor().copy("COPY bench_texts (text) FROM STDIN") as copy:
                for _ in range(rows):
                    copy.write_row((". ".join(chosen.choices(pool, k=SENTENCES_PER_ROW)),))
        connection.execute("VACUUM ANALYZE bench_texts")
        connection.execute("CHECKPOINT")
    return _size(own)


def _lengths() -> list[int]:
    return [2 + number % 8 for number in range(VOCABULARY)]


def _size(own: Workspace) -> int:
    with own.connect() as connection:
        row = connection.execute(SIZE).fetchone()
    assert row is not None
    return int(row[0])


def _delete(own: Workspace) -> None:
    if own.settings.home.exists():
        own.howdah("reset", "--yes")
    shutil.rmtree(own.settings.home, ignore_errors=True)
