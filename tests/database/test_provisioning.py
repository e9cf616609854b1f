"""Roles and databases, as provisioning leaves them."""

from dataclasses import replace

import psycopg
import pytest

from howdah.foundation.errors import Unavailable
from howdah.foundation.scram import role_verifier
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER, READER, WRITER, roles_of
from howdah.operations.roles.connect import Connection, connect_directly
from howdah.operations.roles.provision import provision_roles
from howdah.operations.roles.show import role_states

ROLES = (OWNER, WRITER, READER)

ONLY_A_SUPERUSER_SETS = {"deadlock_timeout", "log_min_error_statement"}


def test_running_it_again_changes_nothing(template: Settings, admin_connection: Connection) -> None:
    query = (
        "SELECT to_jsonb(r), rolpassword, setconfig FROM pg_authid r "
        "LEFT JOIN pg_db_role_setting ON setrole = r.oid AND setdatabase = 0 ORDER BY rolname"
    )
    before = admin_connection.execute(query).fetchall()
    provision_roles(template)
    assert admin_connection.execute(query).fetchall() == before


def test_a_parameter_somebody_set_by_hand_is_put_back(
    template: Settings, admin_connection: Connection
) -> None:
    admin_connection.execute("ALTER ROLE app_read SET work_mem = '1GB'")
    admin_connection.execute("ALTER ROLE app_read CREATEDB")
    assert shown(template) == {OWNER: True, WRITER: True, READER: False}
    provision_roles(template)
    assert shown(template) == {OWNER: True, WRITER: True, READER: True}
    found = admin_connection.execute(
        "SELECT rolconfig::text, rolcreatedb FROM pg_roles WHERE rolname = 'app_read'"
    ).fetchone()
    assert found is not None
    assert "work_mem" not in found[0]
    assert found[1] is False


def shown(settings: Settings) -> dict[str, bool]:
    return {state.name: state.as_provisioned for state in role_states(settings)}


@pytest.mark.parametrize("role", ROLES)
def test_postgresql_holds_the_verifier_that_the_pooler_computes(
    template: Settings, admin_connection: Connection, role: str
) -> None:
    stored = admin_connection.execute(
        "SELECT rolpassword FROM pg_authid WHERE rolname = %s", (role,)
    ).fetchone()
    assert stored == (role_verifier(role, template.secret(role)),)


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_the_product_has_rights_over_the_server(
    template: Settings, admin_connection: Connection, role: str
) -> None:
    rights = admin_connection.execute(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls "
        "FROM pg_roles WHERE rolname = %s",
        (role,),
    ).fetchone()
    assert rights == (False,)


def test_every_session_of_a_role_starts_with_its_parameters(template: Settings) -> None:
    for role in roles_of(template.topology):
        with connect_directly(template, role.name) as connection:
            for parameter, value in role.settings.items():
                same = connection.execute(
                    "SELECT current_setting(%(p)s), set_config(%(p)s, %(v)s, false)"
                    if parameter not in ONLY_A_SUPERUSER_SETS
                    else "SELECT current_setting(%(p)s), %(v)s",
                    {"p": parameter, "v": value},
                ).fetchone()
                assert same is not None
                assert same[0] == same[1], f"{role.name}: {parameter}"


def test_a_role_that_is_not_ours_cannot_enter_the_database(
    template: Settings, admin_connection: Connection
) -> None:
    database = template.topology.postgresql.database
    admin_connection.execute("DROP ROLE IF EXISTS howdah_test_stranger")
    admin_connection.execute("CREATE ROLE howdah_test_stranger")
    allowed = admin_connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname IN ('howdah_test_stranger', %s, %s) "
        "AND has_database_privilege(rolname, %s, 'CONNECT') ORDER BY rolname",
        (WRITER, READER, database),
    ).fetchall()
    admin_connection.execute("DROP ROLE howdah_test_stranger")
    assert allowed == [(READER,), (WRITER,)]


def test_the_application_cannot_create_tables_or_temporary_ones(app: Connection) -> None:
    for statement in ("CREATE TABLE mine ()", "CREATE TEMPORARY TABLE mine ()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute(statement)


def test_a_server_that_is_away_is_a_sentence(settings: Settings) -> None:
    topology = settings.topology
    ports = replace(topology.ports, postgresql=1)
    away = replace(settings, topology=replace(topology, ports=ports))
    with pytest.raises(Unavailable, match=r"does not let app_write into .*: Connection refused"):
        connect_directly(away, WRITER)
