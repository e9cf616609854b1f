"""Text that Debian ships, fetched with apt into a folder of our own; nothing gets installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data.html_text import squeeze
from howdah.foundation.errors import Unavailable

DOCUMENTATION_PACKAGES = (
    "postgresql-doc-15",
    "python3.11-doc",
    "git-doc",
    "sqlite3-doc",
    "python-django-doc",
    "linux-doc-6.1",
    "debian-policy",
)
_RECORD = re.compile(r"Package: (.+)\n(?:.+\n)*?Description-en: (.+)\n((?: .*\n?)+)")


def fetch(packages: tuple[str, ...], into: Path) -> dict[str, str]:
    """Downloads and unpacks the packages below `into`; returns package → version.

    Raises Unavailable when apt cannot provide one of them.
    """
    archives = into / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    missing = [name for name in packages if not list(archives.glob(f"{name}_*.deb"))]
    if missing:
        _apt_get(["-o", "APT::Sandbox::User=root", "download", *missing], archives)
    versions = {}
    for name in packages:
        archive = next(archives.glob(f"{name}_*.deb"))
        versions[name] = archive.name.split("_")[1].replace("%3a", ":")
        _run(["dpkg-deb", "--extract", str(archive), str(into / "files")], archives)
    return versions


def fetch_descriptions(into: Path) -> Iterator[tuple[str, list[str]]]:
    """(title, paragraphs) of every package that Debian describes, in name order.

    Uses package lists of its own, because many machines are set to skip the descriptions.
    """
    lists = into / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    if not list(lists.glob("*i18n_Translation-en*")):
        _apt_get(
            ["-o", f"Dir::State::lists={lists}", "-o", "Acquire::Languages=en", "update"], lists
        )
    for path in sorted(lists.glob("*i18n_Translation-en*")):
        text = _run(["/usr/lib/apt/apt-helper", "cat-file", str(path)], lists)
        yield from parse_descriptions(text)


def parse_descriptions(text: str) -> Iterator[tuple[str, list[str]]]:
    """(name: short description, paragraphs) of each record of a Translation-en file."""
    for record in text.split("\n\n"):
        match = _RECORD.match(record + "\n")
        if match:
            name, short, body = match.groups()
            paragraphs = [squeeze(part) for part in re.split(r"\n \.\n", body)]
            yield f"{name}: {short.strip()}", [part for part in paragraphs if len(part) > 40]


def extracted_tool(package: str, libraries: tuple[str, ...], into: Path) -> tuple[Path, Path]:
    """(program, library folder) of a Debian package's tool, installed or unpacked below `into`."""
    installed = shutil.which(package)
    if installed:
        return Path(installed), Path("/usr/lib")
    fetch((package, *libraries), into)
    folder = next((into / "files/usr/lib").glob("*-linux-gnu"))
    return into / "files/usr/bin" / package, folder


def _apt_get(arguments: list[str], folder: Path) -> None:
    try:
        _run(["apt-get", "-qq", *arguments], folder)
    except subprocess.CalledProcessError as failure:
        raise Unavailable(
            f"apt-get could not fetch what the benchmarks need: {failure.stderr.strip()[-300:]}",
            hint="Check the network and run `apt-get update` once, as root.",
        ) from failure


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return done.stdout
