"""From bytes to text: which encoding a file is in, and whether it is text at all."""

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (  # longest first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"\x7fELF",
    b"MZ\x90",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3",
)
_SAMPLE_BYTES = 8192
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\b\x1b"))
_NOT_ASCII = bytes(range(128, 256))
_ENOUGH_TO_GUESS_BYTES = 32
_DECLARED = re.compile(
    rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w.:-]+)"""
    rb"""|<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
# The WHATWG Encoding standard reads these labels as windows-1252, as every browser does.
_READ_AS_WINDOWS_1252 = {"iso8859-1", "ascii"}


def is_binary(data: bytes) -> bool:
    """Whether the bytes are something else than text in any encoding we read."""
    if data.startswith(_SIGNATURES):
        return True
    if _mark(data):
        return False
    sample = data[:_SAMPLE_BYTES]
    allowed = len(sample) // 100  # a stray control character does not make a text binary
    if sample.count(0) > allowed:
        return True
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > allowed and _decoded(data, "utf-8") is None


def decode(data: bytes, *, markup: bool = False) -> str | None:
    """The text of the bytes without its byte order mark, or None when no encoding fits.

    A byte order mark decides; then, for markup, what the page declares; then UTF-8; then
    charset-normalizer's best guess, or windows-1252 where there is too little to guess from.
    """
    if mark := _mark(data):
        encoded_mark, encoding = mark
        return _decoded(data[len(encoded_mark) :], encoding)
    declared = declared_encoding(data) if markup else None
    for encoding in filter(None, (declared, "utf-8")):
        text = _decoded(data, encoding)
        if text is not None:
            return text
    if _is_short_and_western(data) and (text := _decoded(data, "cp1252")) is not None:
        return text
    guess = from_bytes(data).best()
    return None if guess is None else str(guess)


def declared_encoding(data: bytes) -> str | None:
    """The Python name of the encoding that an HTML page declares in its first 4 KiB."""
    found = _DECLARED.search(data[:4096])
    if found is None:
        return None
    try:
        name = codecs.lookup((found[1] or found[2]).decode("ascii")).name
        "".encode(name)  # refuses codecs that are not text encodings (base64, zlib …)
    except LookupError:
        return None
    if name.startswith(("utf-16", "utf-32")):
        return "utf-8"  # a declaration that can be read byte by byte is not in UTF-16
    return "cp1252" if name in _READ_AS_WINDOWS_1252 else name


def _is_short_and_western(data: bytes) -> bool:
    """Whether most is ASCII, with too few other bytes for statistics to tell encodings apart."""
    others = len(data) - len(data.translate(None, _NOT_ASCII))
    return others < _ENOUGH_TO_GUESS_BYTES and others * 2 < len(data)


def _mark(data: bytes) -> tuple[bytes, str] | None:
    return next((mark for mark in _MARKS if data.startswith(mark[0])), None)


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None
