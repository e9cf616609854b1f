from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from howdah.foundation.certificates import (
    CertificateStore,
    certificates_of,
    ensure_certificates,
    issue_all,
)
from howdah.foundation.certificates.authority import Authority, issue
from howdah.foundation.certificates.issuing import issue_into
from howdah.foundation.certificates.reading import CertificatesUnusable, read_authority
from howdah.foundation.certificates.store import write_file
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Haproxy, Topology

LEAVES = [request.name for request in certificates_of(Topology(profile="full"))]


def serials(store: CertificateStore) -> dict[str, str | None]:
    return {name: store.serial_in_force(name) for name in LEAVES}


def reissue(settings: Settings, name: str, days: float) -> None:
    store = CertificateStore(settings.layout.certificates)
    wanted = [item for item in certificates_of(settings.topology) if item.name == name]
    issue_into(store, wanted, days)


def test_everything_is_made_once_and_kept(settings: Settings) -> None:
    store = CertificateStore(settings.layout.certificates)
    assert ensure_certificates(settings) == ["ca", *LEAVES]
    before = serials(store)
    assert ensure_certificates(settings) == []
    assert serials(store) == before


def test_solo_makes_nothing(tmp_path: Path) -> None:
    solo = Settings(tmp_path, None, Topology())
    assert ensure_certificates(solo) == []
    assert issue_all(solo) == []
    assert list(tmp_path.iterdir()) == []


def test_keys_are_read_by_their_owners_only(store: CertificateStore) -> None:
    keys = [store.authority_key, *(store.key(name) for name in LEAVES)]
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    certificates = [store.authority_certificate, *(store.certificate(name) for name in LEAVES)]
    assert {path.stat().st_mode & 0o777 for path in certificates} == {0o644}


def test_a_certificate_for_other_hosts_is_issued_again(settings: Settings) -> None:
    ensure_certificates(settings)
    moved = replace(settings.topology, haproxy=Haproxy(host="10.0.0.9"))
    members = [member.name for member in moved.members]
    assert ensure_certificates(replace(settings, topology=moved)) == members


@pytest.mark.parametrize("days", [-1, 1, 29.9])
def test_a_certificate_in_its_last_days_is_issued_again(settings: Settings, days: float) -> None:
    ensure_certificates(settings)
    reissue(settings, "pgbouncer", days)
    assert ensure_certificates(settings) == ["pgbouncer"]


def test_a_certificate_with_a_month_left_is_kept(settings: Settings) -> None:
    ensure_certificates(settings)
    reissue(settings, "pgbouncer", 30.1)
    assert ensure_certificates(settings) == []


@pytest.mark.parametrize("suffix", ["crt", "key"])
def test_a_damaged_or_missing_file_is_replaced(settings: Settings, suffix: str) -> None:
    ensure_certificates(settings)
    (settings.layout.certificates / f"etcd-1.{suffix}").resolve().write_text("no certificate")
    assert ensure_certificates(settings) == ["etcd-1"]
    (settings.layout.certificates / f"etcd-1.{suffix}").resolve().unlink()
    assert ensure_certificates(settings) == ["etcd-1"]


def test_the_key_of_another_certificate_is_noticed(
    settings: Settings, store: CertificateStore
) -> None:
    store.key("postgres-a").resolve().write_bytes(store.key("postgres-b").read_bytes())
    assert ensure_certificates(settings) == ["postgres-a"]


def test_all_are_replaced_together_and_the_old_ones_stay_as_files(
    settings: Settings, store: CertificateStore
) -> None:
    before = serials(store)
    replaced = issue_all(settings)
    assert {item.name: item.old for item in replaced} == before
    assert {item.name: item.new for item in replaced} == serials(store)
    for item in replaced:
        assert item.old
        assert (store.staged(item.name, item.old) / f"{item.name}.key").exists()


