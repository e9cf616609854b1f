"""The Flask application: one view for each declared endpoint, and the pages around them."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from howdah.entrypoints.web import api, health, openapi
from howdah.entrypoints.web.dispatch import SECURITY_HEADERS, request_id_of, view_of
from howdah.entrypoints.web.endpoints import REGISTRY
from howdah.entrypoints.web.problems import from_error, from_http
from howdah.entrypoints.web.services import Services
from howdah.foundation.errors import HowdahError


def create_application(services: Services) -> Flask:
    """The application over these services. Connects to nothing yet."""
    api.load()
    application = Flask("howdah.entrypoints.web", static_folder=None)
    application.json.sort_keys = False  # type: ignore[attr-defined]
    for endpoint in REGISTRY:
        application.add_url_rule(
            openapi.PREFIX + endpoint.path,
            endpoint.name,
            view_of(endpoint, services),
            methods=[endpoint.method],
            provide_automatic_options=False,
        )
    add_description(application)
    health.add_routes(application, services)
    application.register_error_handler(HTTPException, _refused)
    application.register_error_handler(Exception, _failed)
    application.after_request(_secured)
    return application


def add_description(application: Flask) -> None:
    """/openapi.json for programs and /docs for people."""
    described = openapi.document(REGISTRY, package_version())
    as_json = orjson.dumps(described)

    @application.get("/openapi.json")
    def openapi_document() -> Response:
        return Response(as_json, content_type="application/json")

    @application.get("/docs")
    def readable_documentation() -> str:
        return render_template("docs.html", document=described, by_tag=_by_tag(described))

    @application.get("/docs.css")
    def documentation_style() -> Response:
        return Response(render_template("docs.css"), content_type="text/css; charset=utf-8")


def package_version() -> str:
    """The installed version."""
    try:
        return version("howdah")
    except PackageNotFoundError:
        return "0.1.0"


def _by_tag(described: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    grouped: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            grouped.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return grouped


def _refused(error: HTTPException) -> Response:
    return _identified(from_http(error, request_id_of(request)))


def _failed(error: Exception) -> Response:
    """No traceback reaches a user: it goes to the log under the request's id."""
    request_id = request_id_of(request)
    if isinstance(error, HowdahError):
        return _identified(from_error(error, request_id))
    return _identified(from_error(unforeseen(error), request_id))


def unforeseen(error: Exception) -> HowdahError:
    """The error of ours that brings another one, with its traceback, into the log."""
    failure = HowdahError()
    failure.__cause__ = error
    return failure


def _identified(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id_of(request)
    return response


def _secured(response: Response) -> Response:
    """For the pages that are no endpoints; those bring the headers along."""
    if SECURITY_HEADERS[0][0] not in response.headers:
        response.headers.extend(SECURITY_HEADERS)
    return response
