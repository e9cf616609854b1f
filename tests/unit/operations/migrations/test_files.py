import hashlib
from pathlib import Path

import pytest

from howdah.operations.migrations.files import (
    MigrationFileInvalid,
    parse_migration,
    read_migrations,
)

GOOD = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"


def folder_of(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_text(GOOD)
    return tmp_path


def test_a_file_gives_its_version_name_and_both_ways() -> None:
    text = "-- Why: a reason; with a semicolon\n\n" + GOOD
    migration = parse_migration(Path("007_add_teams.sql"), text)
    assert (migration.version, migration.name) == ("007", "007_add_teams")
    assert [(s.text, s.line) for s in migration.up.statements] == [("SELECT 1", 4)]
    assert [(s.text, s.line) for s in migration.down.statements] == [("SELECT 2", 6)]
    assert migration.up.in_transaction


def test_each_way_says_for_itself_whether_it_runs_in_a_transaction() -> None:
    text = "-- migrate:up transaction:false\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"
    migration = parse_migration(Path("001_a.sql"), text)
    assert not migration.up.in_transaction
    assert migration.down.in_transaction


def test_files_are_read_in_the_order_of_their_versions(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "002_b.sql", "001_z.sql", "003_a.sql")
    (folder / "README.md").write_text("not a migration")
    assert [item.name for item in read_migrations(folder)] == ["001_z", "002_b", "003_a"]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["001_a.sql", "002_a.sql", "002_b.sql"], r"002_b\.sql .*: its version 002 is taken by 00"),
        (["001_a.sql", "003_c.sql"], r"003_c\.sql .* before it, 002, is missing"),
        (["002_b.sql"], r"002_b\.sql .* 001, is missing"),
        (["01_a.sql"], r"01_a\.sql .* three digits"),
        (["001-a.sql"], r"001-a\.sql .* three digits"),
        (["001_Add.sql"], r"001_Add\.sql .* lower-case"),
    ],
)
def test_a_folder_that_is_wrong_is_refused_by_the_name_of_the_file(
    tmp_path: Path, names: list[str], sentence: str
) -> None:
    with pytest.raises(MigrationFileInvalid, match=sentence):
        read_migrations(folder_of(tmp_path, *names))


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MigrationFileInvalid, match="no folder of migrations"):
        read_migrations(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "001_a.sql").write_bytes(b"-- migrate:up\nSELECT '\xff';")
    with pytest.raises(MigrationFileInvalid, match=r"001_a\.sql .* not UTF-8"):
        read_migrations(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SELECT 1;", "no `-- migrate:up` section"),
        ("-- migrate:down\nSELECT 1;", "no `-- migrate:up` section"),
        ("-- migrate:up\nSELECT 1;", "no `-- migrate:down` section"),
        ("-- migrate:up\nSELECT 1;\n-- migrate:down\n-- later", "down section is empty"),
        ("-- migrate:up\n-- migrate:down\nSELECT 1;", "up section is empty"),
        ("-- migrate:down\nSELECT 1;\n-- migrate:up\nSELECT 1;", "sections are down, up"),
        (GOOD + GOOD, "sections are up, down, up, down"),
        (GOOD + "-- migrate:sideways\nSELECT 1;", "sections are up, down, sideways"),
        ("SELECT 0;\n" + GOOD, "statements before"),
        ("-- migrate:up transactions:false\nSELECT 1;\n-- migrate:down\nSELECT 1;", "not known"),
        (
            "-- migrate:up transaction:false\nSELECT 1;\nSELECT 2;\n-- migrate:down\nSELECT 1;",
            "transaction:false and 2 statements",
        ),
        ("-- migrate:up\nBEGIN;\nSELECT 1;\n-- migrate:down\nSELECT 1;", "line 2 begins or ends"),
        ("-- migrate:up\nSELECT 1;\n\nCOMMIT;\n-- migrate:down\nSELECT 1;", "line 4 begins or"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(MigrationFileInvalid, match=sentence) as refused:
        parse_migration(Path("001_a.sql"), text)
    assert "001_a.sql" in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("down", ["-- migrate:down", "-- migrate:down\n-- nothing\n"])
def test_a_file_may_say_why_there_is_no_way_back(down: str) -> None:
    text = f"-- irreversible: the rows are gone\n-- migrate:up\nSELECT 1;\n{down}"
    migration = parse_migration(Path("001_a.sql"), text)
    assert migration.irreversible == "the rows are gone"
    assert migration.down.statements == ()
    assert len(migration.up.statements) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-- irreversible:\n-- migrate:up\nSELECT 1;\n-- migrate:down", "without a reason"),
        ("-- irreversible: no\n" + GOOD, "and has a down section"),
        ("-- irreversible: no\nSELECT 1;", "no `-- migrate:up` section"),
        ("-- irreversible: no\n-- migrate:up\nSELECT 1;", "no `-- migrate:down` section"),
    ],
)
def test_no_way_back_needs_a_reason_and_no_way_back(text: str, sentence: str) -> None:
    with pytest.raises(MigrationFileInvalid, match=sentence):
        parse_migration(Path("001_a.sql"), text)


def test_the_hash_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    content = GOOD.replace("\n", "\r\n").encode()
    (tmp_path / "001_a.sql").write_bytes(content)
    assert read_migrations(tmp_path)[0].sha256 == hashlib.sha256(content).hexdigest()


def test_a_thousand_files_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder_of(tmp_path, *(f"{number:03d}_a.sql" for number in range(1, 1002)))
    assert [item.number for item in read_migrations(tmp_path)] == list(range(1, 1002))


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "001_a.sql").symlink_to(tmp_path / "001_a.sql")
    with pytest.raises(MigrationFileInvalid, match=r"001_a\.sql .* cannot be read \(Too many lev"):
        read_migrations(tmp_path)


def test_a_folder_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "migrations").write_text("")
    with pytest.raises(MigrationFileInvalid, match="no folder of migrations"):
        read_migrations(tmp_path / "migrations")


def test_a_folder_that_may_not_be_read_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(MigrationFileInvalid, match=r"cannot be read: Permission denied"):
        read_migrations(tmp_path)
