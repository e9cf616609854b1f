"""The corpus: titles with paragraphs of real English, collected once and kept as JSON lines."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import debian
from benchmarks.data.html_text import read_page

LONGEST_PARAGRAPH_CHARACTERS = 3000


@dataclass(frozen=True)
class Text:
    source: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    texts: tuple[Text, ...]
    fingerprint: str  # changes when any text does


def open_corpus(folder: Path) -> Corpus:
    """Reads the corpus of this folder; collects it first when it is not there yet (~1 minute)."""
    path = folder / "corpus.jsonl"
    if not path.exists():
        _collect(folder, path)
    raw = path.read_bytes()
    texts = tuple(
        Text(source, title, tuple(paragraphs))
        for source, title, paragraphs in map(json.loads, raw.splitlines())
    )
    return Corpus(texts, hashlib.sha256(raw).hexdigest()[:16])


def _collect(folder: Path, path: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    versions = debian.fetch(debian.DOCUMENTATION_PACKAGES, folder)
    seen: set[str] = set()
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as lines:
        for text in _all_texts(folder):
            new = [part for part in text.paragraphs if part not in seen]
            seen.update(new)
            if new:
                lines.write(json.dumps([text.source, text.title, new], ensure_ascii=False) + "\n")
    (folder / "versions.json").write_text(json.dumps(versions, indent=2))
    unfinished.rename(path)


def _all_texts(folder: Path) -> Iterator[Text]:
    pages = sorted(_english_pages(folder / "files/usr/share/doc"))
    with ProcessPoolExecutor() as processes:
        for text in processes.map(_read, pages, chunksize=50):
            if text.paragraphs:
                yield text
    for title, paragraphs in debian.fetch_descriptions(folder):
        yield Text("packages", title, tuple(paragraphs))


def _english_pages(root: Path) -> Iterator[Path]:
    for path in root.rglob("*.html"):
        if path.is_file() and not path.is_symlink() and "translations" not in path.parts:
            yield path


def _read(path: Path) -> Text:
    title, paragraphs = read_page(path.read_text(encoding="utf-8", errors="replace"))
    package = path.parts[path.parts.index("doc") + 1]
    shortened = tuple(part[:LONGEST_PARAGRAPH_CHARACTERS] for part in paragraphs)
    # "Bonding — The Linux Kernel documentation": the second half is on every page of a manual.
    return Text(package, title.split(" — ")[0] or path.stem, shortened)
