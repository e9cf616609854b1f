"""The whole folder, judged by squawk and by our rules."""

from dataclasses import replace
from pathlib import Path

import pytest

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import MigrationFileInvalid
from howdah.operations.migrations.lint import lint_migrations
from howdah.operations.migrations.lint.squawk import NEVER, OF_THE_SCHEMA_BEFORE, TAKES_AWAY

HERE = Settings(home=Path("/nonexistent"), config_file=None)
REFERENCE = HERE.checkout / "docs" / "reference" / "migration-lint.md"


def folder(tmp_path: Path, **files: str) -> Settings:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    for name, text in files.items():
        (migrations / f"{name.lstrip('_')}.sql").write_text(text)
    return replace(HERE, checkout=tmp_path)


def migration(up: str, down: str = "SELECT 1;", option: str = "", head: str = "") -> str:
    return f"-- Why: a test\n{head}\n-- migrate:up{option}\n{up}\n-- migrate:down{option}\n{down}\n"


def found(settings: Settings, *names: str) -> list[tuple[str, int, str]]:
    return [(one.file, one.line, one.rule) for one in lint_migrations(settings, names)]


def test_every_migration_of_the_product_keeps_to_the_rules_or_says_why_not() -> None:
    assert lint_migrations(HERE) == []


def test_squawks_findings_stand_on_their_lines_of_both_ways(tmp_path: Path) -> None:
    add = "SELECT 1;\nCREATE INDEX i ON documents (title);"
    settings = folder(tmp_path, _001_index=migration(add, down="DROP INDEX i;"))
    assert found(settings) == [
        ("001_index.sql", 5, "require-concurrent-index-creation"),
        ("001_index.sql", 7, "require-concurrent-index-deletion"),
    ]


def test_a_statement_alone_must_be_able_to_run_twice(tmp_path: Path) -> None:
    alone = migration("DROP INDEX CONCURRENTLY i;", option=" transaction:false")
    assert found(folder(tmp_path, _001_alone=alone)) == [
        ("001_alone.sql", 4, "prefer-robust-stmts")
    ]


def test_taking_away_is_for_the_way_down_and_for_post(tmp_path: Path) -> None:
    drop = "ALTER TABLE documents DROP COLUMN title;"
    settings = folder(
        tmp_path,
        _001_early=migration(drop),
        _002_late=migration(drop, head="-- phase: post"),
        _003_back=migration("SELECT 1;", down=drop),
    )
    assert found(settings) == [("001_early.sql", 4, "ban-drop-column")]


def test_an_exception_beside_the_statement_excuses_squawks_findings_too(tmp_path: Path) -> None:
    allowed = "-- lint: allow ban-drop-column: no code ever read it\n"
    drop = f"{allowed}ALTER TABLE documents DROP COLUMN title;"
    assert found(folder(tmp_path, _001_early=migration(drop))) == []


def test_a_syntax_error_is_found_without_a_database(tmp_path: Path) -> None:
    settings = folder(tmp_path, _001_wrong=migration("ALTER TABEL a ADD b int;"))
    assert {(line, rule) for _, line, rule in found(settings)} == {(4, "syntax-error")}


def test_only_the_named_files_are_judged(tmp_path: Path) -> None:
    bad = migration("VACUUM FULL documents;")
    settings = folder(tmp_path, _001_one=bad, _002_other=bad)
    for name in ("002", "002_other", "002_other.sql", "migrations/002_other.sql"):
        assert {file for file, *_ in found(settings, name)} == {"002_other.sql"}
    with pytest.raises(InvalidInput, match="no migration 7"):
        lint_migrations(settings, ["7"])


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    settings = folder(tmp_path)
    (settings.migrations / "001_latin.sql").write_bytes("-- Größe".encode("latin-1"))
    with pytest.raises(MigrationFileInvalid, match=r"001_latin\.sql cannot be read"):
        lint_migrations(settings)
    with pytest.raises(MigrationFileInvalid, match="no folder"):
        lint_migrations(replace(HERE, checkout=tmp_path / "nowhere"))


@pytest.mark.parametrize("rule", [*NEVER, *TAKES_AWAY, *OF_THE_SCHEMA_BEFORE])
def test_every_rule_that_is_switched_off_is_in_the_reference(rule: str) -> None:
    assert f"`{rule}`" in REFERENCE.read_text()
