"""What every declaration of an endpoint must keep."""

import pytest
from pydantic import BaseModel

from howdah.entrypoints.web import api
from howdah.entrypoints.web.endpoints import REGISTRY, Endpoint
from howdah.entrypoints.web.fields import Body, Out

api.load()
ENDPOINTS = list(REGISTRY)


def named(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_token_is_told_once_and_kept_in_no_record(endpoint: Endpoint) -> None:
    """An Idempotency-Key keeps the answer: it must hold no credential."""
    fields = {
        name
        for model in endpoint.answers.values()
        if isinstance(model, type) and issubclass(model, BaseModel)
        for name in model.model_fields
    }
    assert not ("token" in fields and endpoint.idempotency)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_what_is_asked_and_answered_is_declared(endpoint: Endpoint) -> None:
    for model in (endpoint.query, endpoint.body):
        assert model is None or issubclass(model, Body)
    for model in endpoint.answers.values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            assert issubclass(model, Out)
    assert endpoint.summary
    assert endpoint.handler.__doc__


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_reading_changes_nothing_and_writing_takes_the_scope(endpoint: Endpoint) -> None:
    if endpoint.method == "GET":
        assert not endpoint.transaction
        assert endpoint.scope == "read"
        assert not endpoint.idempotency
    elif endpoint.access not in ("anybody",) and endpoint.name != "delete_current_session":
        assert endpoint.scope in ("write", "admin")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_endpoint_below_an_organization_is_for_its_members(endpoint: Endpoint) -> None:
    """Restoring is the exception: a deleted organization has no members that it would know."""
    if "<slug>" in endpoint.path and endpoint.name != "restore_organization_endpoint":
        assert endpoint.access == "member"
    if endpoint.access == "member":
        assert endpoint.path.startswith("/orgs/<slug>")
