"""Fixtures for tests of the API: the application in this process, on the test stack's servers.

app, services            the application and what it shares, once a session
make_person              a new user            make_person(role="admin") runs the installation
make_tenant              a new organization    make_tenant(owner)
make_token               an API token          make_token(person, scopes=("read",), org_id=None)
join                     a membership          join(person, tenant, "editor")
caller                   a client              caller(token, person=None), caller() has no token
signed_in                a client of a person  signed_in(person)
tenant                   an organization of this test's own
as_owner, as_admin, as_editor, as_viewer   clients of its members (each a person of their own)
as_stranger              a client of somebody who belongs to no organization
as_operator              a client of somebody who runs the installation (users.role = 'admin')
anonymous                a client without credentials
howdah                   a command line, as somebody who runs the installation
round_trips              `with round_trips() as sent: …; assert sent.count == 1`

Names and addresses are random, and every test has tenants of its own, so nothing is rolled back
and tests do not see each other. The first request of the process for an organization takes one
round trip more (its id is then remembered): count the second one.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from howdah.entrypoints.cli import program
from howdah.entrypoints.web.application import create_application
from howdah.entrypoints.web.assembly import open_services
from howdah.entrypoints.web.services import Services
from howdah.foundation.database import NOBODY, Statement, messages, tenant, user
from howdah.foundation.settings import Settings
from howdah.product.accounts.credentials import new_token_credential
from howdah.product.accounts.passwords import hash_password
from tests.api.callers import PASSWORD, Caller, Messages, Person, Tenant

MakePerson = Callable[..., Person]
MakeTenant = Callable[..., Tenant]
MakeToken = Callable[..., str]
MakeCaller = Callable[..., Caller]
Join = Callable[[Person, Tenant, str], None]
Howdah = Callable[..., Result]
RoundTrips = Callable[[], AbstractContextManager[Messages]]

REGISTER = Statement(
    "test_register", "SELECT howdah.register_user(%s, %s, %s, %s, %s::jsonb) AS id"
)
FOUND = Statement("test_found", "SELECT id FROM howdah.found_organization(%s, %s, '{}')")
JOIN = Statement(
    "test_join",
    "INSERT INTO memberships (org_id, user_id, role) VALUES (%s::integer, %s::integer, %s)",
)
# Used just now, so that the API does not note the use of a test's token (a round trip more).
TOKEN = Statement(
    "test_token",
    """
    INSERT INTO api_tokens (user_id, org_id, name, token_hash, scopes, last_used_at)
    VALUES (howdah.current_user_id(), %s::integer, 'test', %s, %s::text[], now())
    """,
)


@pytest.fixture(scope="session")
def services(settings: Settings) -> Iterator[Services]:
    """Pools to PgBouncer and Redis; the database is the one that `up` migrated."""
    services = open_services(settings)
    yield services
    services.database.close()
    services.redis.close()


@pytest.fixture(scope="session")
def app(services: Services) -> Flask:
    """The application as the server loads it."""
    return create_application(services)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Of PASSWORD, made once: hashing is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def make_person(services: Services, password_hash: str) -> MakePerson:
    """Make a user with a random name, who signs in with PASSWORD."""

    def make(role: str = "user", metadata: str = "{}") -> Person:
        name = secrets.token_hex(6)
        email, full_name = f"{name}@example.com", f"Person {name}"
        with services.database.write(NOBODY) as transaction:
            user_id = transaction.value(REGISTER, (email, full_name, password_hash, role, metadata))
        return Person(user_id, email, full_name)

    return make


@pytest.fixture
def make_tenant(services: Services) -> MakeTenant:
    """Make an organization with a random slug for its owner."""

    def make(owner: Person) -> Tenant:
        slug = f"org-{secrets.token_hex(6)}"
        with services.database.write(user(owner.id)) as transaction:
            org_id = transaction.value(FOUND, (f"Organization {slug}", slug))
        return Tenant(org_id, slug, owner)

    return make


@pytest.fixture
def make_token(services: Services) -> MakeToken:
    """Make an API token; returns its text."""

    def make(
        person: Person,
        scopes: Sequence[str] = ("read", "write", "admin"),
        org_id: int | None = None,
    ) -> str:
        credential = new_token_credential()
        with services.database.write(user(person.id)) as transaction:
            transaction.execute(TOKEN, (org_id, credential.hash, list(scopes)))
        return credential.text

    return make


@pytest.fixture
def join(services: Services) -> Join:
    """Make a person a member."""

    def add(person: Person, organization: Tenant, role: str) -> None:
        with services.database.write(tenant(organization.id)) as transaction:
            transaction.execute(JOIN, (organization.id, person.id, role))

    return add


@pytest.fixture
def caller(app: Flask) -> MakeCaller:
    """Make a client; each has an address of its own, so that limits do not couple tests."""

    def make(token: str | None = None, person: Person | None = None) -> Caller:
        address = "10." + ".".join(str(secrets.randbelow(255)) for _ in range(3))
        return Caller(app.test_client(use_cookies=False), address, token, person)

    return make


@pytest.fixture
def signed_in(caller: MakeCaller, make_token: MakeToken) -> MakeCaller:
    """A client with a token of this person's: all scopes unless said otherwise."""

    def sign_in(person: Person, **token: Any) -> Caller:
        return caller(make_token(person, **token), person)

    return sign_in


