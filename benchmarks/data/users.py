"""User rows, with preferences whose values are shared by 0.1 % up to 75 % of the users."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from benchmarks.data.scale import FIRST_ORG_ID, FIRST_USER_ID, Scale

_THEMES = ("light", "dark", "system")
_LOCALES = ("en", "de", "fr", "es", "ja", "pt", "it", "nl", "pl", "sv")
_TIERS = ("free", "pro", "team", "enterprise")


@dataclass(frozen=True)
class User:
    id: int
    org_id: int
    role: str
    email: str
    full_name: str
    metadata: str  # JSON


def users(scale: Scale) -> Iterator[User]:
    """Every user, organization by organization; the first of each is its owner."""
    for org_id in range(FIRST_ORG_ID, FIRST_ORG_ID + scale.organizations):
        members = scale.members(org_id)
        for user_id in members:
            number = user_id - FIRST_USER_ID
            yield User(
                id=user_id,
                org_id=org_id,
                role="owner" if user_id == members.start else _role(number),
                email=f"user{number}@bench.example",
                full_name=f"Bench User {number}",
                metadata=json.dumps(preferences(scale.seed, number)),
            )


def preferences(seed: int, number: int) -> dict[str, Any]:
    """What user `number` has set; the shares are those in the names of METADATA_PREDICATES."""
    random = Random(seed * 7_368_787 + number)
    return {
        "notifications": {
            "email": random.random() < 0.5,
            "sms": random.random() < 0.1,
            "push": random.random() < 0.01,
            "beta": random.random() < 0.001,
        },
        "theme": random.choice(_THEMES),
        "locale": _LOCALES[int(random.random() ** 2 * 10)],
        "plan": {"tier": _TIERS[int(random.random() ** 3 * 4)], "seats": random.randrange(500)},
        "ext_id": hashlib.md5(str(number).encode()).hexdigest(),
        "features": [f"f{(number * 7 + k * 13) % 200}" for k in range(1, 2 + number % 5)],
        "last_ip": f"10.{number % 256}.{number // 256 % 256}.{number // 65536 % 256}",
        "bio": f"{hashlib.md5(str(number * 3).encode()).hexdigest()} " * (2 + number % 5),
    }


def external_id(number: int) -> str:
    """The value of ext_id that user `number` alone has."""
    return str(preferences(0, number)["ext_id"])


def _role(number: int) -> str:
    return ("viewer", "editor", "editor", "editor", "admin")[number % 5]
