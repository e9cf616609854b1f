"""Split SQL into its statements, by the rules of psql's scanner.

Needed to say on which line a statement failed and to refuse what cannot work: several statements
where only one can be sent, or a COMMIT inside a transaction that is not its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKENS = re.compile(
    r"""
      (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<quoted>
          [eE]'(?:[^'\\]|\\.|'')*'      # an escape string, where a backslash escapes
        | '(?:[^']|'')*'
        | "(?:[^"]|"")*"
        | (?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)
      )
    | (?P<word>[^\W\d][\w$]*)
    | (?P<mark>[();])
    """,
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[^\W\d][\w$]*")
IDENTIFIER = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
QUALIFIED = rf"{IDENTIFIER}(?:\s*\.\s*{IDENTIFIER})?"
BLOCK_MARKS = re.compile(r"/\*|\*/")
ROUTINE = re.compile(r"create (or replace )?(function|procedure)\b")


@dataclass(frozen=True)
class SqlStatement:
    """One statement without its semicolon; `line` counts from 1 within the text it came from."""

    text: str
    line: int

    @property
    def bare(self) -> str:
        """Its text with a space for each comment: to recognise what it is about."""
        return _without_comments(self.text)

    @property
    def first_word(self) -> str:
        """In lower case; empty when it begins with something else."""
        found = WORD.match(self.text)
        return found[0].lower() if found else ""

    @property
    def words(self) -> str:
        """Its words in lower case, without comments and literals: to recognise what it is."""
        return " ".join(match["word"].lower() for match in _tokens(self.text) if match["word"])


def split_statements(sql: str) -> tuple[SqlStatement, ...]:
    """Every statement of the text; comments alone are none."""
    ends = [*_ends(sql), len(sql)]
    starts = [0, *(end + 1 for end in ends[:-1])]
    pieces = (_statement(sql, start, end) for start, end in zip(starts, ends, strict=True))
    return tuple(piece for piece in pieces if piece)


def _statement(sql: str, start: int, end: int) -> SqlStatement | None:
    """The text between two semicolons from its first token on, unless it is only comments."""
    text = sql[start:end]
    first = _first_token(text)
    if first is None:
        return None
    return SqlStatement(text[first:].rstrip(), sql.count("\n", 0, start + first) + 1)


def _first_token(text: str) -> int | None:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
        elif text.startswith("--", position):
            position = text.find("\n", position) if "\n" in text[position:] else len(text)
        elif text.startswith("/*", position):
            position = _after_block(text, position)
        else:
            return position
    return None


def _ends(sql: str) -> Iterator[int]:
    """Positions of the semicolons that end a statement.

    Those inside parentheses (CREATE RULE) or inside a routine's BEGIN ATOMIC … END do not.
    """
    parentheses = blocks = 0
    words: list[str] = []
    for match in _tokens(sql):
        mark, word = match["mark"], match["word"]
        if mark == ";" and not parentheses and not blocks:
            yield match.start()
            words = []
        elif mark in ("(", ")"):
            parentheses = max(0, parentheses + (1 if mark == "(" else -1))
        elif word:
            words.append(word.lower())
            blocks = _blocks(blocks, words) if not parentheses else blocks


def _blocks(open_blocks: int, words: list[str]) -> int:
    """How many BEGIN and CASE of a routine's body are open after the last of these words."""
    match words[-1]:
        case "begin" if ROUTINE.match(" ".join(words[:4])):
            return open_blocks + 1
        case "case" if open_blocks:
            return open_blocks + 1
        case "end" if open_blocks:
            return open_blocks - 1
    return open_blocks


def _tokens(sql: str) -> Iterator[re.Match[str]]:
    """Words and marks outside comments and literals."""
    position = 0
    while match := TOKENS.search(sql, position):
        position = _after_block(sql, match.start()) if match["block"] else match.end()
        if match["word"] or match["mark"]:
            yield match


def _without_comments(sql: str) -> str:
    kept, position = [], 0
    while match := TOKENS.search(sql, position):
        end = _after_block(sql, match.start()) if match["block"] else match.end()
        kept.append(sql[position : match.start()])
        kept.append(" " if match["block"] or match["comment"] else match[0])
        position = end
    return "".join([*kept, sql[position:]])


def _after_block(sql: str, start: int) -> int:
    """The position after the block comment that starts here; they nest."""
    depth = 0
    for match in BLOCK_MARKS.finditer(sql, start):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)
