"""/healthz: the process lives. /readyz: it can serve. /metrics: what it counts."""

from flask import Flask, Response, request

from howdah.entrypoints.web.dispatch import request_id_of
from howdah.entrypoints.web.problems import DEFAULT_RETRY_AFTER_SECONDS, problem_response
from howdah.entrypoints.web.services import Services
from howdah.foundation.certificates import certificate_expiries
from howdah.foundation.database import NOBODY, Statement
from howdah.foundation.errors import HowdahError
from howdah.foundation.metrics import exposition
from howdah.operations.backups.metrics import BackupMetrics

READY = Statement("ready", "SELECT max(version) FROM schema_migrations")


def add_routes(application: Flask, services: Services) -> None:
    """Add the three."""

    @application.get("/healthz")
    def healthz() -> Response:
        return Response(b'{"status":"ok"}', content_type="application/json")

    @application.get("/readyz")
    def readyz() -> Response:
        # Redis is not asked: without it requests are still served (rate limits fail open, jobs
        # wait in the outbox), and a load balancer must not take the API away for that.
        try:
            with services.database.read(NOBODY) as queries:
                queries.value(READY)
        except HowdahError as error:
            detail = f"Cannot serve: {error.message}"
            refused = problem_response(503, "not_ready", detail, request_id_of(request))
            refused.headers["Retry-After"] = str(DEFAULT_RETRY_AFTER_SECONDS)
            return refused
        return Response(b'{"status":"ready"}', content_type="application/json")

    @application.get("/metrics")
    def metrics() -> Response:
        settings = services.settings
        counted = exposition(
            settings.metrics_directory, certificate_expiries(settings), [BackupMetrics(settings)]
        )
        return Response(counted, content_type="text/plain; version=0.0.4")
