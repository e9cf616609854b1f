"""Issue certificates into the folder: those that are due, or all."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from howdah.foundation.certificates.authority import LEAF_DAYS, Authority, issue, new_authority
from howdah.foundation.certificates.ensure import Replacement
from howdah.foundation.certificates.reading import (
    CertificatesUnusable,
    read_authority,
    read_trusted,
    why_due,
)
from howdah.foundation.certificates.requests import ROOT, CertificateRequest
from howdah.foundation.certificates.store import CertificateStore, write_file
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings

AUTHORITY = "ca"


def ensure(settings: Settings, requests: Sequence[CertificateRequest]) -> list[str]:
    """Make the authority when there is none yet, and issue what is due; the names of the new."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        made = [AUTHORITY] if _begin(settings, store, requests) else []
        due = _due(store, requests)
        return made + [item.name for item in issue_into(store, due)]


def replace_all(settings: Settings, requests: Sequence[CertificateRequest]) -> list[Replacement]:
    """New certificates for all of them, in force together; the old ones stay as files."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        return issue_into(store, requests)


def stage(settings: Settings, requests: Sequence[CertificateRequest]) -> list[Replacement]:
    """Write new certificates for all of them, none in force yet."""
    store = CertificateStore(settings.layout.certificates)
    with writing(store):
        return stage_into(store, requests)


def issue_into(
    store: CertificateStore, requests: Sequence[CertificateRequest], days: float = LEAF_DAYS
) -> list[Replacement]:
    """Write a pair for each beside those in force; only when all are there, they come into force.

    Raises CertificatesUnusable; OSError when the disk refuses, with nothing replaced.
    """
    staged = stage_into(store, requests, days)
    for item in staged:
        store.put_in_force(item.name, item.new)
    return staged


def stage_into(
    store: CertificateStore, requests: Sequence[CertificateRequest], days: float = LEAF_DAYS
) -> list[Replacement]:
    """The first half of it. Raises CertificatesUnusable; OSError, with nothing left behind."""
    if not requests:
        return []
    authority = read_authority(store)
    _require_valid(store, authority)
    return _staged(store, authority, requests, days)


def make_authority(settings: Settings, store: CertificateStore) -> None:
    """A new authority in that folder, the key first."""
    installation = settings.topology.cluster.name
    authority = new_authority(installation, str(settings.home), datetime.now(UTC))
    store.prepare()
    write_file(store.authority_key, authority.key_pem, ROOT, 0o600)
    write_file(store.authority_certificate, authority.pem, ROOT, 0o644)


def _begin(
    settings: Settings, store: CertificateStore, requests: Sequence[CertificateRequest]
) -> bool:
    """Make an authority, unless one is here, or one was that certificates here were signed by."""
    if store.authority_certificate.exists():
        return False
    if any(store.certificate(request.name).exists() for request in requests):
        read_trusted(store)  # says what is gone and what to do
    store.prepare()
    make_authority(settings, store)
    return True


def _due(
    store: CertificateStore, requests: Sequence[CertificateRequest]
) -> list[CertificateRequest]:
    now, trusted = datetime.now(UTC), read_trusted(store)
    return [request for request in requests if why_due(store, trusted, request, now)]


def _require_valid(store: CertificateStore, authority: Authority) -> None:
    ends = authority.certificate.not_valid_after_utc
    if ends <= datetime.now(UTC):
        raise CertificatesUnusable(
            f"the certificate authority {store.authority_certificate} expired on {ends:%Y-%m-%d}",
            hint="make another: `howdah cluster rotate-certificates --authority`",
        )


def _staged(
    store: CertificateStore,
    authority: Authority,
    requests: Sequence[CertificateRequest],
    days: float,
) -> list[Replacement]:
    """All pairs written, none in force yet; when one fails, none is left."""
    staged: list[Replacement] = []
    try:
        for request in requests:
            pair = issue(authority, request, datetime.now(UTC), days)
            staged.append(
                Replacement(request.name, store.serial_in_force(request.name), pair.serial)
            )
            store.stage(request.name, pair, request.owner)
    except BaseException:
        for item in staged:
            with contextlib.suppress(FileNotFoundError):  # the last one may not have begun
                store.forget(item.name, item.new)
        raise
    return staged


@contextlib.contextmanager
def writing(store: CertificateStore) -> Iterator[None]:
    """What the disk refuses, as a sentence: raises CommandFailed."""
    try:
        yield
    except OSError as refusal:
        raise CommandFailed(
            f"the certificates in {store.folder} cannot be written: {refusal.strerror}; "
            "those in force are unchanged",
            hint="see whether the disk is full and whether this user ran `howdah up`",
        ) from refusal
