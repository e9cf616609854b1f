"""What requests are told while the pooler is away, and how long they wait to hear it."""

import socket
import time
from dataclasses import replace

from howdah.entrypoints.web.application import create_application
from howdah.entrypoints.web.assembly import open_services
from howdah.foundation.settings import Settings
from tests.api.callers import Caller


def closed_port() -> int:
    """Where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_one_request_waits_for_a_pooler_that_is_away_and_the_next_ones_do_not(
    settings: Settings, as_stranger: Caller
) -> None:
    topology = settings.topology
    away = replace(topology, ports=replace(topology.ports, pgbouncer=closed_port()))
    services = open_services(replace(settings, topology=away))
    try:
        client = create_application(services).test_client(use_cookies=False)
        caller = replace(as_stranger, client=client)
        first = caller.get("/me")
        begun = time.monotonic()
        answers = [caller.get("/me"), caller.get("/me"), client.get("/readyz")]
        waited = time.monotonic() - begun
    finally:
        services.database.close()
    for answer in (first, *answers):
        assert answer.status_code == 503
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Retry-After"] == "2"
    assert waited < 3
