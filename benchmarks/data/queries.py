"""Queries that people write: what manuals list in their index and call their pages."""

import re
from html import unescape
from pathlib import Path
from random import Random

from benchmarks.data.corpus import Corpus
from benchmarks.data.html_text import squeeze

_MANUAL_INDEX = "files/usr/share/doc/postgresql-doc-15/html/bookindex.html"
_ENTRY = re.compile(r"<dt[^>]*>(.*?)</dt>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_PREPOSITION = re.compile(r"^(?:in|of|for|and|with|on|to|by|from|effect on) ")
_PLAIN = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){0,3}")
_MOST_CHARACTERS = 40


def index_entries(html: str) -> list[str]:
    """The subjects of the PostgreSQL manual's index, functions and settings left out."""
    entries = []
    for markup in _ENTRY.findall(html):
        entry = squeeze(unescape(_TAG.sub("", markup))).split(",")[0]
        entry = _PREPOSITION.sub("", entry)
        if entry == entry.lower() and "parameter" not in entry and is_query(entry):
            entries.append(entry)
    return list(dict.fromkeys(entries))


def page_titles(corpus: Corpus) -> list[str]:
    """Titles of documentation pages, without chapter numbers."""
    titles = []
    for text in corpus.texts:
        if text.source != "packages":
            title = re.sub(r"^[\d.]+\s*", "", text.title).lower()
            if " " in title and is_query(title):
                titles.append(title)
    return list(dict.fromkeys(titles))


def is_query(text: str) -> bool:
    """One to four plain words."""
    return len(text) <= _MOST_CHARACTERS and _PLAIN.fullmatch(text) is not None


def real_queries(folder: Path, corpus: Corpus, seed: int) -> list[tuple[str, str]]:
    """(query, source), always in the same order; more than are needed, as some match nothing."""
    index = index_entries((folder / _MANUAL_INDEX).read_text(encoding="utf-8"))
    titles = [title for title in page_titles(corpus) if title not in index]
    chosen = [(entry, "index of the PostgreSQL manual") for entry in index]
    chosen += [(title, "page title") for title in titles]
    Random(seed).shuffle(chosen)
    return chosen
