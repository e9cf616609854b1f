"""Organizations: founding, reading, changing, deleting, restoring."""

import secrets
from datetime import timedelta

import pytest

from howdah.entrypoints.web.services import Services
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from howdah.product.organizations.changing import purge_deleted_organizations
from howdah.product.organizations.slugs import RESERVED
from tests.api.callers import Caller, Tenant
from tests.api.conftest import Join, MakeCaller, MakePerson, MakeTenant, RoundTrips


def new_slug() -> str:
    return f"new-{secrets.token_hex(6)}"


class TestFounding:
    def test_whoever_founds_an_organization_owns_it(self, as_stranger: Caller) -> None:
        slug = new_slug()
        body = {"name": "Acme", "slug": slug, "settings": {"colour": "red"}}
        founded = as_stranger.post("/orgs", json=body)
        assert founded.status_code == 201
        assert founded.headers["Location"] == f"/api/v1/orgs/{slug}"
        assert founded.json["role"] == "owner"
        assert as_stranger.get(f"/orgs/{slug}").json == founded.json
        [listed] = as_stranger.get("/orgs").json["items"]
        assert listed == {k: v for k, v in founded.json.items() if k != "settings"}

    def test_a_slug_is_taken_once(self, as_stranger: Caller, tenant: Tenant) -> None:
        refused = as_stranger.post("/orgs", json={"name": "Acme", "slug": tenant.slug})
        assert refused.status_code == 409
        assert refused.json["detail"] == "There is an organization with this slug already."

    @pytest.mark.parametrize("slug", ["a", "Acme", "-acme", "acme-", "ac me", "ac_me", "é" * 3])
    def test_a_slug_that_cannot_stand_in_an_address_is_refused(
        self, as_stranger: Caller, slug: str
    ) -> None:
        assert as_stranger.post("/orgs", json={"name": "A", "slug": slug}).status_code == 422

    @pytest.mark.parametrize("slug", [*sorted(RESERVED)[:3], "api", "orgs"])
    def test_a_reserved_slug_is_refused(
        self, as_stranger: Caller, as_owner: Caller, tenant: Tenant, slug: str
    ) -> None:
        refused = as_stranger.post("/orgs", json={"name": "A", "slug": slug})
        assert refused.status_code == 422
        assert "reserved" in refused.json["detail"]
        assert as_owner.patch(tenant.path(), json={"slug": slug}).status_code == 422

    def test_the_same_key_founds_one_organization(self, as_stranger: Caller) -> None:
        body = {"name": "Acme", "slug": new_slug()}
        key = {"Idempotency-Key": secrets.token_hex(8)}
        first = as_stranger.post("/orgs", json=body, headers=key)
        again = as_stranger.post("/orgs", json=body, headers=key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json == first.json
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_nobody_founds_nothing(self, anonymous: Caller) -> None:
        body = {"name": "Acme", "slug": new_slug()}
        assert anonymous.post("/orgs", json=body).status_code == 401

    def test_a_token_of_one_organization_founds_no_other(
        self, tenant: Tenant, signed_in: MakeCaller
    ) -> None:
        narrowed = signed_in(tenant.owner, org_id=tenant.id)
        body = {"name": "Acme", "slug": new_slug()}
        assert narrowed.post("/orgs", json=body).status_code == 403


class TestReading:
    def test_the_list_holds_mine_only_with_my_role_and_pages_without_gaps(
        self,
        make_person: MakePerson,
        make_tenant: MakeTenant,
        join: Join,
        signed_in: MakeCaller,
        tenant: Tenant,
    ) -> None:
        me, other = make_person(), make_person()
        roles = {make_tenant(me).slug: "owner" for _ in range(3)}
        for role in ("admin", "editor", "viewer"):
            theirs = make_tenant(other)
            join(me, theirs, role)
            roles[theirs.slug] = role
        client = signed_in(me)
        found, cursor = [], None
        while True:
            query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
            page = client.get("/orgs", query_string=query).json
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert [(row["slug"], row["role"]) for row in found] == sorted(roles.items())

    def test_the_list_takes_one_round_trip(self, as_owner: Caller, round_trips: RoundTrips) -> None:
        with round_trips() as sent:
            assert as_owner.get("/orgs").status_code == 200
        assert sent.names == ["organization_list_mine"]

    def test_one_takes_one_round_trip(
        self, as_owner: Caller, tenant: Tenant, round_trips: RoundTrips
    ) -> None:
        as_owner.get(tenant.path())
        with round_trips() as sent:
            assert as_owner.get(tenant.path()).status_code == 200
        assert sent.count == 1

    def test_a_token_of_one_organization_lists_that_one(
        self, make_tenant: MakeTenant, tenant: Tenant, signed_in: MakeCaller
    ) -> None:
        make_tenant(tenant.owner)
        narrowed = signed_in(tenant.owner, org_id=tenant.id)
        listed = narrowed.get("/orgs").json["items"]
        assert [row["slug"] for row in listed] == [tenant.slug]


class TestChanging:
    def test_an_admin_changes_name_and_settings(self, as_admin: Caller, tenant: Tenant) -> None:
        first = {"name": "Renamed", "settings": {"a": {"b": 1, "c": 2}, "d": 3}}
        assert as_admin.patch(tenant.path(), json=first).status_code == 200
        merged = as_admin.patch(tenant.path(), json={"settings": {"a": {"b": None}, "e": [4]}})
        assert merged.json["name"] == "Renamed"
        assert merged.json["settings"] == {"a": {"c": 2}, "d": 3, "e": [4]}
        assert as_admin.get(tenant.path()).json == merged.json

    def test_who_is_no_admin_changes_nothing(
        self, as_editor: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        for member in (as_editor, as_viewer):
            assert member.patch(tenant.path(), json={"name": "Mine"}).status_code == 403
        assert as_viewer.get(tenant.path()).json["name"] != "Mine"

    def test_only_an_owner_changes_the_slug(
        self, as_admin: Caller, as_owner: Caller, tenant: Tenant
    ) -> None:
        slug = new_slug()
        refused = as_admin.patch(tenant.path(), json={"slug": slug, "name": "Mine"})
        assert refused.status_code == 403
        assert as_admin.get(tenant.path()).json["name"] != "Mine"
        assert as_owner.patch(tenant.path(), json={"slug": slug}).json["slug"] == slug

    def test_an_old_slug_leads_nowhere_and_to_its_next_organization_by_itself(
        self, as_owner: Caller, as_stranger: Caller, tenant: Tenant
    ) -> None:
        assert as_owner.get(tenant.path()).status_code == 200  # remembered by this process
        renamed = new_slug()
        as_owner.patch(tenant.path(), json={"slug": renamed})
        assert as_owner.get(tenant.path()).status_code == 404
        assert as_owner.get(f"/orgs/{renamed}").json["id"] == tenant.id

        taken = as_stranger.post("/orgs", json={"name": "Next", "slug": tenant.slug})
        assert taken.status_code == 201
        read = as_stranger.get(tenant.path())
        assert read.json["id"] == taken.json["id"] != tenant.id
        document = {"title": "Mine", "content": "…"}
        written = as_stranger.post(tenant.path("documents"), json=document)
        assert written.status_code == 201
        assert as_owner.get(tenant.path()).status_code == 404

    def test_a_write_is_sent_again_when_the_slug_has_moved(
        self, as_owner: Caller, as_stranger: Caller, tenant: Tenant, services: Services
    ) -> None:
        as_owner.get(tenant.path())
        as_owner.patch(tenant.path(), json={"slug": new_slug()})
        taken = as_stranger.post("/orgs", json={"name": "Next", "slug": tenant.slug}).json
        assert services.organization_ids.of(tenant.slug) == tenant.id  # out of date
        document = {"title": "Mine", "content": "…"}
        key = {"Idempotency-Key": secrets.token_hex(8)}
        written = as_stranger.post(tenant.path("documents"), json=document, headers=key)
        assert written.status_code == 201
        assert services.organization_ids.of(tenant.slug) == taken["id"]

    def test_settings_do_not_grow_without_end(self, as_owner: Caller, tenant: Tenant) -> None:
        for key in "ab":
            answer = as_owner.patch(tenant.path(), json={"settings": {key: "x" * 40_000}})
        assert answer.status_code == 422
        assert "b" not in as_owner.get(tenant.path()).json["settings"]

    @pytest.mark.parametrize(
        "body",
        [
            {"name": None},
            {"slug": None},
            {"settings": None},
            {"settings": []},
            {"settings": {"a": "\x00"}},
            {"name": ""},
            {"name": "x" * 256},
            {"colour": "red"},
            [],
        ],
    )
    def test_what_cannot_be_is_refused(
        self, as_owner: Caller, tenant: Tenant, body: object
    ) -> None:
        assert as_owner.patch(tenant.path(), json=body).status_code == 422

    def test_changing_nothing_answers_with_what_there_is(
        self, as_owner: Caller, tenant: Tenant
    ) -> None:
        before = as_owner.get(tenant.path()).json
        after = as_owner.patch(tenant.path(), json={}).json
        assert {**after, "updated_at": 0} == {**before, "updated_at": 0}


class TestDeleting:
    def test_it_must_be_named_once_more(self, as_owner: Caller, tenant: Tenant) -> None:
        assert as_owner.delete(tenant.path()).status_code == 422
        refused = as_owner.delete(tenant.path(), query_string={"confirm": "another"})
        assert refused.status_code == 422
        assert refused.json["hint"] == "Nothing was deleted."
        assert as_owner.get(tenant.path()).status_code == 200

    def test_only_an_owner_deletes_it(self, as_admin: Caller, tenant: Tenant) -> None:
        confirmed = {"confirm": tenant.slug}
        assert as_admin.delete(tenant.path(), query_string=confirmed).status_code == 403

    def test_it_is_out_of_reach_at_once_and_its_owner_brings_it_back(
        self, as_owner: Caller, as_admin: Caller, tenant: Tenant
    ) -> None:
        document = {"title": "Kept", "content": "…"}
        written = as_admin.post(tenant.path("documents"), json=document).json
        confirmed = {"confirm": tenant.slug}
        assert as_owner.delete(tenant.path(), query_string=confirmed).status_code == 204
        for member in (as_owner, as_admin):
            assert member.get(tenant.path()).status_code == 404
            assert member.get(tenant.path("documents")).status_code == 404
            assert member.get("/orgs").json["items"] == []
        assert as_owner.delete(tenant.path(), query_string=confirmed).status_code == 404
        founded = as_admin.post("/orgs", json={"name": "Acme", "slug": tenant.slug})
        assert founded.status_code == 409

        assert as_admin.post(f"{tenant.path()}/restore").status_code == 404
        assert as_owner.post(f"{tenant.path()}/restore").json["role"] == "owner"
        assert as_admin.get(tenant.path(f"documents/{written['id']}")).json == written
        assert as_owner.post(f"{tenant.path()}/restore").status_code == 200

    def test_it_is_purged_in_batches_once_its_time_is_over(
        self, as_owner: Caller, tenant: Tenant, services: Services, settings: Settings
    ) -> None:
        for number in range(5):
            document = {"title": f"Document {number}", "content": "…"}
            as_owner.post(tenant.path("documents"), json=document)
        as_owner.delete(tenant.path(), query_string={"confirm": tenant.slug})
        assert count_rows(settings, tenant) == (1, 5)
        purge_deleted_organizations(services.database)
        assert count_rows(settings, tenant) == (1, 5)

        age(settings, tenant, timedelta(days=31))
        purge_deleted_organizations(services.database, batch_documents=2)
        assert count_rows(settings, tenant) == (0, 0)
        founded = as_owner.post("/orgs", json={"name": "Again", "slug": tenant.slug})
        assert founded.status_code == 201


def count_rows(settings: Settings, tenant: Tenant) -> tuple[int, int]:
    """The organization itself and its documents."""
    with connect_directly(settings, OWNER) as connection:
        organizations = connection.execute(
            "SELECT count(*) FROM organizations WHERE id = %s", (tenant.id,)
        ).fetchone()
        documents = connection.execute(
            "SELECT count(*) FROM documents WHERE org_id = %s", (tenant.id,)
        ).fetchone()
    assert organizations
    assert documents
    return organizations[0], documents[0]


def age(settings: Settings, tenant: Tenant, by: timedelta) -> None:
    """Let the deletion have happened earlier."""
    with connect_directly(settings, OWNER) as connection:
        connection.execute(
            "UPDATE organizations SET deleted_at = deleted_at - %s WHERE id = %s", (by, tenant.id)
        )
