import ssl

import pytest
from cryptography import x509

from howdah.foundation.certificates import (
    CertificateStore,
    ensure_certificates,
    issue_all,
    succession,
)
from howdah.foundation.certificates.reading import read_authority, read_trusted
from howdah.foundation.settings import Settings
from tests.unit.foundation.certificates.handshakes import (
    client_context,
    server_context,
    shake_hands,
)


def shown(store: CertificateStore) -> str:
    client = client_context(store.authority_certificate, store, "operator")
    return shake_hands(server_context(store, "postgres-a"), client, "localhost")


def authorities(store: CertificateStore) -> list[x509.Certificate]:
    return read_trusted(store)


def test_every_step_leaves_certificates_that_are_accepted(
    settings: Settings, store: CertificateStore
) -> None:
    (old,) = authorities(store)
    assert succession.begin(settings)
    assert shown(store)
    assert len(authorities(store)) == 2
    succession.take_over(settings)
    issue_all(settings)
    assert shown(store)
    succession.finish(settings)
    assert shown(store)
    succession.forget_succession(settings)
    (new,) = authorities(store)
    assert new != old
    assert not store.next_authority.folder.exists()
    assert ensure_certificates(settings) == []


def test_the_old_authority_still_signs_until_the_new_one_takes_over(
    settings: Settings, store: CertificateStore
) -> None:
    (old,) = authorities(store)
    succession.begin(settings)
    assert succession.can_sign(settings)
    assert read_authority(store).certificate == old
    issue_all(settings)
    assert shown(store)


def test_what_the_old_authority_signed_is_worth_nothing_in_the_end(
    settings: Settings, store: CertificateStore
) -> None:
    leaked = client_context(store.authority_certificate, store, "operator")
    succession.begin(settings)
    succession.take_over(settings)
    issue_all(settings)
    succession.finish(settings)
    leaked.load_verify_locations(store.authority_certificate)
    with pytest.raises(ssl.SSLError):
        shake_hands(server_context(store, "postgres-a"), leaked, "localhost")


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_succession_that_was_cut_short_is_continued(
    settings: Settings, store: CertificateStore, steps: int
) -> None:
    for step in (succession.begin, succession.take_over, succession.finish)[:steps]:
        step(settings)
    successor = read_authority(store.next_authority).certificate
    succession.begin(settings)
    assert read_authority(store.next_authority).certificate == successor
    assert authorities(store)[-1] == successor
    assert len(authorities(store)) == len(set(authorities(store)))


@pytest.mark.parametrize("lost", ["ca.key", "ca.crt"])
def test_a_new_authority_needs_nothing_of_a_lost_one(
    settings: Settings, store: CertificateStore, lost: str
) -> None:
    (store.folder / lost).unlink()
    still_trusted = succession.begin(settings)
    assert still_trusted == (lost == "ca.key")
    assert not succession.can_sign(settings)
    succession.take_over(settings)
    issue_all(settings)
    assert shown(store)


@pytest.mark.parametrize("damaged", ["ca.key", "ca.crt"])
def test_a_successor_that_is_of_no_use_is_made_again(
    settings: Settings, store: CertificateStore, damaged: str
) -> None:
    succession.begin(settings)
    (store.next_authority.folder / damaged).write_text("damaged")
    succession.begin(settings)
    succession.take_over(settings)
    issue_all(settings)
    succession.finish(settings)
    assert shown(store)
