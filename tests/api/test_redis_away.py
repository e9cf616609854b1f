"""Requests are served while Redis is away, and do not wait for it."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from howdah.entrypoints.web.application import create_application
from howdah.entrypoints.web.assembly import open_services
from howdah.foundation.settings import Settings
from tests.api.callers import Caller, Tenant


@dataclass
class SilentServer:
    """Accepts connections and never answers, as a Redis that hangs."""

    listener: socket.socket
    accepted: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        """Until the listener is shut down."""
        while True:
            try:
                self.accepted.append(self.listener.accept()[0])
            except OSError:
                return


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = SilentServer(listener)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in server.accepted:
        connection.close()


def test_a_request_asks_a_silent_redis_once_and_is_answered_without_it(
    silent: SilentServer, settings: Settings, as_owner: Caller, tenant: Tenant
) -> None:
    topology = settings.topology
    away = replace(topology, ports=replace(topology.ports, redis=silent.port))
    services = open_services(replace(settings, topology=away))
    try:
        client = create_application(services).test_client(use_cookies=False)
        answer = replace(as_owner, client=client).get(tenant.path("documents"))
    finally:
        services.database.close()
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    assert len(silent.accepted) == 1
