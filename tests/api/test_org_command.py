"""`howdah org` against the API."""

import json
import secrets

from tests.api.callers import PASSWORD, Caller, Tenant
from tests.api.conftest import Howdah, Join


def test_an_organization_is_founded_listed_and_shared(
    howdah: Howdah, anonymous: Caller, as_operator: Caller
) -> None:
    slug, email = f"org-{secrets.token_hex(6)}", f"{secrets.token_hex(6)}@example.com"
    created = howdah("org", "create", slug, "--name", "Acme & Sons")
    assert created.exit_code == 0, created.output
    listed = howdah("org", "list").output.splitlines()
    assert listed[0].split() == ["SLUG", "NAME", "ROLE", "SINCE"]
    assert listed[1].split()[:1] == [slug]
    assert json.loads(howdah("org", "list", "--json").output)[0]["role"] == "owner"

    invited = howdah("org", "invite", slug, email, "--role", "viewer")
    assert invited.exit_code == 0, invited.output
    newcomer = {"full_name": "New Person", "password": PASSWORD}
    accepted = anonymous.post(
        "/invitations/accept", json={"token": invited.stdout.strip(), **newcomer}
    )
    assert accepted.status_code == 200
    assert as_operator.person is not None
    members = json.loads(howdah("org", "members", slug, "--json").output)
    assert [row["role"] for row in members] == ["owner", "viewer"]
    shown = howdah("org", "members", slug, "--role", "viewer").output.splitlines()
    assert shown[1].split()[1] == email


def test_the_members_shown_stop_at_the_limit(
    howdah: Howdah, as_operator: Caller, as_editor: Caller, tenant: Tenant, join: Join
) -> None:
    assert as_operator.person is not None
    join(as_operator.person, tenant, "viewer")
    shown = howdah("org", "members", tenant.slug, "--limit", "2")
    assert len(shown.output.splitlines()) == 3


def test_a_refusal_is_one_sentence(howdah: Howdah, tenant: Tenant) -> None:
    refused = howdah("org", "members", tenant.slug)
    assert refused.exit_code == 1
    assert f'There is no organization "{tenant.slug}"' in refused.output
    taken = howdah("org", "create", tenant.slug)
    assert taken.exit_code == 1
    assert "There is an organization with this slug already." in taken.output
    assert howdah("org", "create", "api").exit_code == 2
