"""`howdah org` against the API."""

import json
import secrets
from pathlib import Path

import pytest

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


def test_what_is_no_slug_is_not_found(howdah: Howdah) -> None:
    refused = howdah("document", "list", "--org", "a b")
    assert refused.exit_code == 1
    assert 'no organization "a b"' in refused.output


def test_an_export_that_cannot_be_written_is_not_begun(
    howdah: Howdah, tmp_path: Path, as_owner: Caller, tenant: Tenant
) -> None:
    refused = howdah("document", "export", "--org", tenant.slug, "--output", str(tmp_path / "a/b"))
    assert refused.exit_code == 2
    assert "a/b cannot be written: No such file or directory" in refused.output
    assert as_owner.get(tenant.path("jobs")).json["items"] == []


def test_a_token_that_cannot_be_sent_is_not_shown(
    howdah: Howdah, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOWDAH_TOKEN", "hdt_private\nline")
    refused = howdah("org", "list")
    assert refused.exit_code == 2
    assert "hdt_private" not in refused.output
