"""HTML pages to Markdown: the page's own text with its headings, without the site around it.

lxml reads the page (libxml2 bounds the nesting, so hostile pages stay cheap), what is not content
is removed from its tree, and html-to-markdown writes the rest.
"""

from dataclasses import dataclass

import html_to_markdown
import lxml.html
from lxml.etree import ParserError

from howdah.product.transfers.webpage_content import keep_content

_OPTIONS = html_to_markdown.ConversionOptions(
    extract_metadata=False,
    bullets="-",
    compact_tables=True,
    highlight_style="none",
    preprocessing=html_to_markdown.PreprocessingOptions(
        enabled=False, remove_navigation=False, remove_forms=False
    ),
)


class PageUnreadable(Exception):
    """The page cannot be converted; its message is a sentence that says why."""


@dataclass(frozen=True)
class Page:
    """A page's Markdown, and what it says about itself; None where it is silent."""

    content_markdown: str
    heading: str | None
    title: str | None
    language_tag: str | None


def read_page(html: str, file_name: str) -> Page:
    """The content of a page; links that lead elsewhere in its folder become their text.

    Raises PageUnreadable.
    """
    root = _parse(html)
    title = root.find(".//title")
    part = keep_content(root, file_name)
    heading = part.find(".//h1")
    return Page(
        content_markdown=_markdown(part),
        heading=None if heading is None else _text(heading),
        title=None if title is None else _text(title),
        language_tag=root.get("lang") or root.get("xml:lang"),
    )


def _parse(html: str) -> lxml.html.HtmlElement:
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    data = html.encode("utf-8", "replace")
    try:
        root = lxml.html.document_fromstring(data, parser=parser)
    except ParserError:
        raise PageUnreadable("It holds no text.") from None
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise PageUnreadable("Its elements are nested more than 256 deep.")
    return root


def _markdown(part: lxml.html.HtmlElement) -> str:
    html = lxml.html.tostring(part, encoding="unicode", with_tail=False)
    try:
        return (html_to_markdown.convert(html, _OPTIONS).content or "").strip()
    except html_to_markdown.ConversionError as failure:
        raise PageUnreadable("It could not be read as HTML.") from failure


def _text(element: lxml.html.HtmlElement) -> str | None:
    return " ".join(str(element.text_content()).split()) or None
