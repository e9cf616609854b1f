"""The files: `<name>.crt` and `<name>.key`, always a pair that belongs together.

    certificates/
      ca.crt  ca.key
      postgres-a.crt → issued/postgres-a/in-force/postgres-a.crt
      postgres-a.key → issued/postgres-a/in-force/postgres-a.key
      issued/postgres-a/in-force → 5c02…
      issued/postgres-a/5c02…/postgres-a.{crt,key}

A pair is written completely into a folder of its own, named by its serial number; one rename of
the link `in-force` then brings certificate and key into force together. Servers that read the
files in the middle of a change (etcd does at every handshake) find the old pair or the new one,
and the old pair stays until somebody has seen the new one serve.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.certificates.requests import ROOT
from howdah.foundation.processes.accounts import own

IN_FORCE = "in-force"


@dataclass(frozen=True)
class Pair:
    """A certificate with its private key, as PEM, named by the serial number (hexadecimal)."""

    serial: str
    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class CertificateStore:
    """The folder `certificates` of a home."""

    folder: Path

    @property
    def authority_certificate(self) -> Path:
        """What clients trust: our authority, or two while one takes over from the other."""
        return self.folder / "ca.crt"

    @property
    def authority_key(self) -> Path:
        """The authority's private key."""
        return self.folder / "ca.key"

    @property
    def next_authority(self) -> "CertificateStore":
        """Where an authority waits that is to take over."""
        return CertificateStore(self.folder / "next")

    def certificate(self, name: str) -> Path:
        """The certificate in force, world-readable."""
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        """Its private key."""
        return self.folder / f"{name}.key"

    def names(self) -> list[str]:
        """Whose certificates are here, the authority's not among them."""
        found = {path.stem for path in self.folder.glob("*.crt")}
        return sorted(found - {self.authority_certificate.stem})

    def staged(self, name: str, serial: str) -> Path:
        """The folder of one pair, in force or not."""
        return self._issued(name) / serial

    def serial_in_force(self, name: str) -> str | None:
        """The serial number of the pair that is in force, or None when there is none."""
        link = self._issued(name) / IN_FORCE
        return link.readlink().name if link.is_symlink() else None

    def prepare(self) -> None:
        """Make the folder itself."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own(self.folder, ROOT, 0o755)

    def stage(self, name: str, pair: Pair, owner: str) -> None:
        """Write a pair beside the one in force, the key first."""
        folder = self.staged(name, pair.serial)
        folder.mkdir(parents=True)
        for each in (folder, folder.parent, folder.parent.parent):
            own(each, ROOT, 0o755)
        write_file(folder / f"{name}.key", pair.key, owner, 0o600)
        write_file(folder / f"{name}.crt", pair.certificate, ROOT, 0o644)
        _sync(folder)

    def put_in_force(self, name: str, serial: str) -> None:
        """Make a staged pair the one that everybody reads."""
        _link(self._issued(name) / IN_FORCE, Path(serial))
        for path in (self.key(name), self.certificate(name)):
            _link(path, Path("issued") / name / IN_FORCE / path.name)
        _sync(self.folder)

    def forget(self, name: str, serial: str) -> None:
        """Delete one pair."""
        shutil.rmtree(self.staged(name, serial))

    def forget_superseded(self, name: str) -> None:
        """Delete every pair of that name but the one in force."""
        for serial in self._superseded(name):
            self.forget(name, serial)

    def _superseded(self, name: str) -> Iterator[str]:
        kept = {IN_FORCE, self.serial_in_force(name)}
        folder = self._issued(name)
        if folder.is_dir():
            yield from (path.name for path in folder.iterdir() if path.name not in kept)

    def _issued(self, name: str) -> Path:
        return self.folder / "issued" / name


def write_file(path: Path, content: bytes, owner: str, mode: int) -> None:
    """Replace a file whole, its owner and mode set before anybody can see it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    own(partial, owner, mode)
    partial.replace(path)


def _link(path: Path, target: Path) -> None:
    """Have the link lead there, replaced in one step."""
    if path.is_symlink() and path.readlink() == target:
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    partial.symlink_to(target)
    partial.replace(path)


def _sync(folder: Path) -> None:
    """Have the folder's entries survive a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
