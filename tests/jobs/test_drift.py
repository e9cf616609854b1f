"""The hourly look at the schema, with no more rights than the application has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from howdah.entrypoints.jobs.drifting import MIGRATIONS, UNKNOWN, look_for_drift
from howdah.foundation.metrics import SCHEMA_DRIFT
from howdah.operations.migrations.drift.hashes import FILE, HashesInvalid, drifted_objects
from tests.jobs.background import Background

BY_HAND = {
    "index public.by_hand": ("CREATE INDEX by_hand ON users (role)", "DROP INDEX by_hand"),
    "column public.users.role": (
        "ALTER TABLE users ALTER role SET DEFAULT 'admin'",
        "ALTER TABLE users ALTER role SET DEFAULT 'user'",
    ),
    "relation public.users": (
        "GRANT SELECT ON users TO PUBLIC",
        "REVOKE SELECT ON users FROM PUBLIC",
    ),
    "policy public.jobs tenant": (
        "ALTER POLICY tenant ON jobs USING (true)",
        "ALTER POLICY tenant ON jobs USING (org_id = howdah.current_org_id())",
    ),
    "trigger public.users keep_updated_at": (
        "ALTER TABLE users DISABLE TRIGGER keep_updated_at",
        "ALTER TABLE users ENABLE TRIGGER keep_updated_at",
    ),
    'routine howdah."position"()': (
        "GRANT EXECUTE ON FUNCTION howdah.position() TO PUBLIC",
        "REVOKE EXECUTE ON FUNCTION howdah.position() FROM PUBLIC",
    ),
    "sequence public.users_id_seq": (
        "ALTER SEQUENCE users_id_seq CYCLE",
        "ALTER SEQUENCE users_id_seq NO CYCLE",
    ),
    "schema by_hand": ("CREATE SCHEMA by_hand", "DROP SCHEMA by_hand"),
    "extension citext": ("CREATE EXTENSION citext", "DROP EXTENSION citext"),
}


@contextmanager
def changed(background: Background, do: str, undo: str) -> Iterator[None]:
    background.admin.execute(do.encode())
    try:
        yield
    finally:
        background.admin.execute(undo.encode())


def counted() -> float:
    (family,) = SCHEMA_DRIFT.collect()
    return family.samples[0].value


def test_a_schema_that_only_migrations_changed_has_not_drifted(background: Background) -> None:
    assert drifted_objects(background.database, MIGRATIONS) == []
    assert look_for_drift(background.database) == 0
    assert counted() == 0


@pytest.mark.parametrize("name", BY_HAND)
def test_a_change_by_hand_is_named_and_counted(background: Background, name: str) -> None:
    with changed(background, *BY_HAND[name]):
        found = drifted_objects(background.database, MIGRATIONS)
        assert found is not None
        assert name in found
        assert look_for_drift(background.database) == counted() == len(found)
    assert drifted_objects(background.database, MIGRATIONS) == []


def test_a_database_of_another_release_is_not_called_equal(background: Background) -> None:
    with changed(
        background,
        "INSERT INTO schema_migrations VALUES ('999')",
        "DELETE FROM schema_migrations WHERE version = '999'",
    ):
        assert look_for_drift(background.database) == counted() == UNKNOWN


def test_hashes_that_cannot_be_read_are_a_sentence_and_not_a_pass(
    background: Background, tmp_path: Path
) -> None:
    with pytest.raises(HashesInvalid, match="--write-schema"):
        look_for_drift(background.database, tmp_path)
    (tmp_path / FILE).write_text("# nothing\n")
    with pytest.raises(HashesInvalid):
        look_for_drift(background.database, tmp_path)
    assert counted() == UNKNOWN
