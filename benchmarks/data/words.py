"""Words by how many of the largest organization's documents hold them."""

import math
from dataclasses import dataclass

import psycopg
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

# From a handful of documents to the word in 44 % of them.
SHARES = (0.0001, 0.001, 0.01, 0.02, 0.05, 0.10, 0.20, 0.34, 0.44)


@dataclass(frozen=True)
class Word:
    text: str
    documents: int
    share: float


def word_near(connection: Connection, share: float) -> Word:
    """The word whose share of the largest organization's documents comes nearest."""
    found = connection.execute(
        """
        SELECT word, documents, share FROM bench.words
        WHERE documents >= 2 ORDER BY abs(ln(share) - ln(%s)), word LIMIT 1
        """,
        (share,),
    ).fetchone()
    if found is None:
        raise LookupError("bench.words is empty: load the data set first")
    return Word(*found)


def words_at(connection: Connection, shares: tuple[float, ...]) -> list[Word]:
    """One word for each share, without repeats (a small data set has fewer shares)."""
    return list(dict.fromkeys(word_near(connection, share) for share in shares))


def mixed_words(connection: Connection, number: int, rarest: float = 0.0001) -> list[Word]:
    """Words from rare to the most common, evenly by the logarithm of their share."""
    (commonest,) = connection.execute("SELECT max(share) FROM bench.words").fetchone() or (None,)
    if commonest is None:
        raise LookupError("bench.words is empty: load the data set first")
    steps = math.log(commonest / rarest) / (number - 1)
    return words_at(connection, tuple(rarest * math.exp(steps * place) for place in range(number)))


def queries_with_choice(
    connection: Connection, org_id: int, number: int, least_matches: int
) -> list[str]:
    """The first real queries that match at least so many documents: below that nothing is ranked
    away, and any two orders agree.
    """
    rows = connection.execute(
        """
        SELECT q.query FROM bench.queries q
        WHERE (SELECT count(*) FROM (
                   SELECT FROM public.documents d
                   WHERE d.org_id = %(org)s AND d.deleted_at IS NULL
                     AND d.search_vector @@ websearch_to_tsquery('english', q.query)
                   LIMIT %(least)s) AS matches) >= %(least)s
        ORDER BY q.place LIMIT %(number)s
        """,
        {"org": org_id, "least": least_matches, "number": number},
    ).fetchall()
    return [query for (query,) in rows]
