"""Markdown as HTML that is safe to show, and the title that a Markdown text gives itself.

Raw HTML inside Markdown is shown as text: `SELECT <column>` stays readable, and nothing that an
author writes becomes an element that Markdown has no word for. What the renderer makes is then
reduced to an explicit list of elements and attributes by nh3 all the same.
"""

import re

import nh3
from markdown_it import MarkdownIt

_RENDERER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

_ELEMENTS = (
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "ul", "ol", "li"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
    | {"a", "img", "code", "em", "strong", "s"}
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
    "code": {"class"},
}
_LANGUAGE_CLASS = re.compile(r"language-[\w+#.-]{1,40}\Z")


def _kept_attribute(element: str, name: str, value: str) -> str | None:
    """Classes are for the highlighter of code alone: a page's own classes are not an author's."""
    if name == "class" and not (element == "code" and _LANGUAGE_CLASS.match(value)):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=_ELEMENTS,
    clean_content_tags=set(),
    attributes=_ATTRIBUTES,
    attribute_filter=_kept_attribute,
    filter_style_properties={"text-align"},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener nofollow",
)


def render(content_markdown: str) -> str:
    """The sanitized HTML of a CommonMark text with tables and strikethrough."""
    return _CLEANER.clean(_RENDERER.render(content_markdown))


_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_NOT_A_PARAGRAPH = re.compile(r" {4}|\t| {0,3}(?:>|[-*+][ \t]|\d+[.)][ \t]|\|)")
_LINES_SEARCHED_FOR_A_HEADING = 1000
_LONGEST_HEADING_CHARACTERS = 2000


def heading_of(content_markdown: str) -> str | None:
    """The text of the first heading of any level, without its markup."""
    fence: str | None = None
    previous = ""
    for full_line in content_markdown.split("\n", _LINES_SEARCHED_FOR_A_HEADING):
        line = full_line[:_LONGEST_HEADING_CHARACTERS].rstrip("\r")
        if opening := _FENCE.match(line):
            fence = _fence_after(fence, opening[1], line)
        if fence is None and not opening:
            heading = _heading(line, previous)
            if heading:
                return heading
        previous = "" if opening or fence else line
    return None


def _fence_after(open_fence: str | None, marker: str, line: str) -> str | None:
    """The fence of the code block that is open after a line that looks like a fence."""
    if open_fence is None:
        return marker
    closes = marker.startswith(open_fence) and not line.strip().strip(marker[0])
    return None if closes else open_fence


def _heading(line: str, previous: str) -> str | None:
    if found := _ATX.match(line):
        return plain_text(found[1]) or None
    if previous.strip() and _SETEXT.match(line) and not _NOT_A_PARAGRAPH.match(previous):
        return plain_text(previous.strip()) or None
    return None


def plain_text(line_markdown: str) -> str:
    """One line of Markdown without its inline markup: `**a** [b](c)` is "a b"."""
    text = "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for token in _RENDERER.parseInline(line_markdown)
        for child in token.children or ()
    )
    return " ".join(text.split())
