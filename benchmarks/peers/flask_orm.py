"""Flask as tutorials show it: SQLAlchemy's ORM, a session a request, jsonify.

Tuned where it costs the tutorial nothing: a pool as large as the threads, no pre-ping, granian as
the server.
"""

from datetime import datetime
from typing import Any

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import URL, create_engine, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, deferred, mapped_column, sessionmaker
from sqlalchemy.types import Text

from benchmarks.peers.database import server

_where = server()
engine = create_engine(
    URL.create(
        "postgresql+psycopg",
        _where.user,
        _where.password,
        _where.host,
        _where.port,
        _where.database,
    ),
    pool_size=_where.connections,
    max_overflow=0,
    connect_args={"prepare_threshold": None},
)
sessions = sessionmaker(engine, expire_on_commit=False)
app = Flask(__name__)


class Base(DeclarativeBase):
    """The ORM's registry."""


class Document(Base):
    __tablename__ = "documents"
    __table_args__ = ({"schema": "bench"},)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    content: Mapped[str]
    author_id: Mapped[int]
    org_id: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    updated_by: Mapped[int | None]
    language: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default="")
    deleted_at: Mapped[datetime | None]
    search_vector: Mapped[Any] = deferred(mapped_column(TSVECTOR, server_default=""))

    def to_dict(self, content: bool = True) -> dict[str, Any]:
        found = {
            "id": self.id,
            "title": self.title,
            "tags": self.tags,
            "language": self.language,
            "author_id": self.author_id,
            "revision": self.revision,
            "created_at": self.created_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
        }
        if content:
            return {**found, "content": self.content, "updated_by": self.updated_by}
        return {**found, "deleted_at": self.deleted_at}


@app.get("/ready")
def ready() -> ResponseReturnValue:
    with sessions() as session:
        return jsonify(session.scalar(select(1)))


def _living(org_id: int) -> Any:
    return select(Document).where(Document.org_id == org_id, Document.deleted_at.is_(None))


@app.get("/orgs/<int:org_id>/documents/<int:document_id>")
def get(org_id: int, document_id: int) -> ResponseReturnValue:
    with sessions() as session:
        found = session.scalar(_living(org_id).where(Document.id == document_id))
        if found is None:
            abort(404)
        return jsonify(found.to_dict())


@app.get("/orgs/<int:org_id>/documents")
def list_documents(org_id: int) -> ResponseReturnValue:
    newest = _living(org_id).order_by(Document.updated_at.desc(), Document.id.desc()).limit(20)
    with sessions() as session:
        return jsonify(items=[found.to_dict(content=False) for found in session.scalars(newest)])


@app.get("/orgs/<int:org_id>/search")
def search(org_id: int) -> ResponseReturnValue:
    query = func.websearch_to_tsquery("english", request.args["q"])
    rank = func.ts_rank(Document.search_vector, query).label("rank")
    page = (
        select(Document.id, Document.title, Document.content, rank)
        .where(Document.org_id == org_id, Document.deleted_at.is_(None))
        .where(Document.search_vector.op("@@")(query))
        .order_by(rank.desc())
        .limit(10)
        .subquery()
    )
    snippet = func.ts_headline("english", page.c.content, query).label("snippet")
    statement = select(page.c.id, page.c.title, page.c.rank, snippet).order_by(page.c.rank.desc())
    with sessions() as session:
        return jsonify(items=[dict(row) for row in session.execute(statement).mappings()])


@app.post("/orgs/<int:org_id>/documents")
def create(org_id: int) -> ResponseReturnValue:
    given = request.get_json()
    with sessions() as session:
        return jsonify(_insert(session, org_id, given)), 201


def _insert(session: Session, org_id: int, given: dict[str, Any]) -> dict[str, Any]:
    new = Document(
        org_id=org_id,
        title=given["title"],
        content=given["content"],
        author_id=given["author_id"],
        tags=given.get("tags", []),
    )
    session.add(new)
    session.commit()
    return {"id": new.id, "revision": new.revision, "created_at": new.created_at.isoformat()}
