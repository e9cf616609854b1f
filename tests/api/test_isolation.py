"""No endpoint shows or changes another organization's rows: every endpoint there is, by itself.

A new endpoint is tested the moment it is declared. When a test fails with a KeyError, tell
`neighbours.py` which row its new path parameter, or which value its new field, stands for.
"""

import pytest

from howdah.entrypoints.web import api
from howdah.entrypoints.web.endpoints import REGISTRY, Endpoint
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from tests.api.callers import Caller, Tenant
from tests.api.conftest import Join, MakeCaller, MakePerson, MakeTenant, MakeToken
from tests.api.neighbours import (
    PARAMETER,
    Neighbour,
    everything_of,
    furnish,
    request_for,
    session_of,
)

api.load()
ROLES = ("viewer", "editor", "admin", "owner")
SCOPES = ("read", "write", "admin")
OF_A_TENANT = [endpoint for endpoint in REGISTRY if endpoint.access == "member"]
WITH_A_SLUG = [endpoint for endpoint in REGISTRY if "<slug>" in endpoint.path]
WITH_A_ROW = [endpoint for endpoint in OF_A_TENANT if len(PARAMETER.findall(endpoint.path)) > 1]
WITHOUT_A_TENANT = [endpoint for endpoint in REGISTRY if "<slug>" not in endpoint.path]
OF_THE_CALLER_S_OWN = [
    endpoint
    for endpoint in WITHOUT_A_TENANT
    if endpoint.access != "anybody" and PARAMETER.search(endpoint.path)
]