def test_when_one_cannot_be_written_none_is_replaced(
    settings: Settings, store: CertificateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = serials(store)
    folders = sorted(settings.layout.certificates.glob("issued/*/*"))
    stage = CertificateStore.stage

    def full_disk(self: CertificateStore, name: str, *arguments: object) -> None:
        stage(self, name, *arguments)  # type: ignore[arg-type]
        if name == "operator":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(CertificateStore, "stage", full_disk)
    with pytest.raises(CommandFailed, match="No space left on device; those in force"):
        issue_all(settings)
    assert serials(store) == before
    assert sorted(settings.layout.certificates.glob("issued/*/*")) == folders


def test_a_lost_key_of_the_authority_is_no_matter_until_something_is_due(
    settings: Settings, store: CertificateStore
) -> None:
    store.authority_key.unlink()
    assert ensure_certificates(settings) == []
    store.certificate("pgbouncer").resolve().unlink()
    with pytest.raises(CertificatesUnusable, match=r"key of the certificate authority is gone"):
        ensure_certificates(settings)


def test_a_lost_certificate_of_the_authority_is_not_replaced_by_a_stranger(
    settings: Settings, store: CertificateStore
) -> None:
    store.authority_certificate.unlink()
    with pytest.raises(CertificatesUnusable, match="certificate authority is gone") as refused:
        ensure_certificates(settings)
    assert "--authority" in str(refused.value.hint)


def test_an_interrupted_beginning_is_begun_again(settings: Settings) -> None:
    settings.layout.certificates.mkdir()
    write_file(settings.layout.certificates / "ca.key", b"half", "root", 0o600)
    assert ensure_certificates(settings) == ["ca", *LEAVES]


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_key_of_the_authority_is_a_sentence(
    settings: Settings, store: CertificateStore, content: str
) -> None:
    store.authority_key.write_text(content)
    with pytest.raises(CertificatesUnusable, match="key of the certificate authority is damaged"):
        issue_all(settings)


def test_the_key_of_another_authority_is_a_sentence(
    settings: Settings, store: CertificateStore, tmp_path: Path
) -> None:
    other = Settings(tmp_path / "other", None, settings.topology)
    ensure_certificates(other)
    theirs = CertificateStore(other.layout.certificates).authority_key
    store.authority_key.write_bytes(theirs.read_bytes())
    with pytest.raises(CertificatesUnusable, match="is not the key of a certificate in"):
        issue_all(settings)


def test_a_folder_in_place_of_a_key_is_a_sentence(
    settings: Settings, store: CertificateStore
) -> None:
    store.authority_key.unlink()
    store.authority_key.mkdir()
    with pytest.raises(CertificatesUnusable, match=r"cannot be read: .* \(Is a directory\)"):
        issue_all(settings)


def test_an_expired_authority_signs_nothing(
    settings: Settings, store: CertificateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(days=3653)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return later

    monkeypatch.setattr("howdah.foundation.certificates.issuing.datetime", Later)
    with pytest.raises(CertificatesUnusable, match="expired on") as refused:
        issue_all(settings)
    assert "--authority" in str(refused.value.hint)


def test_what_ends_with_its_authority_is_not_issued_again_and_again(
    settings: Settings, store: CertificateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = read_authority(store)
    soon = authority.certificate.not_valid_after_utc - timedelta(days=10)

    class Soon(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return soon

    monkeypatch.setattr("howdah.foundation.certificates.issuing.datetime", Soon)
    assert ensure_certificates(settings) == LEAVES
    assert ensure_certificates(settings) == []


def test_a_certificate_of_an_untrusted_authority_is_issued_again(
    settings: Settings, store: CertificateStore, tmp_path: Path
) -> None:
    other = Settings(tmp_path / "other", None, settings.topology)
    ensure_certificates(other)
    stranger: Authority = read_authority(CertificateStore(other.layout.certificates))
    request = certificates_of(settings.topology)[0]
    pair = issue(stranger, request, datetime.now(UTC))
    store.stage(request.name, pair, request.owner)
    store.put_in_force(request.name, pair.serial)
    assert ensure_certificates(settings) == [request.name]
