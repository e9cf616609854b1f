"""One request, one effect."""

import secrets
import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from howdah.entrypoints.web.services import Services
from howdah.foundation.database import NOBODY, Statement
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from tests.api.callers import Caller, Tenant
from tests.api.conftest import Join, MakeCaller, MakePerson, MakeTenant, RoundTrips

DRAFT = {"title": "Once", "content": "…"}


@pytest.fixture
def key() -> str:
    return secrets.token_hex(8)


def create(client: Caller, tenant: Tenant, key: str, **fields: Any) -> TestResponse:
    headers = {"Idempotency-Key": key}
    return client.post(tenant.path("documents"), json=DRAFT | fields, headers=headers)


def count(client: Caller, tenant: Tenant) -> int:
    query = {"limit": 100}
    return len(client.get(tenant.path("documents"), query_string=query).json["items"])


def test_the_second_request_is_given_the_first_answer(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    first, second = create(as_editor, tenant, key), create(as_editor, tenant, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json == first.json
    for header in ("ETag", "Location", "Content-Type"):
        assert second.headers[header] == first.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(as_editor, tenant) == 1


def test_the_answer_is_the_first_one_whatever_happened_since(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    first = create(as_editor, tenant, key)
    as_editor.delete(tenant.path(f"documents/{first.json['id']}"))
    assert create(as_editor, tenant, key).json == first.json
    assert count(as_editor, tenant) == 0


def test_how_the_body_is_written_does_not_matter(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    path = tenant.path("documents")
    one = as_editor.post(path, data=b'{"title": "a", "content": "\\u00e9"}', headers=headers)
    other = as_editor.post(path, data='{ "content":"é","title":"a" }'.encode(), headers=headers)
    assert other.json == one.json


def test_no_round_trip_is_added(
    as_editor: Caller, tenant: Tenant, key: str, round_trips: RoundTrips
) -> None:
    as_editor.get(tenant.path())
    with round_trips() as sent:
        create(as_editor, tenant, key)
    assert sent.names == ["document_create", "commit"]


def test_requests_at_the_same_time_make_one_document(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    for attempt in range(5):
        answers: list[TestResponse] = []
        together = threading.Barrier(6)

        def go(
            key: str = f"{key}-{attempt}",
            answers: list[TestResponse] = answers,
            together: threading.Barrier = together,
        ) -> None:
            together.wait()
            answers.append(create(as_editor, tenant, key))

        threads = [threading.Thread(target=go) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json["id"] for answer in answers}) == 1
        assert count(as_editor, tenant) == attempt + 1


def test_one_key_for_two_different_requests_is_refused(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    create(as_editor, tenant, key)
    refused = create(as_editor, tenant, key, title="Twice")
    assert refused.status_code == 409
    assert "different request" in refused.json["detail"]
    elsewhere = as_editor.post(
        "/orgs",
        json={"name": "Acme", "slug": f"org-{key}"},
        headers={"Idempotency-Key": key},
    )
    assert elsewhere.status_code == 409
    assert count(as_editor, tenant) == 1


def test_a_different_query_is_a_different_request(
    as_editor: Caller, tenant: Tenant, key: str
) -> None:
    def imported(prefix: str) -> TestResponse:
        return as_editor.post(
            tenant.path("imports"),
            query_string={"file_name": "a.md", "path_prefix": prefix},
            data=b"# A",
            headers={"Idempotency-Key": key, "Content-Type": "text/markdown"},
        )

    first, again = imported("one"), imported("one")
    assert again.json == first.json
    assert imported("two").status_code == 409


def test_an_export_asked_for_twice_is_one_job(as_owner: Caller, tenant: Tenant, key: str) -> None:
    headers = {"Idempotency-Key": key}
    first, second = (as_owner.post(tenant.path("exports"), headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json["id"] == first.json["id"]


def test_a_refused_request_leaves_the_key_free(
    as_editor: Caller, as_stranger: Caller, tenant: Tenant, key: str
) -> None:
    headers = {"Idempotency-Key": key}
    taken = {"name": "Acme", "slug": tenant.slug}
    assert as_stranger.post("/orgs", json=taken, headers=headers).status_code == 409
    assert create(as_stranger, tenant, key).status_code == 404
    free = {"name": "Acme", "slug": f"org-{key}"}
    assert as_stranger.post("/orgs", json=free, headers=headers).status_code == 201


def test_a_key_belongs_to_the_user_who_sent_it(
    as_editor: Caller, as_owner: Caller, tenant: Tenant, key: str
) -> None:
    first, second = create(as_editor, tenant, key), create(as_owner, tenant, key)
    assert first.json["id"] != second.json["id"]


def test_who_may_not_write_any_more_is_not_told_what_they_wrote(
    as_owner: Caller, as_editor: Caller, tenant: Tenant, key: str
) -> None:
    create(as_editor, tenant, key)
    assert as_editor.person is not None
    member = tenant.path(f"members/{as_editor.person.id}")
    as_owner.patch(member, json={"role": "viewer"})
    assert create(as_editor, tenant, key).status_code == 403
    as_owner.delete(member)
    assert create(as_editor, tenant, key).status_code == 404


def test_a_key_does_not_lead_into_an_organization_that_has_taken_over_the_slug(
    make_person: MakePerson,
    make_tenant: MakeTenant,
    join: Join,
    signed_in: MakeCaller,
    settings: Settings,
    key: str,
) -> None:
    person = make_person()
    first, second = make_tenant(make_person()), make_tenant(make_person())
    for tenant in (first, second):
        join(person, tenant, "editor")
    client = signed_in(person)
    create(client, first, key)
    with connect_directly(settings, OWNER) as connection:
        connection.execute(
            "UPDATE organizations SET slug = slug || '-x' WHERE id = %s", (first.id,)
        )
        connection.execute(
            "UPDATE organizations SET slug = %s WHERE id = %s", (first.slug, second.id)
        )
    refused = create(client, first, key)
    assert refused.status_code == 409
    assert count(client, first) == 0


@pytest.mark.parametrize("text", ["", "x" * 201, "a\tb", "é"])
def test_what_cannot_be_a_key_is_refused(as_editor: Caller, tenant: Tenant, text: str) -> None:
    assert create(as_editor, tenant, text).status_code == 422
    assert count(as_editor, tenant) == 0


def test_the_longest_key_is_accepted(as_editor: Caller, tenant: Tenant) -> None:
    assert create(as_editor, tenant, secrets.token_hex(100)).status_code == 201


def test_keys_are_cleaned_when_they_are_old(
    as_editor: Caller, tenant: Tenant, key: str, settings: Settings, services: Services
) -> None:
    first = create(as_editor, tenant, key)
    with connect_directly(settings, OWNER) as connection:
        connection.execute(
            "UPDATE idempotency_keys SET created_at = now() - interval '2 days' WHERE key = %s",
            (key,),
        )
    clean = Statement(
        "test_clean",
        """
        SELECT howdah.clean_expired(
            interval '1 day', interval '100 years', interval '100 years', interval '100 years',
            interval '100 years')
        """,
    )
    with services.database.write(NOBODY) as transaction:
        transaction.execute(clean)
    assert create(as_editor, tenant, key).json["id"] != first.json["id"]
