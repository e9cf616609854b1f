"""The title and the paragraphs of an HTML page."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "li", "dd", "dt", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"} | {
    "pre",
    "section",
    "table",
    "ul",
    "ol",
    "dl",
    "br",
    "blockquote",
}
_NOT_PROSE = {"script", "style", "nav", "header", "footer", "pre"}
_WHITESPACE = re.compile(r"\s+")
SHORTEST_PARAGRAPH_CHARACTERS = 90


class _Blocks(HTMLParser):
    """Collects text per block element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.blocks: list[str] = []
        self._parts: list[str] = []
        self._silent = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_block()
        if tag in _NOT_PROSE:
            self._silent += 1
        elif tag == "title":
            self._in_title = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_block()
        if tag in _NOT_PROSE:
            self._silent = max(0, self._silent - 1)
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._silent:
            self._parts.append(data)

    def end_block(self) -> None:
        text = squeeze("".join(self._parts))
        self._parts.clear()
        if text:
            self.blocks.append(text)


def squeeze(text: str) -> str:
    """The text on one line, without NUL, which PostgreSQL cannot store."""
    return _WHITESPACE.sub(" ", text.replace("\x00", "")).strip()


def is_prose(text: str) -> bool:
    """Long enough, and made of words rather than of code or numbers."""
    if len(text) < SHORTEST_PARAGRAPH_CHARACTERS:
        return False
    beginning = text[:400]
    wordlike = sum(character.isalpha() or character == " " for character in beginning)
    return wordlike > 0.78 * len(beginning)


def read_page(html: str) -> tuple[str, list[str]]:
    """The page's title and those of its blocks that are prose."""
    parser = _Blocks()
    parser.feed(html)
    parser.close()
    parser.end_block()
    return squeeze(parser.title), [block for block in parser.blocks if is_prose(block)]
