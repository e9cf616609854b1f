import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.product.transfers.encodings import declared_encoding, decode, is_binary

GERMAN = "Grüße aus München: süße Äpfel, weiße Häuser, große Bäume und schöne Gärten. " * 5


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides(mark: bytes, encoding: str) -> None:
    data = mark + GERMAN.encode(encoding)
    assert not is_binary(data)
    assert decode(data) == GERMAN


def test_a_page_is_read_in_the_encoding_that_it_declares() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body>Łódź</body></html>'
    assert decode(page.encode("iso-8859-2"), markup=True) == page


def test_a_declaration_that_does_not_fit_is_ignored() -> None:
    page = f'<meta charset="utf-8">{GERMAN}'
    assert decode(page.encode("cp1252"), markup=True) == page


@pytest.mark.parametrize(
    ("page", "encoding"),
    [
        (b'<meta charset="utf-8">', "utf-8"),
        (b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=KOI8-R'>", "koi8-r"),
        (b'<?xml version="1.0" encoding="ISO-8859-15"?>', "iso8859-15"),
        (b'<meta charset="latin1">', "cp1252"),
        (b'<meta charset="utf-16">', "utf-8"),
        (b'<meta charset="no-such-thing">', None),
        (b'<meta charset="base64">', None),
        (b"<p>charset=utf-8</p>", None),
    ],
)
def test_the_declared_encoding_is_found(page: bytes, encoding: str | None) -> None:
    assert declared_encoding(page) == encoding


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1"])
def test_undeclared_western_text_is_recognized(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding)) == GERMAN


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 text",
        b"\x89PNG\r\n\x1a\n",
        b"PK\x03\x04",
        bytes(range(256)) * 10,
        b"text\0\0\0\0" * 100,
        b"\xff\x01\x02\x03 broken",
    ],
)
def test_what_is_not_text_is_binary(data: bytes) -> None:
    assert is_binary(data)


@pytest.mark.parametrize(
    "data", [b"", b"text", GERMAN.encode(), GERMAN.encode("cp1252"), b"a\0" + b"text " * 100]
)
def test_text_is_not_binary(data: bytes) -> None:
    assert not is_binary(data)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Grüße", "cp1252"), ("café, déjà vu", "cp1252"), ("Привет, как дела?", "cp1251")],
)
def test_a_few_words_are_enough(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text
