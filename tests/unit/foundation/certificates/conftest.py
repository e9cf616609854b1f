"""A home of a cluster, and one that was prepared once for all tests that only read it."""

from pathlib import Path

import pytest

from howdah.foundation.certificates import CertificateStore, ensure_certificates
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A cluster whose home is empty."""
    return Settings(tmp_path, None, Topology(profile="full"))


@pytest.fixture
def store(settings: Settings) -> CertificateStore:
    """Its certificates, just made."""
    ensure_certificates(settings)
    return CertificateStore(settings.layout.certificates)
