"""Text as PostgreSQL can store it, and titles as the product shows them."""

import re
from pathlib import PurePosixPath

_NOT_STORABLE = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]\s*")


def storable(text: str) -> str:
    """The text without NUL characters and with lone surrogates replaced by U+FFFD.

    PostgreSQL's text refuses the former, UTF-8 the latter.
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else _NOT_STORABLE.sub("\ufffd", text)


def one_line(text: str, limit_characters: int) -> str:
    """The text without line breaks and other control characters, each of them a space.

    Longer than the limit, it is cut at a word, with an ellipsis.
    """
    line = _CONTROLS.sub(" ", storable(text)).strip()
    if len(line) <= limit_characters:
        return line
    cut = line[: limit_characters - 1]
    words, space, _ = cut.rpartition(" ")
    kept = words if space and len(words) > limit_characters // 2 else cut
    return kept.rstrip() + "…"


def name_of(path: str) -> str:
    """The file's name without its folder and its last suffix."""
    return PurePosixPath(path).stem or path


def size(size_bytes: int) -> str:
    """A number of bytes as a person reads it: 512 bytes, 1.5 KiB, 3.0 MiB."""
    if size_bytes < 1024:
        return f"{size_bytes} bytes"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.1f} KiB"
    return f"{size_bytes / 1024 / 1024:.1f} MiB"
