"""The application's own metrics, in Prometheus's terms: base units, bounded labels.

Several processes serve the API; with PROMETHEUS_MULTIPROC_DIR set (the stack does) they share
their counts through files there, and any of them answers `/metrics` for all.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.registry import REGISTRY, Collector

from howdah.foundation.topology import PURPOSES

QUERY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
REQUEST_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_query_seconds = Histogram(
    "howdah_query_duration_seconds",
    "Time from sending a statement to its answer, pooler included.",
    ["statement", "purpose"],
    buckets=QUERY_BUCKETS,
)
_request_seconds = Histogram(
    "howdah_request_duration_seconds",
    "Time from a request's arrival to its answer.",
    ["endpoint", "method", "status"],
    buckets=REQUEST_BUCKETS,
)
RATE_LIMITED = Counter(
    "howdah_rate_limited_requests_total", "Requests refused by a rate limit.", ["limit"]
)
RATE_LIMIT_UNCHECKED = Counter(
    "howdah_rate_limit_unchecked_requests_total",
    "Requests let through unchecked because Redis was away.",
)
REPLICA_FALLBACKS = Counter(
    "howdah_replica_fallbacks_total",
    "Reads for a replica that could not answer them, most of which the primary answered instead.",
    ["purpose", "reason"],
)
OVERDUE_MESSAGES = Counter(
    "howdah_overdue_messages_total",
    "Database messages given up because no answer came in time.",
)
REPEATED_REQUESTS = Counter(
    "howdah_repeated_requests_total",
    "Requests carried out again after their database connection was lost, by how that ended.",
    ["outcome"],
)
CERTIFICATE_EXPIRY = Gauge(
    "howdah_certificate_expiry_timestamp_seconds",
    "When a certificate of the cluster ends, in Unix seconds; 0 when its file cannot be read.",
    ["certificate"],
    multiprocess_mode="mostrecent",
)
SCHEMA_DRIFT = Gauge(
    "howdah_schema_drift_objects",
    "Objects of the schema that are not as their migrations made them; -1 when it cannot be said.",
    multiprocess_mode="mostrecent",
)
NO_CERTIFICATES: Mapping[str, float] = MappingProxyType({})


def _query_observer(purpose: str) -> Callable[[str, float], None]:
    """Looking a labelled child up costs more than observing; each is looked up once."""
    children: dict[str, Histogram] = {}

    def observe(statement: str, seconds: float) -> None:
        child = children.get(statement)
        if child is None:
            child = children[statement] = _query_seconds.labels(statement, purpose)
        child.observe(seconds)

    return observe


QUERY_SECONDS = {purpose: _query_observer(purpose) for purpose in PURPOSES}
"""Purpose → told each statement's name and seconds."""

_request_children: dict[tuple[str, str, int], Histogram] = {}


def observe_request(endpoint: str, method: str, status: int, seconds: float) -> None:
    """Count one request; `endpoint` is the route's name, never the path."""
    key = (endpoint, method, status)
    child = _request_children.get(key)
    if child is None:
        child = _request_children[key] = _request_seconds.labels(endpoint, method, str(status))
    child.observe(seconds)


def exposition(
    multiprocess_directory: str | None,
    certificates: Mapping[str, float] = NO_CERTIFICATES,
    more: Iterable[Collector] = (),
) -> bytes:
    """Everything in Prometheus's text format, of all processes when they share a directory.

    `certificates`: name → when it ends (Unix seconds), as of now. `more`: asked at this moment.
    """
    for name, ends in certificates.items():
        CERTIFICATE_EXPIRY.labels(name).set(ends)
    registry = CollectorRegistry()
    for collector in more:
        registry.register(collector)
    if multiprocess_directory is None:
        return generate_latest(REGISTRY) + generate_latest(registry)
    multiprocess.MultiProcessCollector(registry, path=multiprocess_directory)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
