"""The OpenAPI 3.1 document, made from the endpoints' declarations."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from howdah.entrypoints.web.consistency import CONSISTENCY_TOKEN, HEADER
from howdah.entrypoints.web.endpoints import Endpoint
from howdah.entrypoints.web.fields import LARGEST_ID
from howdah.entrypoints.web.idempotency import IDEMPOTENCY_KEY

PREFIX = "/api/v1"
PATH_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
WHERE_IT_IS = {
    "description": "Where the change is in the history. Send it with reads that must not miss it.",
    "schema": {"type": "string", "pattern": CONSISTENCY_TOKEN.pattern},
}
REFERENCE = "#/components/schemas/{model}"
PATH_TYPES = {
    "int": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
    "uuid": {"type": "string", "format": "uuid"},
    "": {"type": "string"},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable, for programs."},
        "detail": {"type": "string", "description": "A sentence, for people."},
        "request_id": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """The whole document."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        path = PREFIX + PATH_PART.sub(r"{\2}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Howdah",
            "version": version,
            "summary": "Documents of many organizations: written, found, kept apart.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    """One method of one path."""
    described: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": (endpoint.handler.__doc__ or endpoint.summary).strip(),
        "tags": [endpoint.tag],
        "parameters": parameters(endpoint, schemas),
        "responses": {
            **{
                str(status): answer(status, model, schemas, writes=endpoint.transaction)
                for status, model in endpoint.answers.items()
            },
            "default": {
                "description": "Something is wrong; the problem says what.",
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": REFERENCE.format(model="Problem")}
                    }
                },
            },
        },
    }
    if endpoint.access == "anybody":
        described["security"] = []
    if endpoint.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of(endpoint.body, schemas)}},
        }
    elif endpoint.raw_body:
        content: dict[str, Any] = {kind: {} for kind in endpoint.raw_body}
        described["requestBody"] = {"required": True, "content": content}
    return described


def parameters(endpoint: Endpoint, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """Path, query and header parameters."""
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PATH_TYPES[kind]}
        for kind, name in PATH_PART.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        declared = schema_of(endpoint.query, schemas, inline=True)
        for name, schema in declared.get("properties", {}).items():
            found.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in declared.get("required", []),
                    **written(schema),
                }
            )
    headers = dict(endpoint.headers)
    if endpoint.idempotency:
        headers["Idempotency-Key"] = IDEMPOTENCY_KEY
    if endpoint.method == "GET" and endpoint.purpose != "primary":
        headers[HEADER] = CONSISTENCY_TOKEN
    for name, header in headers.items():
        found.append(
            {
                "name": name,
                "in": "header",
                "required": header.required,
                "description": header.description,
                "schema": {"type": "string", "pattern": header.pattern},
            }
        )
    return found


def written(schema: dict[str, Any]) -> dict[str, Any]:
    """How a query parameter is written: an object as JSON, anything else plainly."""
    if any(choice.get("type") == "object" for choice in (schema, *schema.get("anyOf", ()))):
        return {"content": {"application/json": {"schema": schema}}}
    return {"schema": schema}


def answer(
    status: int, model: Any, schemas: dict[str, Any], *, writes: bool = False
) -> dict[str, Any]:
    """One documented answer."""
    described: dict[str, Any] = {"description": {204: "Done.", 201: "Created."}.get(status, "OK.")}
    if writes:
        described["headers"] = {HEADER: WHERE_IT_IS}
    if isinstance(model, str):
        described["content"] = {model: {}}
    elif model is not None:
        described["content"] = {"application/json": {"schema": schema_of(model, schemas)}}
    return described


def schema_of(model: Any, schemas: dict[str, Any], *, inline: bool = False) -> dict[str, Any]:
    """The JSON Schema of a pydantic type; what it refers to is added to `schemas`."""
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    schema = adapter.json_schema(ref_template=REFERENCE, mode="validation")
    schemas.update(schema.pop("$defs", {}))
    name = getattr(model, "__name__", None)
    if inline or name is None or "properties" not in schema:
        return schema
    schemas[name] = schema
    return {"$ref": REFERENCE.format(model=name)}
