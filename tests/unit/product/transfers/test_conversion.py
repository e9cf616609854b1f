import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.product.transfers.conversion import ConversionLimits, Converted, Skipped, convert


def converted(path: str, data: bytes, limits: ConversionLimits | None = None) -> Converted:
    result = convert(path, data, limits or ConversionLimits())
    assert isinstance(result, Converted), result
    return result


def reason(path: str, data: bytes, limits: ConversionLimits | None = None) -> str:
    result = convert(path, data, limits or ConversionLimits())
    assert isinstance(result, Skipped), result
    assert result.path == path
    return result.reason


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("empty.md", b"", "It is empty."),
        ("blank.txt", b" \n\t\n", "It is empty."),
        ("a.html", b"<p></p>", "It holds no text."),
        ("a.html", b"<nav>only</nav>", "It holds no text."),
        ("image.md", b"\x89PNG\r\n\x1a\n", "It is binary, not text."),
        ("README", b"\x7fELF\x02\x01", "It is binary, not text."),
        (
            "style.css",
            b"p {}",
            "Files of the type .css are not imported; HTML, Markdown and plain text are.",
        ),
        (
            "more.ZIP",
            b"PK\x03\x04",
            "It is an archive; import it by itself, archives inside archives are not opened.",
        ),
        ("deep.html", b"<div>" * 1000, "Its elements are nested more than 256 deep."),
    ],
)
def test_a_file_that_is_no_document_is_skipped_with_the_reason(
    path: str, data: bytes, expected: str
) -> None:
    assert reason(path, data) == expected


def test_files_and_contents_over_the_limit_are_skipped_with_both_sizes() -> None:
    limits = ConversionLimits(max_source_bytes=2048, max_content_bytes=1024)
    assert reason("a.txt", b"x" * 2049, limits) == (
        "It is too large: 2.0 KiB, and the limit is 2.0 KiB."
    )
    assert reason("a.txt", b"x" * 1500, limits) == (
        "It is too large: 1.5 KiB, and the limit is 1.0 KiB."
    )
    assert converted("a.txt", b"x" * 1024, limits).content_markdown == "x" * 1024


@pytest.mark.parametrize(
    ("path", "data", "title"),
    [
        ("a.html", b"<title>Page - Site</title><h1>The <i>page</i></h1>x", "The page"),
        ("a.html", b"<title>Page</title><h2>Section</h2>x", "Page"),
        ("a.html", b"<h3>Section</h3>x", "Section"),
        ("a.html", b"<p>Just a line</p>", "Just a line"),
        ("dir/a-name.html", b"<p>" + b"word " * 100, "a-name"),
        ("a.md", b"---\ntitle: Said\n---\n# Heading", "Said"),
        ("a.md", b"text\n\n# Heading\n", "Heading"),
        ("dir/a-name.md", b"text", "a-name"),
        ("a.txt", b"\n\nFirst line\nsecond", "First line"),
        ("dir/a-name.txt", b"x" * 121, "a-name"),
        ("LICENSE", b"Apache License\n\nVersion 2.0", "Apache License"),
        ("page", b"<!DOCTYPE html><title>Page</title><p>text", "Page"),
        ("a.HTM", b"<title>Page</title><p>text", "Page"),
    ],
)
def test_a_document_gets_the_best_title_there_is(path: str, data: bytes, title: str) -> None:
    assert converted(path, data).title == title


def test_a_long_title_is_cut() -> None:
    title = converted("a.html", b"<title>" + b"word " * 200 + b"</title><p>x").title
    assert len(title) <= 500
    assert title.endswith("word…")


def test_markdown_is_stored_as_it_is() -> None:
    text = "# A\r\n\r\n<div>raw</div>\t \n\n"
    assert converted("a.md", text.encode()).content_markdown == text


def test_nul_characters_are_removed() -> None:
    assert converted("a.txt", b"a\0b" + b" text" * 100).content_markdown.startswith("ab text")


def test_front_matter_gives_tags_and_language() -> None:
    found = converted("a.md", b"---\ntags: [b, a, b]\nlanguage: de\n---\ntext")
    assert (found.tags, found.language, found.content_markdown) == (("b", "a"), "german", "text")


def test_tags_that_no_document_may_have_are_left_out() -> None:
    limits = ConversionLimits(max_tags=2, max_tag_characters=3)
    data = b"---\ntags: [long, abc, '', x, y]\n---\ntext"
    assert converted("a.md", data, limits).tags == ("abc", "x")


def test_a_page_gives_its_language() -> None:
    assert converted("a.html", b"<html lang='fr'><p>texte").language == "french"
    assert converted("a.html", b"<p>text").language is None


def test_a_declared_encoding_is_used() -> None:
    page = "<meta charset=windows-1251><title>Привет</title><p>мир"
    assert converted("a.html", page.encode("cp1251")).title == "Привет"


TAGS = ["<p>", "<table>", "<tr>", "<td>", "<pre>", "<svg>", "<h1>", "<ul><li>", "<main>", "<sup>"]
PARTS = ["<", ">", "</", "div", "<a href=", "<img alt=", '"', "'", "&#0;", "&amp", "<!--", "-->"]
RARE = [
    "colspan=9 ",
    "<![CDATA[",
    "<?xml ",
    "<nav>",
    "</body>",
    "<title>",
    "\0",
    "é",
    " ",
    "x",
    "\n",
]
MARKUP = st.sampled_from([*TAGS, *PARTS, *RARE])


@given(st.lists(MARKUP, max_size=60).map("".join))
def test_any_tag_soup_is_answered(soup: str) -> None:
    result = convert("soup.html", soup.encode())
    if isinstance(result, Converted):
        assert result.title
        assert "\0" not in result.content_markdown + result.title


@given(st.sampled_from(["a.html", "a.md", "a.txt", "a"]), st.binary(max_size=200))
def test_any_bytes_are_answered(path: str, data: bytes) -> None:
    result = convert(path, data)
    if isinstance(result, Converted):
        assert result.title
        result.content_markdown.encode()