def named(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.fixture
def neighbour(
    make_person: MakePerson,
    make_tenant: MakeTenant,
    join: Join,
    signed_in: MakeCaller,
    settings: Settings,
) -> Neighbour:
    """The other organization."""
    owner, editor = make_person(), make_person()
    tenant = make_tenant(owner)
    join(editor, tenant, "editor")
    neighbour = Neighbour(tenant, owner, editor)
    furnish(neighbour, signed_in(owner), settings)
    deleted = make_tenant(owner)
    signed_in(owner).delete(deleted.path(), query_string={"confirm": deleted.slug})
    neighbour.special["restore_organization_endpoint"] = {"slug": deleted.slug}
    return neighbour


@pytest.fixture
def outsiders(
    neighbour: Neighbour,
    tenant: Tenant,
    as_owner: Caller,
    as_operator: Caller,
    make_person: MakePerson,
    join: Join,
    signed_in: MakeCaller,
    caller: MakeCaller,
    settings: Settings,
) -> dict[str, Caller]:
    """People with credentials that are good for something, but not for the neighbour."""
    narrowed, removed = make_person(), make_person()
    join(narrowed, tenant, "owner")
    for person in (narrowed, removed):
        join(person, neighbour.tenant, "owner")
    with connect_directly(settings, OWNER) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", (removed.id,))
    return {
        "owner of another organization": as_owner,
        "the same with a session": caller(session_of(tenant.owner, settings)),
        "who runs the installation": as_operator,
        "owner with a token of another organization": signed_in(narrowed, org_id=tenant.id),
        "owner until a moment ago": signed_in(removed),
        "the same with the session from then": caller(session_of(removed, settings)),
    }


@pytest.fixture
def nobodies(
    neighbour: Neighbour,
    anonymous: Caller,
    caller: MakeCaller,
    make_person: MakePerson,
    make_token: MakeToken,
    join: Join,
    settings: Settings,
) -> dict[str, Caller]:
    """People without credentials that are good for anything."""
    disabled, expired = make_person(), make_person()
    for person in (disabled, expired):
        join(person, neighbour.tenant, "owner")
    tokens = {person.id: make_token(person) for person in (disabled, expired)}
    sessions = {
        person.id: session_of(person, settings, expired=person is expired)
        for person in (disabled, expired)
    }
    with connect_directly(settings, OWNER) as connection:
        connection.execute("UPDATE users SET disabled_at = now() WHERE id = %s", (disabled.id,))
        connection.execute(
            "UPDATE api_tokens SET expires_at = now() - interval '1 s' WHERE user_id = %s",
            (expired.id,),
        )
    return {
        "nobody": anonymous,
        "somebody with a worthless token": caller("hds_" + "x" * 43),
        "owner who was disabled": caller(tokens[disabled.id]),
        "owner whose token has expired": caller(tokens[expired.id]),
        "owner who was disabled, with the session from then": caller(sessions[disabled.id]),
        "owner whose session has expired": caller(sessions[expired.id]),
    }


@pytest.mark.parametrize("endpoint", WITH_A_SLUG, ids=named)
def test_whoever_does_not_belong_there_is_told_that_there_is_nothing(
    endpoint: Endpoint,
    neighbour: Neighbour,
    outsiders: dict[str, Caller],
    nobodies: dict[str, Caller],
    settings: Settings,
) -> None:
    before = everything_of(settings, neighbour)
    for status, callers in ((404, outsiders), (401, nobodies)):
        for who, client in callers.items():
            more = request_for(endpoint, neighbour, asking=True)
            answer = client.request(endpoint.method, neighbour.path(endpoint), **more)
            assert answer.status_code == status, (who, answer.text)
            assert neighbour.secret not in answer.text, who
    assert everything_of(settings, neighbour) == before


@pytest.mark.parametrize("endpoint", WITH_A_ROW, ids=named)
def test_a_row_of_another_organization_is_not_there(
    endpoint: Endpoint,
    neighbour: Neighbour,
    tenant: Tenant,
    as_owner: Caller,
    settings: Settings,
) -> None:
    before = everything_of(settings, neighbour)
    for asking in (False, True):
        more = request_for(endpoint, neighbour, asking=asking)
        path = neighbour.path(endpoint, slug=tenant.slug)
        answer = as_owner.request(endpoint.method, path, **more)
        assert answer.status_code == 404, answer.text
        assert neighbour.secret not in answer.text
    assert everything_of(settings, neighbour) == before


@pytest.mark.parametrize(
    "endpoint", [endpoint for endpoint in OF_A_TENANT if endpoint not in WITH_A_ROW], ids=named
)
def test_what_is_listed_found_counted_and_changed_is_one_s_own(
    endpoint: Endpoint,
    neighbour: Neighbour,
    tenant: Tenant,
    as_owner: Caller,
    settings: Settings,
) -> None:
    before = everything_of(settings, neighbour)
    for asking in (False, True):
        more = request_for(endpoint, neighbour, asking=asking)
        if "query_string" in more and "confirm" in more["query_string"]:
            more["query_string"]["confirm"] = tenant.slug
        path = neighbour.path(endpoint, slug=tenant.slug)
        answer = as_owner.request(endpoint.method, path, **more)
        assert answer.status_code < 500
        assert neighbour.secret not in answer.text
        if not asking:
            assert answer.status_code in endpoint.answers, answer.text
    assert everything_of(settings, neighbour) == before


@pytest.mark.parametrize("endpoint", WITHOUT_A_TENANT, ids=named)
def test_what_belongs_to_no_organization_tells_nothing_of_one(
    endpoint: Endpoint, neighbour: Neighbour, as_owner: Caller, settings: Settings
) -> None:
    before = everything_of(settings, neighbour)
    for asking in (False, True):
        more = request_for(endpoint, neighbour, asking=asking)
        answer = as_owner.request(endpoint.method, neighbour.path(endpoint), **more)
        assert answer.status_code < 500
        assert neighbour.secret not in answer.text
        if endpoint in OF_THE_CALLER_S_OWN:
            assert answer.status_code in (403, 404), answer.text
    assert everything_of(settings, neighbour) == before


@pytest.mark.parametrize("endpoint", OF_A_TENANT, ids=named)
def test_a_role_or_a_scope_below_the_declared_one_is_refused(
    endpoint: Endpoint,
    neighbour: Neighbour,
    make_person: MakePerson,
    join: Join,
    signed_in: MakeCaller,
    caller: MakeCaller,
    settings: Settings,
) -> None:
    callers = {}
    for role in ROLES[: ROLES.index(endpoint.role)]:
        person = make_person()
        join(person, neighbour.tenant, role)
        callers[role] = signed_in(person)
        callers[f"{role} with a session"] = caller(session_of(person, settings))
    for scope in SCOPES[: SCOPES.index(endpoint.scope)]:
        callers[f"owner with {scope}"] = signed_in(neighbour.owner, scopes=(scope,))
    before = everything_of(settings, neighbour)
    for who, client in callers.items():
        more = request_for(endpoint, neighbour, asking=False)
        answer = client.request(endpoint.method, neighbour.path(endpoint), **more)
        assert answer.status_code == 403, (who, answer.text)
        assert neighbour.secret not in answer.text
    assert everything_of(settings, neighbour) == before


@pytest.mark.parametrize("by", ["token", "session"])
@pytest.mark.parametrize("endpoint", WITH_A_SLUG, ids=named)
def test_the_same_request_works_for_the_owner(
    endpoint: Endpoint,
    neighbour: Neighbour,
    signed_in: MakeCaller,
    caller: MakeCaller,
    settings: Settings,
    by: str,
) -> None:
    """Else the tests above would prove nothing."""
    more = request_for(endpoint, neighbour, asking=False)
    by_session = caller(session_of(neighbour.owner, settings))
    client = by_session if by == "session" else signed_in(neighbour.owner)
    answer = client.request(endpoint.method, neighbour.path(endpoint), **more)
    assert answer.status_code in endpoint.answers, answer.text
