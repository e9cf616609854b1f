"""A schema as one hash for each object, which the application's role can ask for too.

`migrate drift` needs the superuser and a scratch database; a worker has neither. It compares the
catalogs with `migrations/schema.hashes`, which is written and proven together with the snapshot.
"""

from collections.abc import Mapping
from pathlib import Path

from howdah.foundation.database import NOBODY, Database, Statement
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly

FILE = "schema.hashes"
HEADER = (
    "# A hash for each object of migrations/schema.sql; the first line is the newest version.\n"
)
VERSIONS = Statement("schema_versions", "SELECT version FROM public.schema_migrations")
# Names in definitions are written out in full, whoever asks.
QUALIFY = Statement("schema_qualify", "SELECT set_config('search_path', '', true)")
HASHES = """
WITH of_extensions AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), schemas AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'migrations')
), relations AS (
    SELECT c.* FROM pg_catalog.pg_class AS c JOIN schemas ON schemas.oid = relnamespace
    WHERE NOT EXISTS (
        SELECT FROM of_extensions
        WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = c.oid)
), tables AS (
    SELECT * FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
), routines AS (
    SELECT p.* FROM pg_catalog.pg_proc AS p JOIN schemas ON schemas.oid = pronamespace
    WHERE prokind IN ('f', 'p') AND NOT EXISTS (
        SELECT FROM of_extensions
        WHERE classid = 'pg_catalog.pg_proc'::regclass AND objid = p.oid)
), described (object, definition) AS (
    SELECT 'schema ' || nspname, ARRAY[nspowner::regrole::text, (
        SELECT string_agg(a::text, ',' ORDER BY a::text)
        FROM unnest(coalesce(nspacl, acldefault('n', nspowner))) AS a)]
    FROM schemas
    UNION ALL
    SELECT 'relation ' || oid::regclass, ARRAY[
        relkind::text, relpersistence::text, relowner::regrole::text, relrowsecurity::text,
        relforcerowsecurity::text, array_to_string(reloptions, ','), (
            SELECT string_agg(a::text, ',' ORDER BY a::text)
            FROM unnest(coalesce(relacl, acldefault(
                CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) AS a),
        CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END]
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'sequence ' || seqrelid::regclass, ARRAY[
        seqtypid::regtype::text, seqstart::text, seqincrement::text, seqmax::text, seqmin::text,
        seqcache::text, seqcycle::text]
    FROM pg_catalog.pg_sequence JOIN relations ON relations.oid = seqrelid
    UNION ALL
    SELECT 'column ' || attrelid::regclass || '.' || attname, ARRAY[
        format_type(atttypid, atttypmod), attnotnull::text, attidentity::text,
        attgenerated::text, attstorage::text, attcompression::text,
        attcollation::regcollation::text,
        pg_get_expr(adbin, adrelid), (
            SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(attacl) AS a)]
    FROM pg_catalog.pg_attribute JOIN tables ON tables.oid = attrelid
    LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname,
        ARRAY[pg_get_constraintdef(pg_constraint.oid), convalidated::text]
    FROM pg_catalog.pg_constraint JOIN tables ON tables.oid = conrelid
    UNION ALL
    SELECT 'index ' || indexrelid::regclass,
        ARRAY[pg_get_indexdef(indexrelid), indisvalid::text, indisreplident::text]
    FROM pg_catalog.pg_index JOIN tables ON tables.oid = indrelid
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname,
        ARRAY[pg_get_triggerdef(pg_trigger.oid), tgenabled::text]
    FROM pg_catalog.pg_trigger JOIN tables ON tables.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'policy ' || polrelid::regclass || ' ' || polname, ARRAY[
        polcmd::text, polpermissive::text, (
            SELECT string_agg(r::regrole::text, ',' ORDER BY r::regrole::text)
            FROM unnest(polroles) AS r),
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)]
    FROM pg_catalog.pg_policy JOIN tables ON tables.oid = polrelid
    UNION ALL
    SELECT 'routine ' || oid::regprocedure, ARRAY[
        pg_get_functiondef(oid), proowner::regrole::text, (
            SELECT string_agg(a::text, ',' ORDER BY a::text)
            FROM unnest(coalesce(proacl, acldefault('f', proowner))) AS a)]
    FROM routines
    UNION ALL
    SELECT 'type ' || t.oid::regtype, ARRAY[typtype::text, (
        SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
        FROM pg_catalog.pg_enum WHERE enumtypid = t.oid), (
        SELECT string_agg(pg_get_constraintdef(c.oid), ',' ORDER BY conname)
        FROM pg_catalog.pg_constraint AS c WHERE contypid = t.oid)]
    FROM pg_catalog.pg_type AS t JOIN schemas ON schemas.oid = typnamespace
    WHERE typtype IN ('d', 'e') AND NOT EXISTS (
        SELECT FROM of_extensions
        WHERE classid = 'pg_catalog.pg_type'::regclass AND objid = t.oid)
    UNION ALL
    SELECT 'rights to come ' || defaclrole::regrole || ' ' || defaclobjtype::text || ' '
        || coalesce((SELECT nspname FROM schemas WHERE schemas.oid = defaclnamespace), '*'),
        ARRAY[(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(defaclacl) AS a)]
    FROM pg_catalog.pg_default_acl
    UNION ALL
    -- Those that provisioning makes are not on every server the same.
    SELECT 'extension ' || extname, ARRAY['']
    FROM pg_catalog.pg_extension
    WHERE extname NOT IN ('plpgsql', 'pg_stat_statements', 'pgaudit')
)
SELECT object, md5(array_to_string(definition, E'\\x1f', '?')) AS hash FROM described
"""
READ = Statement("schema_hashes", HASHES)


class HashesInvalid(CommandFailed):
    """The hashes of the schema cannot be read."""

    code = "schema_hashes_invalid"


def hash_file(settings: Settings, version: str) -> str:
    """The text of the file for the settings' database: the version, then hash and object."""
    with connect_directly(settings, OWNER, parameters={"search_path": ""}) as connection:
        rows = connection.execute(HASHES).fetchall()
    lines = "".join(f"{value} {name}\n" for name, value in sorted(rows))
    return f"{HEADER}{version}\n{lines}"


def drifted_objects(database: Database, folder: Path) -> list[str] | None:
    """Names of what is not as its migrations made it; None when this database is of other files.

    Raises HashesInvalid, Unavailable.
    """
    version, expected = _read_file(folder / FILE)
    with database.write(NOBODY) as transaction:  # for a setting that holds for both statements
        ran = [str(row["version"]) for row in transaction.all(VERSIONS)]
        if max(ran, key=lambda one: (len(one), one), default="") != version:
            return None
        transaction.execute(QUALIFY)
        live = {str(row["object"]): str(row["hash"]) for row in transaction.all(READ)}
    names = expected.keys() | live.keys()
    return sorted(name for name in names if expected.get(name) != live.get(name))


def _read_file(path: Path) -> tuple[str, Mapping[str, str]]:
    try:
        _, version, *lines = path.read_text(encoding="utf-8").splitlines()
        pairs = [line.split(" ", 1) for line in lines]
        return version, {name: value for value, name in pairs}
    except (OSError, ValueError) as failure:
        raise HashesInvalid(
            f"{path} cannot be read: {failure}.",
            hint="`./howdah migrate verify --write-schema` writes it.",
        ) from failure
