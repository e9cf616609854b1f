"""Messages that start background work, written in the transaction that asks for it."""

from collections.abc import Mapping
from typing import Any

import orjson

from howdah.foundation.database import Statement, Transaction

ADD = Statement(
    "outbox_add", "INSERT INTO outbox (queue, task, arguments) VALUES (%s, %s, %s::jsonb)"
)


def enqueue(
    transaction: Transaction, task: str, arguments: Mapping[str, Any], queue: str = "default"
) -> None:
    """Ask for `task` to run once the transaction has committed; never if it is rolled back.

    It runs at least once, so what it does must be harmless to repeat. Arguments are what JSON can
    say (and UUIDs and times, which become text). Round trips: 1.
    """
    transaction.execute(ADD, (queue, task, orjson.dumps(dict(arguments)).decode()))
