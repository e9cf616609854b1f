"""TLS handshakes in memory, between a server and a client with these files."""

import ssl
from pathlib import Path

from howdah.foundation.certificates import CertificateStore


def server_context(store: CertificateStore, name: str) -> ssl.SSLContext:
    """A server that shows this certificate and demands one of ours."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(store.certificate(name), store.key(name))
    context.load_verify_locations(store.authority_certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def client_context(trusted: Path, store: CertificateStore, name: str) -> ssl.SSLContext:
    """A client that verifies strictly, host name and all, and shows this certificate."""
    context = ssl.create_default_context(cafile=trusted)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(store.certificate(name), store.key(name))
    return context


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str:
    """Connect the two; the serial number that the client was shown. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (ours, theirs, ours, theirs, ours):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    shown = ours.getpeercert()
    assert shown is not None
    assert theirs.getpeercert() is not None
    return str(shown["serialNumber"])
