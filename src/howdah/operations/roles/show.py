"""What PostgreSQL says about the product's roles."""

from dataclasses import dataclass

from howdah.foundation.scram import role_verifier
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import SUPERUSER, Role, roles_of
from howdah.operations.roles.connect import Connection, connect_directly

QUERY = """
SELECT
    rolcanlogin,
    rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls <> %s,
    rolpassword = %s,
    coalesce((SELECT setconfig FROM pg_db_role_setting WHERE setrole = oid AND setdatabase = 0),
             '{}')
FROM pg_authid
WHERE rolname = %s
"""


@dataclass(frozen=True)
class RoleState:
    """One role as it is; `as_provisioned` when nothing of it was changed by hand."""

    name: str
    exists: bool
    can_login: bool = False
    rights_over_server: bool = False
    password_is_secret: bool = False
    """The stored verifier is that of the secret file."""
    parameters: tuple[str, ...] = ()
    as_provisioned: bool = False


def role_states(settings: Settings) -> list[RoleState]:
    """Every role of the product; changes nothing. Raises Unavailable."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        return [
            _state(connection, role, settings.secret(role.name))
            for role in roles_of(settings.topology)
        ]


def _state(connection: Connection, role: Role, password: str) -> RoleState:
    name, wanted = role.name, role.parameters()
    values = (role.sees_every_tenant, role_verifier(name, password), name)
    row = connection.execute(QUERY, values).fetchone()
    if row is None:
        return RoleState(name, exists=False)
    can_login, rights, is_secret, parameters = row
    found = tuple(sorted(parameters))
    return RoleState(
        name,
        exists=True,
        can_login=can_login,
        rights_over_server=rights,
        password_is_secret=bool(is_secret),
        parameters=found,
        as_provisioned=bool(can_login and not rights and is_secret and found == wanted),
    )
