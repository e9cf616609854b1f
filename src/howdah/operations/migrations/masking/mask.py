"""Replace personal data by the rules, in a database that is nobody's but ours."""

from collections.abc import Mapping

from psycopg import sql

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.migrations.masking.rules import AFTERWARDS, RULES
from howdah.operations.migrations.scratch import PREFIX
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly

KEY = "SELECT set_config('howdah.mask', gen_random_uuid()::text, false)"
# No trigger may keep what was there, such as that of the revisions; nor may one take minutes.
QUIET = "SET session_replication_role = replica"
COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


def mask(target: Settings) -> dict[str, int]:
    """Replace what the rules name and this schema has; returns the rows of each table.

    Raises InvalidInput for a database that is not a scratch database.
    """
    database = target.topology.postgresql.database
    if not database.startswith(PREFIX):
        raise InvalidInput(f"{database} is no copy, so nothing in it is masked.")
    with connect_directly(target, SUPERUSER) as connection:
        connection.execute(KEY)
        connection.execute(QUIET)
        rows = {}
        for rules in (RULES, AFTERWARDS):
            for table, expressions in rules.items():
                changed = _replace(connection, table, expressions)
                if changed is not None:
                    rows[table] = changed
        return rows


def _replace(connection: Connection, table: str, expressions: Mapping[str, str]) -> int | None:
    """Rows replaced; None where this schema has neither the table nor any of the columns."""
    there = {name for (name,) in connection.execute(COLUMNS, (table,)).fetchall()}
    chosen = {name: text for name, text in expressions.items() if name in there}
    if not chosen:
        return None
    changes = sql.SQL(", ").join(
        sql.SQL("{} = ").format(sql.Identifier(name)) + sql.SQL(text)
        for name, text in chosen.items()
    )
    update = sql.SQL("UPDATE {} SET ").format(sql.Identifier(*table.split("."))) + changes
    return connection.execute(update).rowcount
