"""Consistency-Token in solo, where there is nothing to wait for: it is given, read and checked."""

import re

import pytest

from howdah.foundation.database import Position
from howdah.foundation.database.positions import PATTERN
from tests.api.callers import Caller, Tenant
from tests.api.conftest import RoundTrips

HEADER = "Consistency-Token"
DOCUMENT = {"title": "Elephants", "content": "They remember."}


def test_every_write_says_where_it_is_in_the_history(as_owner: Caller, tenant: Tenant) -> None:
    made = as_owner.post(tenant.path("documents"), json=DOCUMENT)
    one = tenant.path(f"documents/{made.json['id']}")
    changed = as_owner.patch(one, json={"title": "Two"}, headers={"If-Match": "*"})
    deleted = as_owner.delete(one)
    tokens = [answer.headers[HEADER] for answer in (made, changed, deleted)]
    assert all(re.fullmatch(PATTERN, token) for token in tokens)
    positions = [Position.of(token) for token in tokens]
    assert positions == sorted(positions)  # type: ignore[type-var]
    assert len(set(positions)) == 3


def test_reads_and_refusals_say_none(as_owner: Caller, tenant: Tenant) -> None:
    assert HEADER not in as_owner.get(tenant.path("documents")).headers
    assert HEADER not in as_owner.post(tenant.path("documents"), json={}).headers


def test_a_repeated_request_says_a_position_that_has_its_effect(
    as_owner: Caller, tenant: Tenant
) -> None:
    key = {"Idempotency-Key": "one"}
    first = as_owner.post(tenant.path("documents"), json=DOCUMENT, headers=key)
    again = as_owner.post(tenant.path("documents"), json=DOCUMENT, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Position.of(again.headers[HEADER]) >= Position.of(first.headers[HEADER])  # type: ignore[operator]


@pytest.mark.parametrize("path", ["documents", "search?q=x", "insights/counters", "members"])
def test_a_token_is_accepted_by_every_read(as_owner: Caller, tenant: Tenant, path: str) -> None:
    token = as_owner.post(tenant.path("documents"), json=DOCUMENT).headers[HEADER]
    assert as_owner.get(tenant.path(path), headers={HEADER: token}).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "1", "1-0/0/0", "0-0/0", "1-0/XYZ", "9" * 500])
def test_nonsense_is_refused(as_owner: Caller, tenant: Tenant, token: str) -> None:
    answer = as_owner.get(tenant.path("documents"), headers={HEADER: token})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_consistency_token")


@pytest.mark.parametrize("token", ["999999999-0/0", "1-FFFFFFFF/FFFFFFFF"])
def test_a_token_of_the_far_future_does_not_hang(
    as_owner: Caller, tenant: Tenant, token: str, round_trips: RoundTrips
) -> None:
    as_owner.get(tenant.path("documents"))
    with round_trips() as sent:
        answer = as_owner.get(tenant.path("documents"), headers={HEADER: token})
    assert answer.status_code == 200
    assert sent.count == 1


def test_the_position_travels_with_the_commit(
    as_owner: Caller, tenant: Tenant, round_trips: RoundTrips
) -> None:
    as_owner.get(tenant.path("documents"))
    with round_trips() as sent:
        as_owner.post(tenant.path("documents"), json=DOCUMENT)
    assert sent.count == 2
