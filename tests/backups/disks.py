"""A small disk in the place of the repository's folder. Needs root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MB = 1024 * 1024


@dataclass(frozen=True)
class Disk:
    """A file system in memory."""

    place: Path

    def grow(self, size_bytes: int) -> None:
        """Give it another size while it is used."""
        run("mount", "-o", f"remount,size={size_bytes}", str(self.place))


@contextmanager
def small_disk(folder: Path, place: Path, spare_bytes: int) -> Iterator[Disk]:
    """The folder's contents on a disk with so much to spare.

    What comes meanwhile is in the folder afterwards. `place` is an empty folder.
    """
    used = sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))
    run("mount", "-t", "tmpfs", "-o", f"size={used + spare_bytes}", "tmpfs", str(place))
    try:
        run("cp", "-a", f"{folder}/.", str(place))
        run("mount", "--bind", str(place), str(folder))
        try:
            yield Disk(place)
        finally:
            run("umount", "--lazy", str(folder))
            run("cp", "-a", "--update", f"{place}/.", str(folder))
    finally:
        run("umount", "--lazy", str(place))


def run(*command: str) -> None:
    """A command that must succeed."""
    subprocess.run(command, check=True, capture_output=True)
