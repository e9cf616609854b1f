"""The certificates of a cluster and what is wrong with them."""

from datetime import UTC, datetime

from howdah.foundation.certificates import CertificateStore, CertificateView, certificates_of
from howdah.foundation.settings import Settings
from howdah.operations.cluster.patroni import clustered


def list_certificates(given: Settings) -> list[CertificateView]:
    """The authority's and every other; nothing need run. Raises CommandFailed."""
    from howdah.foundation.certificates.reading import (  # noqa: PLC0415  (loads cryptography)
        certificate_views,
    )

    settings = clustered(given)
    store = CertificateStore(settings.layout.certificates)
    return certificate_views(store, certificates_of(settings.topology), datetime.now(UTC))
