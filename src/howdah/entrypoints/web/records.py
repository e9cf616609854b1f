"""What is written down about each request: one log line and one observation."""

from howdah.entrypoints.web.calls import Call
from howdah.foundation.logs import write_line
from howdah.foundation.metrics import observe_request

LOGGER = "howdah.web.requests"


def record_request(call: Call, status: int, seconds: float) -> None:
    """Neither the query string (it holds what people search for) nor headers are written."""
    endpoint = call.endpoint
    observe_request(endpoint.name, endpoint.method, status, seconds)
    identity = call.queries.identity if hasattr(call, "queries") else {}
    write_line(
        LOGGER,
        "request",
        {
            "request_id": call.request_id,
            "endpoint": endpoint.name,
            "method": endpoint.method,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "user_id": identity.get("user_id"),
            "org_id": identity.get("org_id"),
            "client": call.client_address,
        },
    )
