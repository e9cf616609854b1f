"""What `howdah migrate verify` proves, and what it does not let pass."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from howdah.entrypoints.cli import migrate_verify
from howdah.foundation.settings import Settings
from howdah.operations.migrations.scratch import PREFIX, scratch_database
from howdah.operations.migrations.verify import Proof, verify_migrations, write_snapshot
from howdah.operations.migrations.verify.rows import SeedsInvalid
from howdah.operations.roles.connect import Connection
from tests.database.migration_files import up_and_down, with_files

SCRATCH = "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)"
THINGS = up_and_down("CREATE TABLE things (id int, name text);", "DROP TABLE things;")
Problems = Callable[..., dict[str, list[str]]]


def unheard(_: Proof) -> None:
    """Nobody listens."""


@pytest.fixture
def problems(settings: Settings, tmp_path: Path) -> Problems:
    """What is wrong with each of these files; `seeds` are the rows after 001."""

    def found(seeds: str = "", **files: str) -> dict[str, list[str]]:
        target = with_files(settings, tmp_path, **files)
        (target.migrations / "seeds").mkdir(exist_ok=True)
        (target.migrations / "seeds" / "001.sql").write_text(seeds)
        proofs = verify_migrations(target, unheard).proofs
        return {proof.name: list(proof.problems) for proof in proofs if proof.problems}

    return found


def test_every_migration_of_the_product_is_proven_and_the_snapshot_is_their_sum(
    settings: Settings,
) -> None:
    found = verify_migrations(settings, unheard)
    assert [proof for proof in found.proofs if proof.problems] == []
    assert found.snapshot == (), "run `./howdah migrate verify --write-schema` and commit it"
    assert found.proven


def test_what_a_way_down_leaves_behind_is_shown(problems: Problems) -> None:
    left = up_and_down("CREATE TABLE things ();\nCREATE TABLE left_over ();", "DROP TABLE things;")
    with_if_not_exists = left.replace("CREATE TABLE left", "CREATE TABLE IF NOT EXISTS left")
    found = problems(_001_two=with_if_not_exists)
    assert "+CREATE TABLE public.left_over (" in found["001_two"][0]
    assert found["001_two"][0].startswith("after DOWN:")
    assert found["everything"][0].startswith("after DOWN of all:")


def test_a_second_way_up_that_brings_something_else_is_shown(problems: Problems) -> None:
    changing = (
        "DO $$ BEGIN IF to_regclass('seen') IS NULL THEN CREATE TABLE once (); "
        "ELSE CREATE TABLE twice (); END IF; CREATE TABLE IF NOT EXISTS seen (); END $$;"
    )
    found = problems(_001_changing=up_and_down(changing, "DROP TABLE IF EXISTS once, twice;"))
    assert any(problem.startswith("after UP again:") for problem in found["001_changing"])


def test_rows_that_a_way_down_does_not_bring_back_are_shown(problems: Problems) -> None:
    upper = up_and_down("UPDATE things SET name = upper(name);")
    found = problems(
        "INSERT INTO things VALUES (1, 'a'), (2, 'b');", _001_things=THINGS, _002_up=upper
    )
    (problem,) = found["002_up"]
    assert problem.startswith("rows after DOWN:\npublic.things: 2 rows, ")


def test_rows_may_be_forgotten_for_a_stated_reason(problems: Problems) -> None:
    upper = "-- forgets: how it was written\n" + up_and_down(
        "UPDATE things SET name = upper(name);"
    )
    assert problems("INSERT INTO things VALUES (1, 'a');", _001_things=THINGS, _002_up=upper) == {}


def test_below_one_without_a_way_back_nothing_is_taken_back(problems: Problems) -> None:
    final = "-- irreversible: the rows are gone\n-- migrate:up\nTRUNCATE things;\n-- migrate:down\n"
    after = up_and_down("CREATE TABLE more ();", "DROP TABLE more;")
    seeds = "INSERT INTO things VALUES (1, 'a');"
    assert problems(seeds, _001_things=THINGS, _002_final=final, _003_more=after) == {}


def test_rows_that_a_second_way_up_adds_again_are_shown(problems: Problems) -> None:
    adding = "-- forgets: a test\n" + up_and_down("INSERT INTO things VALUES (2, 'b');")
    (problem,) = problems(_001_things=THINGS, _002_add=adding)["002_add"]
    assert problem == "rows after UP again:\npublic.things: 1 rows; now 2 rows"


def test_a_column_that_comes_back_last_is_the_same_column(problems: Problems) -> None:
    drop = up_and_down("ALTER TABLE things DROP id;", "ALTER TABLE things ADD id int;")
    assert problems(_001_things=THINGS, _002_drop=drop) == {}


def test_seeds_that_do_not_fit_are_a_sentence(problems: Problems) -> None:
    with pytest.raises(SeedsInvalid, match=r"seeds/001\.sql failed with 42P01: relation"):
        problems("INSERT INTO nowhere VALUES (1);", _001_things=THINGS)


def test_a_snapshot_that_is_not_the_sum_is_shown(settings: Settings, tmp_path: Path) -> None:
    target = with_files(settings, tmp_path, _001_things=THINGS)
    missing = verify_migrations(target, unheard)
    assert not missing.proven
    write_snapshot(target, missing)
    assert verify_migrations(target, unheard).proven
    with_files(settings, tmp_path, _001_things=THINGS.replace("name text", "label text"))
    differing = verify_migrations(target, unheard)
    assert "-    name text" in differing.snapshot
    assert "+    label text" in differing.snapshot


def test_nothing_is_left_behind_whether_it_ends_well_or_not(
    settings: Settings, problems: Problems, admin_connection: Connection
) -> None:
    with pytest.raises(SeedsInvalid):
        problems("broken", _001_things=THINGS)
    assert admin_connection.execute(SCRATCH, (PREFIX,)).fetchone() == (0,)


def test_what_a_killed_run_left_is_dropped_by_the_next_and_a_running_ones_is_not(
    settings: Settings, admin_connection: Connection
) -> None:
    admin_connection.execute(f"CREATE DATABASE {PREFIX}of_the_dead")
    with scratch_database(settings), scratch_database(settings):
        assert admin_connection.execute(SCRATCH, (PREFIX,)).fetchone() == (2,)


def typed(target: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(migrate_verify, "load_settings", lambda: target)
    command: click.Command = migrate_verify.verify
    return CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)


def test_the_command_writes_the_snapshot_and_then_agrees_with_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = with_files(settings, tmp_path, _001_things=THINGS)
    before = typed(target, monkeypatch)
    assert before.return_value == 1
    assert (
        "migrations/schema.sql and schema.hashes are not what the migrations make:" in before.output
    )
    assert typed(target, monkeypatch, "--write-schema").return_value == 0
    printed = json.loads(typed(target, monkeypatch, "--json").output)
    assert printed["proven"] is True
    assert [proof["name"] for proof in printed["proofs"]] == ["001_things", "everything"]
