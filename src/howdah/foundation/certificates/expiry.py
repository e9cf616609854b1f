"""When each certificate ends: for the metric, and for those who look."""

from datetime import datetime
from functools import cache
from pathlib import Path

from howdah.foundation.certificates.requests import certificates_of
from howdah.foundation.certificates.store import CertificateStore
from howdah.foundation.settings import Settings

AUTHORITY = "ca"


def certificate_expiries(settings: Settings) -> dict[str, float]:
    """Certificate → when it ends (Unix seconds), 0 when its file cannot be read; empty in solo."""
    requests = certificates_of(settings.topology)
    if not requests:
        return {}
    store = CertificateStore(settings.layout.certificates)
    names = (AUTHORITY, *(request.name for request in requests))
    return {name: _expiry(store.certificate(name)) for name in names}


def _expiry(path: Path) -> float:
    try:
        found = path.stat()
        return _ends(path, found.st_mtime_ns, found.st_ino).timestamp()
    except (OSError, ValueError):  # an alert on the past notices a file that is gone or damaged
        return 0.0


@cache
def _ends(path: Path, modified: int, inode: int) -> datetime:
    """Parsed once for each version of the file; of several certificates, the first to end."""
    from cryptography import x509  # noqa: PLC0415  (not in solo, nor before the first scrape)

    found = x509.load_pem_x509_certificates(path.read_bytes())
    return min(certificate.not_valid_after_utc for certificate in found)
