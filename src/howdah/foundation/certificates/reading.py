"""What lies in the folder: parsed, and judged against what is needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from howdah.foundation.certificates.authority import Authority, serial_text
from howdah.foundation.certificates.requests import CertificateRequest, CertificateView
from howdah.foundation.certificates.store import CertificateStore
from howdah.foundation.errors import CommandFailed

RENEW_BEFORE = timedelta(days=30)
"""A certificate with less than this left is due for another."""
PUT_BACK = (
    "put it back from where you keep its copy, or move to another authority: "
    "`howdah cluster rotate-certificates --authority`"
)


class CertificatesUnusable(CommandFailed):
    """The certificates of this installation cannot be used."""


def read_authority(store: CertificateStore) -> Authority:
    """The authority that signs: its key, and the certificate in ca.crt that belongs to it.

    Raises CertificatesUnusable that says what is missing and what to do.
    """
    key = _read_key(store.authority_key, "the key of the certificate authority")
    for certificate in read_trusted(store):
        if certificate.public_key() == key.public_key():
            return Authority(certificate, key)
    raise CertificatesUnusable(
        f"{store.authority_key} is not the key of a certificate in {store.authority_certificate}",
        hint=PUT_BACK,
    )


def read_trusted(store: CertificateStore) -> list[x509.Certificate]:
    """Every authority that clients trust, the first one first. Raises CertificatesUnusable."""
    path = store.authority_certificate
    what = "the certificate of the certificate authority"
    try:
        return x509.load_pem_x509_certificates(_read(path, what))
    except ValueError as problem:
        raise _damaged(path, what) from problem


def read_certificate(path: Path) -> x509.Certificate:
    """One certificate. Raises OSError, and ValueError when it is none."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def certificate_views(
    store: CertificateStore, requests: Sequence[CertificateRequest], now: datetime
) -> list[CertificateView]:
    """The authorities that are trusted, and a certificate for each request.

    Raises CertificatesUnusable when the authority's certificate cannot be read.
    """
    trusted = read_trusted(store)
    authorities = [
        _view(store.authority_certificate.stem, item, _why_too_old(item, [item], now))
        for item in trusted
    ]
    return authorities + [_view_of(store, trusted, request, now) for request in requests]


def _view_of(
    store: CertificateStore,
    trusted: list[x509.Certificate],
    request: CertificateRequest,
    now: datetime,
) -> CertificateView:
    trouble = why_due(store, trusted, request, now)
    try:
        certificate = read_certificate(store.certificate(request.name))
    except (OSError, ValueError):
        return CertificateView(request.name, "", None, request.hosts, "", trouble or "unreadable")
    return _view(request.name, certificate, trouble)


def _view(name: str, certificate: x509.Certificate, trouble: str | None) -> CertificateView:
    return CertificateView(
        name,
        serial_text(certificate),
        certificate.not_valid_after_utc,
        hosts_of(certificate),
        certificate.issuer.rfc4514_string(),
        trouble or "",
    )


def hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses it holds for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def why_due(
    store: CertificateStore,
    trusted: list[x509.Certificate],
    request: CertificateRequest,
    now: datetime,
) -> str | None:
    """Why this certificate must be issued (again), or None when it is good."""
    try:
        certificate = read_certificate(store.certificate(request.name))
        key = load_pem_private_key(store.key(request.name).read_bytes(), password=None)
    except FileNotFoundError:
        return "missing"
    except (OSError, ValueError):
        return "unreadable"
    if key.public_key() != certificate.public_key():
        return "not the certificate of its key"
    if not any(signed_by(certificate, authority) for authority in trusted):
        return "signed by another authority"
    if set(hosts_of(certificate)) != set(request.hosts):
        return "for other hosts"
    return _why_too_old(certificate, trusted, now)


def _why_too_old(
    certificate: x509.Certificate, trusted: list[x509.Certificate], now: datetime
) -> str | None:
    ends = certificate.not_valid_after_utc
    longest = max(authority.not_valid_after_utc for authority in trusted)
    if ends - now > RENEW_BEFORE or (ends == longest and ends > now):
        return None  # another one would end on the same day: with the authority
    return "expired" if ends <= now else "about to expire"


def signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether the authority signed it."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _read_key(path: Path, what: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(_read(path, what), password=None)
    except (ValueError, TypeError) as problem:
        raise _damaged(path, what) from problem
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _damaged(path, what)
    return key


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CertificatesUnusable(
            f"{what} is gone: {path}",
            hint=PUT_BACK,
        ) from None
    except OSError as refusal:
        raise CertificatesUnusable(
            f"{what} cannot be read: {path} ({refusal.strerror})",
            hint="run the command as the user that ran `howdah up`",
        ) from refusal


def _damaged(path: Path, what: str) -> CertificatesUnusable:
    return CertificatesUnusable(
        f"{what} is damaged: {path}",
        hint=PUT_BACK,
    )
