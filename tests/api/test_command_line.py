"""`howdah user` and `howdah token` against the API, and what the first `up` makes."""

import json
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from howdah.entrypoints.cli import first_tenant
from howdah.entrypoints.cli.api_client import ApiClient
from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.foundation.secrets import secret_file, write_secret
from howdah.foundation.settings import Settings
from tests.api.callers import PASSWORD, Caller
from tests.api.conftest import Howdah, MakeCaller, MakePerson, MakeTenant


class TestUsers:
    def test_an_operator_creates_lists_disables_and_enables(
        self, howdah: Howdah, anonymous: Caller
    ) -> None:
        email = f"{secrets.token_hex(6)}@example.com"
        created = howdah("user", "create", email, "--name", "Ann Otter", typed=f"{PASSWORD}\n")
        assert created.exit_code == 0, created.output
        assert PASSWORD not in created.output
        body = {"email": email, "password": PASSWORD}
        assert anonymous.post("/sessions", json=body).status_code == 201
        assert howdah("user", "disable", email).exit_code == 0
        assert anonymous.post("/sessions", json=body).status_code == 401
        listed = json.loads(howdah("user", "list", "--email", email, "--json").output)
        assert listed[0]["disabled_at"] is not None
        assert howdah("user", "enable", email).exit_code == 0
        assert anonymous.post("/sessions", json=body).status_code == 201

    def test_the_list_is_a_table_and_stops_at_its_limit(
        self, howdah: Howdah, make_person: MakePerson
    ) -> None:
        mark = secrets.token_hex(6)
        people = [make_person(metadata=json.dumps({"mark": mark})) for _ in range(3)]
        shown = howdah("user", "list", "--metadata", json.dumps({"mark": mark}), "--limit", "2")
        lines = shown.output.splitlines()
        assert lines[0].split() == ["ID", "E-MAIL", "NAME", "ROLE", "DISABLED"]
        assert [line.split()[1] for line in lines[1:]] == [person.email for person in people[:2]]

    @pytest.mark.parametrize(
        ("arguments", "typed", "sentence"),
        [
            (("disable", "nobody.at.all@example.com"), None, "there is no user"),
            (("create", "x@example.com", "--name", "X"), "", "no password on standard input"),
            (("create", "x@example.com", "--name", "X"), "short\n", "password"),
            (("list", "--metadata", "{"), None, "JSON object"),
        ],
    )
    def test_a_refusal_is_one_sentence(
        self, howdah: Howdah, arguments: tuple[str, ...], typed: str | None, sentence: str
    ) -> None:
        refused = howdah("user", *arguments, typed=typed)
        assert refused.exit_code in (1, 2)
        assert sentence in refused.output
        assert "Traceback" not in refused.output


class TestTokens:
    def test_the_text_is_printed_once_and_alone_so_that_a_script_can_keep_it(
        self, howdah: Howdah, caller: MakeCaller, as_operator: Caller
    ) -> None:
        made = howdah("token", "create", "ci", "--scope", "write", "--days", "3")
        assert made.exit_code == 0, made.output
        text = made.stdout.strip()
        assert as_operator.person is not None
        assert caller(text).get("/me").json["id"] == as_operator.person.id
        assert text not in howdah("token", "list").output
        row = json.loads(howdah("token", "list", "--json").output)[0]
        assert (row["name"], row["scopes"]) == ("ci", ["write"])
        assert howdah("token", "revoke", str(row["id"])).exit_code == 0
        assert caller(text).get("/me").status_code == 401

    def test_one_can_be_narrowed_to_an_organization(
        self, howdah: Howdah, as_operator: Caller, make_tenant: MakeTenant
    ) -> None:
        assert as_operator.person is not None
        mine = make_tenant(as_operator.person)
        made = json.loads(howdah("token", "create", "ci", "--org", mine.slug, "--json").output)
        assert made["organization"] == mine.slug
        assert mine.slug in howdah("token", "list").output

    def test_a_refusal_is_one_sentence(self, howdah: Howdah) -> None:
        refused = howdah("token", "revoke", "2147483647")
        assert refused.exit_code == 1
        assert "You have no token 2147483647." in refused.output


class TestTheClient:
    def test_another_installation_is_never_shown_this_ones_token(self, settings: Settings) -> None:
        elsewhere = replace(settings, api_url="http://127.0.0.1:1", api_token=None)
        with pytest.raises(InvalidInput, match="HOWDAH_URL"):
            ApiClient.of(elsewhere)

    def test_an_api_that_does_not_answer_is_a_sentence(self, settings: Settings) -> None:
        elsewhere = replace(settings, api_url="http://127.0.0.1:1", api_token="hdt_x")
        with pytest.raises(Unavailable, match="does not answer"):
            ApiClient.of(elsewhere).get("/me")

    def test_a_proxy_in_the_environment_is_not_shown_the_token(
        self, address: str, as_stranger: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        assert as_stranger.token is not None
        assert ApiClient(address, as_stranger.token).get("/me")["organizations"] == []


class TestTheFirstTenant:
    @pytest.fixture
    def fresh(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Settings:
        """An installation whose first admin and organization have names of this test's own."""
        (tmp_path / "secrets").mkdir()
        for role in ("app_write", "howdah_owner"):
            write_secret(tmp_path, role, settings.secret(role))
        write_secret(tmp_path, "first_admin", secrets.token_urlsafe(24))
        name = secrets.token_hex(6)
        monkeypatch.setattr(first_tenant, "ADMIN_EMAIL", f"{name}@example.com")
        monkeypatch.setattr(first_tenant, "ORGANIZATION_SLUG", f"acme-{name}")
        return replace(settings, home=tmp_path)

    def test_the_first_up_makes_an_admin_an_organization_and_a_token(
        self, fresh: Settings, anonymous: Caller, caller: MakeCaller
    ) -> None:
        assert first_tenant.create_first_tenant(fresh)
        email, password = first_tenant.ADMIN_EMAIL, fresh.secret("first_admin")
        answer = anonymous.post("/sessions", json={"email": email, "password": password})
        assert answer.status_code == 201
        admin = caller(fresh.secret("admin_token"))
        me = admin.get("/me").json
        assert (me["email"], me["role"]) == (email, "admin")
        slug = first_tenant.ORGANIZATION_SLUG
        assert [(org["slug"], org["role"]) for org in me["organizations"]] == [(slug, "owner")]
        assert admin.get("/users?limit=1").status_code == 200
        assert secret_file(fresh.home, "admin_token").stat().st_mode & 0o777 == 0o600

    def test_later_ones_change_nothing(self, fresh: Settings, caller: MakeCaller) -> None:
        first_tenant.create_first_tenant(fresh)
        token_text = fresh.secret("admin_token")
        before = caller(token_text).get("/me").json
        assert not first_tenant.create_first_tenant(fresh)
        assert fresh.secret("admin_token") == token_text
        assert caller(token_text).get("/me").json == before

    def test_one_that_was_interrupted_is_finished_by_the_next(
        self, fresh: Settings, caller: MakeCaller
    ) -> None:
        first_tenant.create_first_tenant(fresh)
        lost = fresh.secret("admin_token")
        admin_id = caller(lost).get("/me").json["id"]
        secret_file(fresh.home, "admin_token").unlink()
        assert first_tenant.create_first_tenant(fresh)
        assert caller(lost).get("/me").status_code == 401
        admin = caller(fresh.secret("admin_token"))
        assert admin.get("/me").json["id"] == admin_id
        assert len(admin.get("/me/tokens").json["items"]) == 1