@pytest.fixture
def anonymous(caller: MakeCaller) -> Caller:
    """Nobody."""
    return caller()


@pytest.fixture(name="tenant")
def tenant_of_this_test(make_person: MakePerson, make_tenant: MakeTenant) -> Tenant:
    """An organization with an owner and, so far, nobody else."""
    return make_tenant(make_person())


@pytest.fixture
def as_owner(tenant: Tenant, signed_in: MakeCaller) -> Caller:
    """The tenant's owner."""
    return signed_in(tenant.owner)


def _member(role: str) -> Any:
    def member(
        tenant: Tenant, make_person: MakePerson, join: Join, signed_in: MakeCaller
    ) -> Caller:
        person = make_person()
        join(person, tenant, role)
        return signed_in(person)

    member.__doc__ = f"A member of the tenant with the role {role}."
    return pytest.fixture(member, name=f"as_{role}")


as_admin = _member("admin")
as_editor = _member("editor")
as_viewer = _member("viewer")


@pytest.fixture
def as_stranger(make_person: MakePerson, signed_in: MakeCaller) -> Caller:
    """Somebody who belongs to no organization."""
    return signed_in(make_person())


@pytest.fixture
def as_operator(make_person: MakePerson, signed_in: MakeCaller) -> Caller:
    """Somebody who runs the installation; a member of nothing."""
    return signed_in(make_person(role="admin"))


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> RoundTrips:
    """Count the messages sent to PostgreSQL in a block; its threads' too."""
    send = messages.send

    @contextmanager
    def count() -> Iterator[Messages]:
        sent = Messages()

        def counted(connection: Any, text: str, parameters: Any, name: str, *more: Any) -> Any:
            sent.names.append(name)
            return send(connection, text, parameters, name, *more)

        with monkeypatch.context() as patch:
            patch.setattr(messages, "send", counted)
            yield sent

    return count


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """The application, served for real: the command line speaks HTTP."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def howdah(address: str, as_operator: Caller, monkeypatch: pytest.MonkeyPatch) -> Howdah:
    """Run a command as somebody who runs the installation."""
    assert as_operator.token is not None
    monkeypatch.setenv("HOWDAH_URL", address)
    monkeypatch.setenv("HOWDAH_TOKEN", as_operator.token)

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> None:
        raise SystemExit(program.main(list(arguments)))

    def invoke(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(run, ["--", *arguments], input=typed)

    return invoke
