"""Which certificate a server really presents: connect, verify it fully, look."""

import socket
import ssl
import struct
from dataclasses import dataclass
from datetime import UTC, datetime

TIMEOUT_SECONDS = 2.0
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""PostgreSQL's question whether the connection may be encrypted; PgBouncer knows it too."""
WILLING = b"S"


class NotEncrypted(ConnectionError):
    """The server does not encrypt connections."""


@dataclass(frozen=True)
class Presented:
    """The certificate of a server that passed every check."""

    serial: str
    expires: datetime


def presented(
    host: str, port: int, context: ssl.SSLContext, *, postgresql: bool = False, path: str = ""
) -> Presented:
    """Connect and verify authority, validity and host; `path` is asked for over HTTP afterwards.

    A server that demands a certificate of ours refuses a wrong one only when it is asked
    something (TLS 1.3). Raises OSError, and ssl.SSLError among them.
    """
    with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as plain:
        if postgresql:
            _ask_for_encryption(plain)
        with context.wrap_socket(plain, server_hostname=host) as encrypted:
            shown = encrypted.getpeercert()
            if path:
                _get(encrypted, host, path)
    assert shown is not None  # the handshake would have failed
    ends = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    return Presented(str(shown["serialNumber"]), datetime.fromtimestamp(ends, UTC))


def reason(failure: OSError) -> str:
    """Why the connection failed, in words."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {failure.verify_message}"
    if isinstance(failure, ssl.SSLError):
        return (
            f"no encrypted connection: {(failure.reason or str(failure)).replace('_', ' ').lower()}"
        )
    if isinstance(failure, TimeoutError):
        return "it does not answer in time"
    if isinstance(failure, ConnectionRefusedError):
        return "nothing listens there"
    return failure.strerror or str(failure) or type(failure).__name__


def _ask_for_encryption(plain: socket.socket) -> None:
    plain.sendall(SSL_REQUEST)
    answer = plain.recv(1)
    if answer != WILLING:
        raise NotEncrypted("the server does not encrypt connections")


def _get(encrypted: ssl.SSLSocket, host: str, path: str) -> None:
    encrypted.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    if not encrypted.recv(1):
        raise ConnectionResetError("it closed the connection")
