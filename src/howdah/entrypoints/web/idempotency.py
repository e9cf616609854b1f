"""One request, one effect: Idempotency-Key on creating POSTs.

The key is claimed in the message that begins the transaction and the answer is stored in the one
that commits it, so the work and its record happen together, and no round trip is added. A second
request with the key waits for the first to end and is given its answer.
"""

import hashlib
from dataclasses import dataclass

import orjson
from pydantic import BaseModel

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.consistency import written
from howdah.entrypoints.web.endpoints import Answer, Handler, Header
from howdah.entrypoints.web.repeating import write_surely
from howdah.foundation.database import Statement
from howdah.foundation.errors import Conflict, InvalidInput

CLAIM = Statement(
    "idempotency_claim",
    """
    INSERT INTO idempotency_keys (user_id, key, org_id, fingerprint)
    VALUES (howdah.current_user_id(), %s, howdah.current_org_id(), %s)
    """,
)
STORE = Statement(
    "idempotency_store",
    """
    UPDATE idempotency_keys
    SET status = %s, headers = %s::jsonb, body = %s
    WHERE user_id = howdah.current_user_id() AND key = %s
    """,
)
STORED = Statement(
    "idempotency_stored",
    """
    SELECT fingerprint, status, headers, body, howdah.position() AS position,
           org_id IS NOT DISTINCT FROM howdah.current_org_id() AS same_organization
    FROM idempotency_keys
    WHERE user_id = howdah.current_user_id() AND key = %s
    """,
)
LONGEST_KEY = 200
IDEMPOTENCY_KEY = Header(
    "Send the same key again to be given the first answer.", r"^[\x21-\x7e]{1,200}$"
)


class KeyReused(Conflict):
    """This Idempotency-Key was used for a different request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Key:
    """A client's key and what its request asked for (SHA-256)."""

    text: str
    fingerprint: bytes


def key_of(call: Call) -> Key | None:
    """The request's key. Raises InvalidInput when it cannot be one."""
    text = call.headers.get("Idempotency-Key")
    if text is None:
        return None
    if not 0 < len(text) <= LONGEST_KEY or not all("!" <= character <= "~" for character in text):
        raise InvalidInput(
            f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters, no spaces."
        )
    parts = (f"{call.endpoint.name} {sorted(call.path.items())}", call.query, call.body)
    return Key(text, hashlib.sha256(b" ".join(map(asked, parts))).digest())


def asked(part: str | bytes | BaseModel | None) -> bytes:
    """A part of a request as the fingerprint sees it; passwords show themselves as stars."""
    if isinstance(part, BaseModel):
        return part.model_dump_json().encode()
    return part.encode() if isinstance(part, str) else part or b""


def in_transaction(call: Call, work: Handler) -> Answer:
    """The work's answer, in one transaction bound to the caller; once for each Idempotency-Key.

    For handlers that must do something before it: they declare `transaction=False`, do that, and
    call this with the rest.
    """
    key = key_of(call) if call.endpoint.idempotency else None
    if key is not None:
        return write_surely(call, lambda: once(call, key, work), recorded=True)
    return write_surely(call, lambda: plainly(call, work), recorded=False)


def plainly(call: Call, work: Handler) -> Answer:
    """The work's answer, in a transaction of its own."""
    with call.services.database.write(call.binding()) as transaction:
        call.queries = transaction
        answer = work(call)
    written(call, transaction.position)
    return answer


def once(call: Call, key: Key, work: Handler) -> Answer:
    """The work's answer, or the one it gave the first time."""
    try:
        with call.services.database.write(call.binding()) as transaction:
            transaction.with_begin(CLAIM, (key.text, key.fingerprint))
            call.queries = transaction
            answer = work(call)
            transaction.with_commit(
                STORE,
                (
                    answer.status,
                    orjson.dumps(dict(answer.headers)).decode(),
                    orjson.dumps(answer.body).decode(),
                    key.text,
                ),
            )
    except Conflict as conflict:
        if conflict.details.get("constraint") != "idempotency_keys_pkey":
            raise
        return replayed(call, key)
    written(call, transaction.position)
    return answer


def replayed(call: Call, key: Key) -> Answer:
    """The stored answer. Raises KeyReused when the key was used for something else."""
    with call.services.database.read(call.binding()) as reader:
        stored = reader.one(STORED, (key.text,))
    if stored is None or stored["status"] is None:
        raise Conflict("A request with this Idempotency-Key was undone; send it again.")
    # The path names the organization by its slug, which may be another organization's by now.
    if bytes(stored["fingerprint"]) != key.fingerprint or not stored["same_organization"]:
        raise KeyReused()
    written(call, stored["position"])
    return Answer(
        orjson.loads(stored["body"]),
        stored["status"],
        {**stored["headers"], "Idempotency-Replayed": "true"},
    )
