"""A file becomes a document: HTML, Markdown and plain text, in whatever encoding they come."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from howdah.product.documents.markdown import heading_of
from howdah.product.transfers.encodings import decode, is_binary
from howdah.product.transfers.front_matter import split_front_matter
from howdah.product.transfers.languages import language_named
from howdah.product.transfers.texts import name_of, one_line, size, storable
from howdah.product.transfers.webpages import PageUnreadable, read_page

HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
TEXT_SUFFIXES = frozenset({".txt", ".text", ".rst", ".adoc", ".asciidoc"})
_LOOKS_LIKE_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_LONGEST_FIRST_LINE_AS_TITLE_CHARACTERS = 120


@dataclass(frozen=True)
class ConversionLimits:
    """How large files and documents may be."""

    max_source_bytes: int = 4 * 1024 * 1024
    max_content_bytes: int = 1024 * 1024
    max_title_characters: int = 500
    max_tags: int = 50
    max_tag_characters: int = 64


@dataclass(frozen=True)
class Converted:
    """A document as it can be stored; `language` is None when the file names none we know."""

    path: str
    title: str
    content_markdown: str
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True)
class Skipped:
    """A file that did not become a document, and the sentence that says why."""

    path: str
    reason: str


DEFAULT_LIMITS = ConversionLimits()


def convert(
    path: str, data: bytes, limits: ConversionLimits = DEFAULT_LIMITS
) -> Converted | Skipped:
    """The document in a file; the path decides the kind of file and is the last source of a title.

    Takes time in proportion to the file, except for HTML elements with tens of thousands of
    different attributes, which libxml2 reads in quadratic time: give imports a time limit.
    """
    refusal = _refusal(path, data, limits)
    if refusal is not None:
        return Skipped(path, refusal)
    suffix = _suffix(path)
    text = decode(data, markup=not suffix or suffix in HTML_SUFFIXES)
    if text is None:
        return Skipped(path, "Its text is in no encoding that could be recognized.")
    text = storable(text)
    try:
        found = _read(path, suffix, text)
    except PageUnreadable as failure:
        return Skipped(path, str(failure))
    return _limited(found, limits)


def _refusal(path: str, data: bytes, limits: ConversionLimits) -> str | None:
    """Why the file is not worth reading, if so."""
    suffix = _suffix(path)
    if suffix == ".zip":
        return "It is an archive; import it by itself, archives inside archives are not opened."
    if suffix and suffix not in HTML_SUFFIXES | MARKDOWN_SUFFIXES | TEXT_SUFFIXES:
        return f"Files of the type {suffix} are not imported; HTML, Markdown and plain text are."
    if len(data) > limits.max_source_bytes:
        return too_large(len(data), limits.max_source_bytes)
    if not data.strip():
        return "It is empty."
    return "It is binary, not text." if is_binary(data) else None


def too_large(size_bytes: int, limit_bytes: int) -> str:
    """The reason for skipping a file that is larger than the limit."""
    return f"It is too large: {size(size_bytes)}, and the limit is {size(limit_bytes)}."


def _read(path: str, suffix: str, text: str) -> Converted:
    if suffix in HTML_SUFFIXES or (not suffix and _LOOKS_LIKE_HTML.match(text)):
        return _from_html(path, text)
    return _from_markdown(path, text) if suffix in MARKDOWN_SUFFIXES else _from_text(path, text)


def _from_html(path: str, text: str) -> Converted:
    page = read_page(text, PurePosixPath(path).name)
    content = storable(page.content_markdown)
    title = page.heading or page.title or heading_of(content) or _short_first_line(content)
    return Converted(path, title or "", content, language=language_named(page.language_tag))


def _from_markdown(path: str, text: str) -> Converted:
    said, content = split_front_matter(text)
    title = said.title or heading_of(content)
    return Converted(path, title or "", content, said.tags, language_named(said.language))


def _from_text(path: str, text: str) -> Converted:
    return Converted(path, _short_first_line(text), text)


def _short_first_line(text: str) -> str:
    """The first line with something on it if it is short enough for a title, else nothing."""
    line = next((line for line in text.split("\n", 100) if line.strip()), "").strip()
    return line if len(line) <= _LONGEST_FIRST_LINE_AS_TITLE_CHARACTERS else ""


def _limited(found: Converted, limits: ConversionLimits) -> Converted | Skipped:
    """The document with a title and tags inside the limits, or why it cannot be stored."""
    title = one_line(found.title, limits.max_title_characters)
    if not found.content_markdown.strip() and not title:
        return Skipped(found.path, "It holds no text.")
    content_bytes = len(found.content_markdown.encode())
    if content_bytes > limits.max_content_bytes:
        return Skipped(found.path, too_large(content_bytes, limits.max_content_bytes))
    return Converted(
        path=found.path,
        title=title or one_line(name_of(found.path), limits.max_title_characters),
        content_markdown=found.content_markdown,
        tags=_limited_tags(found.tags, limits),
        language=found.language,
    )


def _limited_tags(tags: Iterable[str], limits: ConversionLimits) -> tuple[str, ...]:
    """The tags once each and in order, without those that no document may have."""
    lines = (one_line(tag, limits.max_tag_characters + 1) for tag in tags)
    fitting = (tag for tag in lines if 0 < len(tag) <= limits.max_tag_characters)
    return tuple(dict.fromkeys(fitting))[: limits.max_tags]


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()
