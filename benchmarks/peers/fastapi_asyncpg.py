"""FastAPI with asyncpg: uvicorn, uvloop and httptools; orjson writes the rows that asyncpg read.

Tuned: the pool's reset query, one more round trip for each request, is left out, as PgBouncer in
transaction mode keeps no session state. PEER_RESET=1 puts it back (the library's default).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel

from benchmarks.peers import queries
from benchmarks.peers.database import server


class NewDocument(BaseModel):
    title: str
    content: str
    author_id: int
    tags: list[str] = []


async def _keep(_: asyncpg.Connection) -> None:
    """Nothing to reset."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    where = server()
    resetting = {} if os.environ.get("PEER_RESET") == "1" else {"reset": _keep}
    async with asyncpg.create_pool(
        host=where.host,
        port=where.port,
        user=where.user,
        password=where.password,
        database=where.database,
        min_size=where.connections,
        max_size=where.connections,
        statement_cache_size=0,
        **resetting,
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


def _json(data: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, media_type="application/json")


@app.get("/ready")
async def ready(request: Request) -> Response:
    return _json(await request.app.state.pool.fetchval("SELECT 1"))


@app.get("/orgs/{org_id}/documents/{document_id}")
async def get(request: Request, org_id: int, document_id: int) -> Response:
    row = await request.app.state.pool.fetchrow(queries.GET, org_id, document_id)
    if row is None:
        raise HTTPException(404)
    return _json(dict(row))


@app.get("/orgs/{org_id}/documents")
async def list_documents(request: Request, org_id: int) -> Response:
    rows = await request.app.state.pool.fetch(queries.LIST, org_id)
    return _json({"items": [dict(row) for row in rows]})


@app.get("/orgs/{org_id}/search")
async def search(request: Request, org_id: int, q: str) -> Response:
    rows = await request.app.state.pool.fetch(queries.SEARCH, org_id, q)
    return _json({"items": [dict(row) for row in rows]})


@app.post("/orgs/{org_id}/documents")
async def create(request: Request, org_id: int, new: NewDocument) -> Response:
    row = await request.app.state.pool.fetchrow(
        queries.INSERT, org_id, new.title, new.content, new.author_id, new.tags
    )
    return _json(dict(row), 201)
