import time
from dataclasses import replace

from howdah.foundation.certificates import (
    CertificateStore,
    certificate_expiries,
    certificates_of,
    issue_all,
)
from howdah.foundation.certificates.authority import AUTHORITY_DAYS, LEAF_DAYS
from howdah.foundation.certificates.issuing import issue_into
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology

DAY = 86400


def test_every_certificate_tells_when_it_ends(settings: Settings, store: CertificateStore) -> None:
    found = certificate_expiries(settings)
    names = {request.name for request in certificates_of(settings.topology)}
    assert set(found) == names | {"ca"}
    assert abs(found.pop("ca") - time.time() - AUTHORITY_DAYS * DAY) < 60
    assert all(abs(ends - time.time() - LEAF_DAYS * DAY) < 60 for ends in found.values())


def test_a_new_certificate_is_noticed(settings: Settings, store: CertificateStore) -> None:
    before = certificate_expiries(settings)["etcd-1"]
    wanted = [item for item in certificates_of(settings.topology) if item.name == "etcd-1"]
    issue_into(store, wanted, days=10)
    assert certificate_expiries(settings)["etcd-1"] < before
    issue_all(settings)
    assert certificate_expiries(settings)["etcd-1"] >= before


def test_a_file_that_cannot_be_read_has_long_expired(
    settings: Settings, store: CertificateStore
) -> None:
    store.certificate("etcd-1").resolve().write_text("damaged")
    store.certificate("pgbouncer").unlink()
    found = certificate_expiries(settings)
    assert (found["etcd-1"], found["pgbouncer"]) == (0.0, 0.0)


def test_solo_has_none(settings: Settings) -> None:
    assert certificate_expiries(replace(settings, topology=Topology())) == {}
