"""Reads one document again and again, each time in the way that a line on standard input names.

Runs in the benchmarks' Python environment, as a process of its own.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from howdah.foundation.settings import Settings, load_settings
from howdah.product.documents.reading import GET

Read = Callable[[], object]
BIND = "SELECT howdah.bind(%s::integer, NULL)"


@dataclass(frozen=True)
class Variant:
    """`trips`: round trips to the database of one read."""

    title: str
    trips: int
    prepare: Callable[[Settings, int, int], Read]


def _ours(settings: Settings, org_id: int, document_id: int) -> Read:
    from howdah.foundation.database import Database, tenant  # noqa: PLC0415

    database = Database.open(settings, size=1, application_name="bench database-layer")

    def read() -> object:
        with database.read(tenant(org_id)) as reader:
            return reader.one(GET, (org_id, document_id))

    return read


def _engine(settings: Settings, **options: Any) -> Any:
    from sqlalchemy import URL, create_engine  # noqa: PLC0415  (in the benchmarks' environment)

    pooler = settings.topology.pgbouncer
    url = URL.create(
        "postgresql+psycopg",
        "app_write",
        settings.secret("app_write"),
        pooler.host,
        settings.topology.ports.pgbouncer,
        settings.topology.purposes["primary"],
    )
    connect = {"prepare_threshold": None, **options.pop("connect_args", {})}
    return create_engine(url, pool_size=1, max_overflow=0, connect_args=connect, **options)


def _raw_message(settings: Settings, org_id: int, document_id: int) -> Read:
    from psycopg import ClientCursor  # noqa: PLC0415
    from psycopg.rows import dict_row  # noqa: PLC0415

    engine = _engine(
        settings, isolation_level="AUTOCOMMIT", connect_args={"cursor_factory": ClientCursor}
    )
    message = f"{BIND};{GET.text}"

    def read() -> object:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            with driver.cursor(row_factory=dict_row) as cursor:
                cursor.execute(message, (org_id, org_id, document_id))
                cursor.nextset()
                return cursor.fetchone()

    return read


def _autocommit(settings: Settings, org_id: int, document_id: int) -> Read:
    from sqlalchemy import text  # noqa: PLC0415

    engine = _engine(settings, isolation_level="AUTOCOMMIT")
    # Below the policy: without a tenant it would show nothing.
    statement = text(
        """
        SELECT id, title, content, tags, language, author_id, updated_by, revision,
               created_at, updated_at
        FROM bench.documents
        WHERE org_id = :org AND id = :id AND deleted_at IS NULL
        """
    )

    def read() -> object:
        with engine.connect() as connection:
            found = connection.execute(statement, {"org": org_id, "id": document_id})
            return found.mappings().one()

    return read


def _transaction(settings: Settings, org_id: int, document_id: int) -> Read:
    from sqlalchemy import text  # noqa: PLC0415

    engine = _engine(settings)
    bind = text("SELECT howdah.bind(CAST(:org AS integer), NULL)")
    statement = text(_named(GET.text))

    def read() -> object:
        with engine.begin() as connection:
            connection.execute(bind, {"org": org_id})
            found = connection.execute(statement, {"org": org_id, "id": document_id})
            return found.mappings().one()

    return read


def _named(query: str) -> str:
    """The product's statement with SQLAlchemy's named parameters."""
    return query.replace("%s::integer", ":org ::integer", 1).replace("%s::integer", ":id ::integer")


VARIANTS = {
    "ours": Variant("howdah.foundation.database: psycopg_pool, one message", 1, _ours),
    "raw": Variant("SQLAlchemy's pool, one message on the driver's cursor", 1, _raw_message),
    "autocommit": Variant("SQLAlchemy Core, autocommit (no tenant)", 1, _autocommit),
    "transaction": Variant("SQLAlchemy Core, BEGIN, tenant, query, COMMIT", 4, _transaction),
}


def main() -> None:
    org_id, document_id = int(sys.argv[1]), int(sys.argv[2])
    settings = load_settings()
    reads = {
        name: variant.prepare(settings, org_id, document_id) for name, variant in VARIANTS.items()
    }
    for read in reads.values():
        assert read(), "the document is not there"
    for line in sys.stdin:
        name, times = line.split()
        read = reads[name]
        for _ in range(int(times)):
            read()
        print("done", flush=True)


if __name__ == "__main__":
    main()
