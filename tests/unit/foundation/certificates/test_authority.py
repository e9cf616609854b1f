import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from howdah.foundation.certificates import CertificateStore, ensure_certificates
from howdah.foundation.certificates.authority import (
    AUTHORITY_DAYS,
    LEAF_DAYS,
    Authority,
    issue,
    new_authority,
)
from howdah.foundation.certificates.requests import CertificateRequest
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology
from tests.unit.foundation.certificates.handshakes import (
    client_context,
    server_context,
    shake_hands,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
REQUEST = CertificateRequest("postgres-a", ("postgres-a", "10.0.0.1"), "postgres")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority("production", "/srv/howdah", NOW)


def issued(authority: Authority, days: float = LEAF_DAYS) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issue(authority, REQUEST, NOW, days).certificate)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "postgres-a"])
def test_strict_verifiers_accept_both_sides(store: CertificateStore, host: str) -> None:
    server = server_context(store, "postgres-a")
    client = client_context(store.authority_certificate, store, "operator")
    assert shake_hands(server, client, host) == store.serial_in_force("postgres-a")


@pytest.mark.parametrize("host", ["postgres-b", "10.9.9.9", "example.com"])
def test_a_server_under_another_name_is_refused(store: CertificateStore, host: str) -> None:
    server = server_context(store, "postgres-a")
    client = client_context(store.authority_certificate, store, "operator")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        shake_hands(server, client, host)


def test_a_server_of_another_installation_is_refused(
    store: CertificateStore, settings: Settings
) -> None:
    other = Settings(settings.home / "other", None, Topology(profile="full"))
    ensure_certificates(other)
    theirs = CertificateStore(other.layout.certificates)
    client = client_context(theirs.authority_certificate, theirs, "operator")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server_context(store, "postgres-a"), client, "localhost")


def test_the_authority_signs_certificates_and_no_other_authorities(authority: Authority) -> None:
    constraints = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_a_certificate_lasts_thirteen_months_and_the_authority_ten_years(
    authority: Authority,
) -> None:
    assert issued(authority).not_valid_after_utc == NOW + timedelta(days=LEAF_DAYS)
    assert authority.certificate.not_valid_after_utc == NOW + timedelta(days=AUTHORITY_DAYS)


def test_no_certificate_outlives_the_authority(authority: Authority) -> None:
    ends = issued(authority, days=2 * AUTHORITY_DAYS).not_valid_after_utc
    assert ends == authority.certificate.not_valid_after_utc


def test_a_clock_that_is_behind_accepts_a_new_certificate(authority: Authority) -> None:
    assert issued(authority).not_valid_before_utc < NOW - timedelta(minutes=4)


def test_two_authorities_of_one_installation_differ_in_name(authority: Authority) -> None:
    again = new_authority("production", "/srv/howdah", NOW)
    assert again.certificate.subject != authority.certificate.subject


def test_names_too_long_for_a_certificate_are_cut() -> None:
    longest = new_authority("p" * 80, "/srv/" + "h" * 80, NOW)
    request = CertificateRequest("m" * 80, ("m" * 60,), "postgres")
    assert issue(longest, request, NOW).certificate
