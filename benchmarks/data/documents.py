"""Document rows: real paragraphs put together, 0.5 to 4 KB."""

import itertools
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.data.corpus import Corpus, Text
from benchmarks.data.scale import FIRST_DOCUMENT_ID, Scale

SHORTEST_CHARACTERS, LONGEST_CHARACTERS = 500, 4000
_BEGINNING = datetime(2022, 1, 1, tzinfo=UTC)
_DAYS = 1000
_TAGS = tuple(f"tag{number:03d}" for number in range(300))
_TAG_WEIGHTS = tuple(itertools.accumulate(1 / (rank + 3) for rank in range(300)))
# One long manual must not outweigh hundreds of short texts.
_MOST_PARAGRAPHS_COUNTED = 60


@dataclass(frozen=True)
class Document:
    id: int
    title: str
    content: str
    author_id: int
    org_id: int
    tags: tuple[str, ...]
    created_at: datetime


class DocumentStream:
    """Makes document number n, always the same for the same corpus and scale."""

    def __init__(self, corpus: Corpus, scale: Scale):
        self._texts = corpus.texts
        self._scale = scale
        self._weights = list(
            itertools.accumulate(
                min(len(text.paragraphs), _MOST_PARAGRAPHS_COUNTED) for text in corpus.texts
            )
        )

    def rows(self, numbers: range) -> Iterator[Document]:
        return map(self.document, numbers)

    def document(self, number: int) -> Document:
        random = Random(self._scale.seed * 1_000_003 + number)
        title, content = self._prose(random)
        org_id = self._scale.org_at(random.random())
        tags = random.choices(_TAGS, cum_weights=_TAG_WEIGHTS, k=random.randint(1, 5))
        day = _DAYS * number / self._scale.documents + random.random()
        return Document(
            id=FIRST_DOCUMENT_ID + number,
            title=title,
            content=content,
            author_id=random.choice(self._scale.members(org_id)),
            org_id=org_id,
            tags=tuple(sorted(set(tags))),
            created_at=_BEGINNING + timedelta(days=day),
        )

    def _prose(self, random: Random) -> tuple[str, str]:
        """A title, and paragraphs of its text in order, with some of other texts between them."""
        text = self._any_text(random)
        position = random.randrange(len(text.paragraphs))
        title = self._title(random, text.title, text.paragraphs[position])
        wanted = min(
            LONGEST_CHARACTERS, max(SHORTEST_CHARACTERS, random.lognormvariate(7.15, 0.55))
        )
        wandering = random.random() < 0.45
        chosen: list[str] = []
        length = 0
        while length < wanted:
            if wandering or position >= len(text.paragraphs):
                paragraph = random.choice(self._any_text(random).paragraphs)
            else:
                paragraph = text.paragraphs[position]
                position += 1
            chosen.append(paragraph[: max(120, int(wanted - length))])
            length += len(chosen[-1]) + 1
            wandering ^= random.random() < 0.25
        return title, "\n".join(chosen)

    def _any_text(self, random: Random) -> Text:
        return self._texts[bisect(self._weights, random.random() * self._weights[-1])]

    @staticmethod
    def _title(random: Random, title: str, paragraph: str) -> str:
        if random.random() < 0.3:
            return title[:500]
        words = paragraph.split()[: random.randint(4, 9)]
        return f"{title[:80]} - {' '.join(words)}"[:500]
