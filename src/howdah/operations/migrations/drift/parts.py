"""A dump taken apart: pg_dump heads each object with a comment that says what it is."""

import re
from dataclasses import dataclass
from functools import cached_property

from howdah.operations.migrations.statements import split_statements

HEAD = re.compile(
    r"^--\n-- Name: (?P<name>.*); Type: (?P<kind>[A-Z ]+); Schema: (?P<schema>.*); Owner: .*\n--\n",
    re.MULTILINE,
)
SETTINGS = re.compile(r"^SET default_(?:tablespace|table_access_method) = .*;\n", re.MULTILINE)
"""They stand before the head of the first part that they hold for, so in another one's text."""
OWNER = re.compile(r"ALTER .* OWNER TO (?:\S+|\"[^\"]+\")$", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """One object, or one aspect of it such as its grants, and the statements that make it."""

    kind: str
    schema: str
    name: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two parts of two dumps the same object."""
        return self.kind, self.schema, self.name

    @property
    def title(self) -> str:
        """For people: `INDEX public.idx_documents_author`."""
        return f"{self.kind} {self.name}" if self.schema == "-" else f"{self.kind} {self.qualified}"

    @property
    def qualified(self) -> str:
        """Schema and name as pg_dump's heads give them."""
        return f"{self.schema}.{self.name}"

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """What makes it, the owner last."""
        found = [statement.text for statement in split_statements(self.text)]
        return tuple(sorted(found, key=lambda text: bool(OWNER.fullmatch(text))))

    @property
    def making(self) -> tuple[str, ...]:
        """What makes it but for its owner."""
        return tuple(text for text in self.statements if not OWNER.fullmatch(text))


def take_apart(dump: str) -> dict[tuple[str, str, str], Part]:
    """Every part, in the dump's order, which is one in which they can be made."""
    dump = SETTINGS.sub("", dump)
    heads = list(HEAD.finditer(dump))
    ends = [*(head.start() for head in heads[1:]), len(dump)]
    parts = (
        Part(head["kind"], head["schema"], head["name"], dump[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    )
    return {part.key: part for part in parts}
