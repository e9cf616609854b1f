"""Invitations: making, revoking, accepting them."""

import secrets
import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from tests.api.callers import PASSWORD, Caller, Tenant
from tests.api.conftest import MakeCaller, MakePerson, MakeTenant

ACCEPT = "/invitations/accept"


def address() -> str:
    return f"{secrets.token_hex(6)}@example.com"


def invite(client: Caller, tenant: Tenant, email: str, role: str = "editor") -> TestResponse:
    return client.post(tenant.path("invitations"), json={"email": email, "role": role})


def accept(client: Caller, token: str, **newcomer: Any) -> TestResponse:
    return client.post(ACCEPT, json={"token": token, **newcomer})


def expire(settings: Settings, invitation_id: int) -> None:
    with connect_directly(settings, OWNER) as connection:
        connection.execute(
            "UPDATE invitations SET expires_at = now() - interval '1 s' WHERE id = %s",
            (invitation_id,),
        )


NEWCOMER = {"full_name": "New Person", "password": PASSWORD}


class TestInviting:
    def test_the_token_is_told_once_and_kept_nowhere(
        self, as_admin: Caller, tenant: Tenant, settings: Settings
    ) -> None:
        email = address()
        invited = invite(as_admin, tenant, email)
        assert invited.status_code == 201
        token = invited.json["token"]
        assert token.startswith("hdi_")
        [listed] = as_admin.get(tenant.path("invitations")).json["items"]
        assert listed == {k: v for k, v in invited.json.items() if k != "token"}
        assert as_admin.person is not None
        assert (listed["email"], listed["invited_by"]) == (email, as_admin.person.id)
        with connect_directly(settings, OWNER) as connection:
            row = connection.execute(
                "SELECT to_jsonb(i)::text FROM invitations i WHERE id = %s", (listed["id"],)
            ).fetchone()
        assert row
        assert token not in row[0]

    @pytest.mark.parametrize("role", ["owner", "admin", "editor", "viewer"])
    def test_owners_invite_anybody_admins_editors_and_viewers(
        self, as_owner: Caller, as_admin: Caller, tenant: Tenant, role: str
    ) -> None:
        email = address()
        allowed = role in ("editor", "viewer")
        assert invite(as_admin, tenant, email, role).status_code == (201 if allowed else 403)
        assert invite(as_owner, tenant, email, role).status_code == (409 if allowed else 201)

    def test_who_is_no_admin_neither_invites_nor_sees_who_is_invited(
        self, as_editor: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        for client in (as_editor, as_viewer):
            assert invite(client, tenant, address(), "viewer").status_code == 403
            assert client.get(tenant.path("invitations")).status_code == 403
            assert client.delete(tenant.path("invitations/1")).status_code == 403

    def test_a_member_is_not_invited(
        self, as_owner: Caller, as_viewer: Caller, tenant: Tenant
    ) -> None:
        assert as_viewer.person is not None
        refused = invite(as_owner, tenant, as_viewer.person.email.upper())
        assert refused.status_code == 409
        assert "is a member" in refused.json["detail"]

    def test_an_address_has_one_open_invitation_however_it_is_written(
        self, as_owner: Caller, tenant: Tenant
    ) -> None:
        email = address()
        assert invite(as_owner, tenant, email).status_code == 201
        refused = invite(as_owner, tenant, email.upper())
        assert refused.status_code == 409
        assert refused.json["hint"] == "Revoke it to send another."

    def test_an_expired_one_gives_way_to_a_new_one(
        self, as_owner: Caller, tenant: Tenant, settings: Settings, anonymous: Caller
    ) -> None:
        email = address()
        first = invite(as_owner, tenant, email).json
        expire(settings, first["id"])
        second = invite(as_owner, tenant, email, "viewer")
        assert second.status_code == 201
        assert len(as_owner.get(tenant.path("invitations")).json["items"]) == 1
        assert accept(anonymous, first["token"], **NEWCOMER).status_code == 404
        assert accept(anonymous, second.json["token"], **NEWCOMER).json["role"] == "viewer"

    def test_the_list_pages_newest_first(self, as_owner: Caller, tenant: Tenant) -> None:
        made = [invite(as_owner, tenant, address()).json["id"] for _ in range(5)]
        found, cursor = [], None
        while True:
            query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = as_owner.get(tenant.path("invitations"), query_string=query).json
            found += [row["id"] for row in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert found == made[::-1]

    @pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.com", "a b@example.com"])
    def test_what_is_no_address_is_refused(
        self, as_owner: Caller, tenant: Tenant, email: str
    ) -> None:
        assert invite(as_owner, tenant, email).status_code == 422


class TestRevoking:
    def test_a_revoked_token_is_worth_nothing(
        self, as_admin: Caller, tenant: Tenant, anonymous: Caller
    ) -> None:
        invited = invite(as_admin, tenant, address()).json
        path = tenant.path(f"invitations/{invited['id']}")
        assert as_admin.delete(path).status_code == 204
        assert as_admin.delete(path).status_code == 404
        assert accept(anonymous, invited["token"], **NEWCOMER).status_code == 404
        assert as_admin.get(tenant.path("invitations")).json["items"] == []

    def test_another_organization_s_is_not_found(
        self,
        as_owner: Caller,
        tenant: Tenant,
        make_person: MakePerson,
        make_tenant: MakeTenant,
        signed_in: MakeCaller,
    ) -> None:
        invited = invite(as_owner, tenant, address()).json
        other = make_tenant(make_person())
        path = other.path(f"invitations/{invited['id']}")
        assert signed_in(other.owner).delete(path).status_code == 404
        assert len(as_owner.get(tenant.path("invitations")).json["items"]) == 1


class TestAcceptingWithoutAnAccount:
    def test_an_account_is_made_and_is_a_member(
        self, as_owner: Caller, tenant: Tenant, anonymous: Caller, caller: MakeCaller
    ) -> None:
        email = address()
        token = invite(as_owner, tenant, email).json["token"]
        accepted = accept(anonymous, token, **NEWCOMER)
        assert accepted.status_code == 200
        assert accepted.json["org_slug"] == tenant.slug
        assert accepted.json["role"] == "editor"
        rows = as_owner.get(tenant.path("members")).json["items"]
        [member] = [row for row in rows if row["user_id"] == accepted.json["user_id"]]
        assert (member["email"], member["full_name"]) == (email, "New Person")

        session = anonymous.post("/sessions", json={"email": email, "password": PASSWORD})
        assert session.status_code == 201
        document = {"title": "Mine", "content": "…"}
        newcomer = caller(session.json["token"])
        assert newcomer.post(tenant.path("documents"), json=document).status_code == 201

    def test_a_token_works_once(self, as_owner: Caller, tenant: Tenant, anonymous: Caller) -> None:
        token = invite(as_owner, tenant, address()).json["token"]
        assert accept(anonymous, token, **NEWCOMER).status_code == 200
        assert accept(anonymous, token, **NEWCOMER).status_code == 404

    def test_a_token_works_once_also_for_two_at_the_same_time(
        self, as_owner: Caller, tenant: Tenant, anonymous: Caller
    ) -> None:
        token = invite(as_owner, tenant, address()).json["token"]
        statuses: list[int] = []
        threads = [
            threading.Thread(
                target=lambda: statuses.append(accept(anonymous, token, **NEWCOMER).status_code)
            )
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(statuses) <= {200, 401, 404, 409}
        assert statuses.count(200) == 1
        assert len(as_owner.get(tenant.path("members")).json["items"]) == 2

    def test_an_expired_token_is_refused(
        self, as_owner: Caller, tenant: Tenant, anonymous: Caller, settings: Settings
    ) -> None:
        invited = invite(as_owner, tenant, address()).json
        expire(settings, invited["id"])
        assert accept(anonymous, invited["token"], **NEWCOMER).status_code == 404

    def test_name_and_password_are_asked_for(
        self, as_owner: Caller, tenant: Tenant, anonymous: Caller
    ) -> None:
        email = address()
        token = invite(as_owner, tenant, email).json["token"]
        refused = accept(anonymous, token)
        assert refused.status_code == 422
        assert refused.json["hint"] == "Send full_name and password to make one."
        assert accept(anonymous, token, full_name="A").status_code == 422
        weak = accept(anonymous, token, full_name="A", password=email)
        assert weak.status_code == 422
        short = accept(anonymous, token, full_name="A", password="short")
        assert short.status_code == 422
        assert "short" not in short.text.replace("at least", "")
        assert accept(anonymous, token, **NEWCOMER).status_code == 200

    def test_unknown_tokens_tell_nothing(self, anonymous: Caller) -> None:
        assert accept(anonymous, "hdi_" + "x" * 43, **NEWCOMER).status_code == 404

    def test_an_organization_deleted_meanwhile_is_not_joined(
        self, as_owner: Caller, tenant: Tenant, anonymous: Caller
    ) -> None:
        token = invite(as_owner, tenant, address()).json["token"]
        as_owner.delete(tenant.path(), query_string={"confirm": tenant.slug})
        assert accept(anonymous, token, **NEWCOMER).status_code == 404


class TestAcceptingWithAnAccount:
    def test_the_invited_user_becomes_a_member(
        self, as_owner: Caller, as_stranger: Caller, tenant: Tenant
    ) -> None:
        assert as_stranger.person is not None
        token = invite(as_owner, tenant, as_stranger.person.email.upper()).json["token"]
        accepted = accept(as_stranger, token)
        assert accepted.status_code == 200
        assert accepted.json["user_id"] == as_stranger.person.id
        assert as_stranger.get(tenant.path()).json["role"] == "editor"
        assert accept(as_stranger, token).status_code == 404

    def test_the_token_alone_is_not_enough_for_an_address_with_an_account(
        self, as_owner: Caller, as_stranger: Caller, anonymous: Caller, tenant: Tenant
    ) -> None:
        assert as_stranger.person is not None
        token = invite(as_owner, tenant, as_stranger.person.email).json["token"]
        refused = accept(anonymous, token, **NEWCOMER)
        assert refused.status_code == 401
        assert refused.json["hint"] == "Sign in to accept the invitation."
        assert as_stranger.get(tenant.path()).status_code == 404

    def test_an_invitation_for_somebody_else_is_refused(
        self, as_owner: Caller, as_stranger: Caller, anonymous: Caller, tenant: Tenant
    ) -> None:
        token = invite(as_owner, tenant, address()).json["token"]
        assert accept(as_stranger, token).status_code == 403
        assert as_stranger.get(tenant.path()).status_code == 404
        assert accept(anonymous, token, **NEWCOMER).status_code == 200

    def test_a_token_of_another_organization_joins_none(
        self,
        as_owner: Caller,
        tenant: Tenant,
        make_person: MakePerson,
        make_tenant: MakeTenant,
        signed_in: MakeCaller,
    ) -> None:
        person = make_person()
        other = make_tenant(person)
        token = invite(as_owner, tenant, person.email).json["token"]
        assert accept(signed_in(person, org_id=other.id), token).status_code == 403
        assert accept(signed_in(person, scopes=("read",)), token).status_code == 403
        assert accept(signed_in(person), token).status_code == 200

    def test_worthless_credentials_are_not_taken_for_none(
        self, as_owner: Caller, tenant: Tenant, caller: MakeCaller
    ) -> None:
        token = invite(as_owner, tenant, address()).json["token"]
        assert accept(caller("hds_worthless"), token, **NEWCOMER).status_code == 401
