"""The installation's own certificate authority and the certificates that it signs, as files.

Imports the standard library, cryptography (only where something is signed or parsed, so that
other commands start without it), and foundation's settings, topology, accounts and errors.
"""

from howdah.foundation.certificates.ensure import (
    Replacement,
    ensure_certificates,
    issue_all,
    stage_all,
)
from howdah.foundation.certificates.expiry import certificate_expiries
from howdah.foundation.certificates.requests import (
    CertificateRequest,
    CertificateView,
    certificates_of,
)
from howdah.foundation.certificates.store import CertificateStore

__all__ = [
    "CertificateRequest",
    "CertificateStore",
    "CertificateView",
    "Replacement",
    "certificate_expiries",
    "certificates_of",
    "ensure_certificates",
    "issue_all",
    "stage_all",
]
