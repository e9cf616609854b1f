"""One authority takes over from another, in steps between which everything works.

    1. begin     ca.crt holds the old authority and the new one, which waits in `next/`
    2. take over ca.key is the new authority's: what is issued from now on is signed by it
    3. finish    ca.crt holds the new one only

Whoever calls sees to it that every program has followed one step before the next. Each step can
be repeated; what lies in the folder says how far it came.
"""

import shutil
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from howdah.foundation.certificates.issuing import make_authority, writing
from howdah.foundation.certificates.reading import (
    CertificatesUnusable,
    read_authority,
    read_trusted,
)
from howdah.foundation.certificates.requests import ROOT
from howdah.foundation.certificates.store import CertificateStore, write_file
from howdah.foundation.settings import Settings


def begin(settings: Settings) -> bool:
    """Make the new authority and trust both; False when there is no old one worth trusting.

    Raises CertificatesUnusable, CommandFailed.
    """
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        successor = _successor(settings, store.next_authority)
        old = [item for item in _still_trusted(store) if item != successor]
        _trust(store, [*old, successor])
    return bool(old)


def can_sign(settings: Settings) -> bool:
    """Whether the old authority could still issue: its key is here, and it has not expired."""
    try:
        authority = read_authority(CertificateStore(settings.layout.certificates))
    except CertificatesUnusable:
        return False
    return authority.certificate.not_valid_after_utc > datetime.now(UTC)


def take_over(settings: Settings) -> None:
    """Have the new authority sign; the old one's key is gone after that."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        key = read_authority(store.next_authority).key_pem
        write_file(store.authority_key, key, ROOT, 0o600)


def finish(settings: Settings) -> None:
    """Trust the new authority alone."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        _trust(store, [read_authority(store.next_authority).certificate])


def forget_succession(settings: Settings) -> None:
    """Everything has followed: nothing waits any more."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        shutil.rmtree(store.next_authority.folder)


def _successor(settings: Settings, waiting: CertificateStore) -> x509.Certificate:
    """The authority that waits; another one when none does, or what waits is of no use."""
    try:
        return read_authority(waiting).certificate
    except CertificatesUnusable:
        make_authority(settings, waiting)
        return read_authority(waiting).certificate


def _still_trusted(store: CertificateStore) -> list[x509.Certificate]:
    try:
        trusted = read_trusted(store)
    except CertificatesUnusable:  # lost: there is nothing to go on trusting
        return []
    now = datetime.now(UTC)
    return [item for item in trusted if item.not_valid_after_utc > now]


def _trust(store: CertificateStore, authorities: list[x509.Certificate]) -> None:
    pem = b"".join(item.public_bytes(Encoding.PEM) for item in authorities)
    write_file(store.authority_certificate, pem, ROOT, 0o644)
