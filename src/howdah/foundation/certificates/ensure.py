"""Make what is missing, renew what is due. Runs in `up`, so it loads cryptography only in full."""

from dataclasses import dataclass

from howdah.foundation.certificates.requests import certificates_of
from howdah.foundation.settings import Settings


@dataclass(frozen=True)
class Replacement:
    """A new certificate for an old one, by serial numbers; `old` is None for a first one."""

    name: str
    old: str | None
    new: str


def ensure_certificates(settings: Settings) -> list[str]:
    """The authority and every certificate of the topology, made or renewed where need be.

    Returns the names of those that are new ("ca" is the authority). A running server takes a
    renewed one up when it is told to. Raises CertificatesUnusable.
    """
    requests = certificates_of(settings.topology)
    if not requests:
        return []
    from howdah.foundation.certificates import issuing  # noqa: PLC0415  (0.1 s, not in solo)

    return issuing.ensure(settings, requests)


def issue_all(settings: Settings) -> list[Replacement]:
    """New certificates for everything, put into force together; the old ones stay as files.

    When one cannot be made, none is replaced. Raises CertificatesUnusable.
    """
    requests = certificates_of(settings.topology)
    if not requests:
        return []
    from howdah.foundation.certificates import issuing  # noqa: PLC0415  (as above)

    return issuing.replace_all(settings, requests)


def stage_all(settings: Settings) -> list[Replacement]:
    """New certificates for everything, beside those in force (CertificateStore.put_in_force).

    When one cannot be made, none is left. Raises CommandFailed.
    """
    requests = certificates_of(settings.topology)
    if not requests:
        return []
    from howdah.foundation.certificates import issuing  # noqa: PLC0415  (as above)

    return issuing.stage(settings, requests)
