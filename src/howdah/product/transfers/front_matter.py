"""The block between `---` lines at the top of a Markdown file: title, tags and language.

Written as YAML whose values are JSON strings; read leniently, as far as title, tags and language
need, because files come from many programs. Other keys are ignored.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FENCE = "---"
_LONGEST_BLOCK_CHARACTERS = 64 * 1024
_KEY = re.compile(r"([A-Za-z_][\w .-]*?)\s*:(?:\s+(.*)|)$")
_CONTINUATION = re.compile(r"\s|-\s|#|$")
# Valid in JSON strings, yet line breaks, byte order marks or refused in YAML.
_ESCAPED_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class FrontMatter:
    """What a file says about itself; None where it is silent."""

    title: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None


def write_front_matter(title: str, tags: Sequence[str], language: str) -> str:
    """The block and the blank line after it; the content follows as it is."""
    lines = (f"title: {_quoted(title)}", f"tags: {_quoted(list(tags))}")
    return "\n".join((_FENCE, *lines, f"language: {_quoted(language)}", _FENCE, "", ""))


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The front matter and the rest, without the one blank line between them.

    A text without front matter comes back as it is.
    """
    found = _block(text)
    if found is None:
        return FrontMatter(), text
    lines, rest = found
    values = dict(_entries(lines))
    title = values.get("title") or None
    language = values.get("language") or values.get("lang") or None
    return FrontMatter(
        _scalar(title), tuple(_sequence(values.get("tags"))), _scalar(language)
    ), rest


def _block(text: str) -> tuple[list[str], str] | None:
    if not text.startswith((_FENCE + "\n", _FENCE + "\r\n")):
        return None
    end = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)(?:\r?\n)?", re.MULTILINE).search(
        text, len(_FENCE), _LONGEST_BLOCK_CHARACTERS
    )
    if end is None:
        return None
    lines = [line.rstrip("\r") for line in text[: end.start()].split("\n")[1:-1]]
    keys = [bool(_KEY.match(line)) for line in lines]
    if not any(keys):
        return None  # two thematic breaks, not front matter
    whole = all(key or _CONTINUATION.match(line) for key, line in zip(keys, lines, strict=True))
    return (lines, text[end.end() :]) if whole else None


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str | list[str]]]:
    """Top-level keys in lower case with their value, or the items of the list below them."""
    for position, line in enumerate(lines):
        if key := _KEY.match(line):
            value = (key[2] or "").strip()
            yield key[1].lower(), value or list(_items(lines[position + 1 :]))


def _items(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if _KEY.match(line):
            return
        item = line.strip()
        if item.startswith("- "):
            yield item[2:].strip()


def _scalar(value: str | list[str] | None) -> str | None:
    if not isinstance(value, str):
        return None
    if value.startswith('"'):
        return _from_json(value) or value.strip('"')
    if value.startswith("'") and value.endswith("'") and len(value) > 1:
        return value[1:-1].replace("''", "'")
    return value.split(" #")[0].strip()


def _sequence(value: str | list[str] | None) -> list[str]:
    if isinstance(value, str):
        parsed = _list_from_json(value)
        if parsed is not None:
            return parsed
        value = value.removeprefix("[").removesuffix("]").split(",")
    return [text for item in value or () if (text := _scalar(item.strip()))]


def _from_json(value: str) -> str | None:
    try:
        parsed = json.loads(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, str) else None


def _list_from_json(value: str) -> list[str] | None:
    try:
        parsed = json.loads(value) if value.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return [str(item) for item in parsed] if isinstance(parsed, list) else None


def _quoted(value: str | list[str]) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return _ESCAPED_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
