"""Where peers connect, from the environment: the stack's PgBouncer, as the application's role."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    user: str
    password: str
    database: str
    connections: int  # of one worker process


def server() -> Server:
    """As the launcher set it (PEER_*)."""
    return Server(
        host=os.environ["PEER_HOST"],
        port=int(os.environ["PEER_PORT"]),
        user=os.environ["PEER_USER"],
        password=os.environ["PEER_PASSWORD"],
        database=os.environ["PEER_DATABASE"],
        connections=int(os.environ["PEER_CONNECTIONS"]),
    )
