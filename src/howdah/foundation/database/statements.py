"""What is sent to the database: named statements, and what a transaction is bound to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Parameters = Sequence[Any]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with the name that metrics and logs know it by.

    `name` is "noun_verb" in snake case: the statement family, a bounded label. `text` is a literal
    (a test forbids anything else): values are bound as `%s`, never written into it. Integers that
    meet an index through btree_gin are written `%s::integer`, or the index is not used.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Binding:
    """What a transaction is bound to before its first statement, and in the same message.

    The statement sets `app.org_id` and `app.user_id` for the transaction only (transaction pooling
    leaves no other session state) and returns one row, the `identity` of the transaction.
    """

    text: str
    parameters: tuple[Any, ...] = ()


NOBODY = Binding("SELECT howdah.bind(NULL, NULL)")
"""Bound to no tenant: sees no tenant's rows. For sign-in and other narrow functions."""


def tenant(org_id: int, user_id: int | None = None) -> Binding:
    """Bound to an organization by trusted code (jobs), without asking for credentials."""
    return Binding("SELECT howdah.bind(%s::integer, %s::integer)", (org_id, user_id))


def user(user_id: int) -> Binding:
    """Bound to a user and no organization, by trusted code."""
    return Binding("SELECT howdah.bind(NULL, %s::integer)", (user_id,))


Identity = Mapping[str, Any]
