"""What goes wrong from outside, and the sentence it ends in: nothing is left half done."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.files import MigrationFileInvalid
from howdah.operations.migrations.session import MigrationsRefused, Patience
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.database.migration_files import three_tables, up_and_down, with_files
from tests.database.own_server import at_port, free_port, own_server


def tables(settings: Settings) -> set[str]:
    with connect_directly(settings, OWNER) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows.fetchall()} - {"schema_migrations"}


def test_a_syntax_error_names_file_line_and_statement_and_leaves_nothing(
    empty_database: Settings, tmp_path: Path
) -> None:
    text = (
        "CREATE TABLE kept ();\n\nALTER TABLE kept\n    ADD COLUMN x integer,\n    AD COLUMN y int;"
    )
    target = with_files(empty_database, tmp_path, _001_typo=up_and_down(text))
    with pytest.raises(MigrationFailed) as failure:
        migrate_up(target)
    assert failure.value.message == (
        'Migration 001_typo.sql failed at line 6 with 42601: syntax error at or near "AD". '
        "It is statement 2 of 2: ALTER TABLE kept ADD COLUMN x integer, AD COLUMN y int"
    )
    assert tables(target) == set()
    assert migration_status(target).pending == ("001_typo",)


def test_a_folder_that_is_missing_is_a_sentence(empty_database: Settings, tmp_path: Path) -> None:
    for run in (migrate_up, migrate_down, migration_status):
        with pytest.raises(MigrationFileInvalid, match="no folder of migrations"):
            run(replace(empty_database, checkout=tmp_path))


def test_a_file_that_cannot_be_read_is_a_sentence_before_anything_runs(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = with_files(empty_database, tmp_path, **three_tables())
    (target.migrations / "004_loop.sql").symlink_to("004_loop.sql")
    with pytest.raises(MigrationFileInvalid, match=r"004_loop\.sql .* cannot be read"):
        migrate_up(target)
    assert tables(target) == set()


@pytest.mark.parametrize("asked", ["4", "x", "-1", "001_other", "1.5", "²", ""])
def test_a_wrong_version_is_a_sentence_before_anything_runs(
    empty_database: Settings, tmp_path: Path, asked: str
) -> None:
    target = with_files(empty_database, tmp_path, **three_tables())
    for run in (migrate_up, migrate_down):
        with pytest.raises(InvalidInput, match=r"There is no migration .* There is 001 to 003"):
            run(target, to=asked)
    assert tables(target) == set()


def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    empty_database: Settings, tmp_path: Path
) -> None:
    # The kernel refuses every write to /dev/full as it does on a full disk.
    with connect_directly(empty_database, SUPERUSER) as superuser:
        superuser.execute(
            "CREATE FUNCTION fill() RETURNS void SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN "
            "COPY (SELECT repeat('x', 100000)) TO '/dev/full'; END $$;"
            "GRANT EXECUTE ON FUNCTION fill TO PUBLIC"
        )
    target = with_files(
        empty_database, tmp_path, _001_full=up_and_down("CREATE TABLE kept ();\nSELECT fill();")
    )
    with pytest.raises(MigrationFailed, match=r"line 3 with 53100: .*No space.*Make room"):
        migrate_up(target)
    assert tables(target) == set()
    assert migration_status(target).pending == ("001_full",)


def test_a_statement_that_takes_too_long_is_ended_with_a_sentence(
    empty_database: Settings, tmp_path: Path
) -> None:
    slow = up_and_down("CREATE TABLE kept ();\nSELECT pg_sleep(5);")
    target = with_files(empty_database, tmp_path, _001_slow=slow)
    with pytest.raises(MigrationFailed, match=r"57014.*longer than a statement may"):
        migrate_up(target, patience=Patience(statement_timeout_seconds=0.2))
    assert tables(target) == set()


def test_what_fails_only_at_commit_is_a_sentence_and_leaves_nothing(
    empty_database: Settings, tmp_path: Path
) -> None:
    deferred = (
        "CREATE TABLE a (id int PRIMARY KEY REFERENCES a DEFERRABLE INITIALLY DEFERRED, "
        "other int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1, 2);"
    )
    target = with_files(empty_database, tmp_path, _001_deferred=up_and_down(deferred))
    with pytest.raises(MigrationFailed, match=r"001_deferred\.sql failed at its end with 23503"):
        migrate_up(target)
    assert tables(target) == set()


@pytest.mark.parametrize("option", ["", " transaction:false"])
def test_a_session_that_is_ended_is_a_sentence(
    empty_database: Settings, tmp_path: Path, option: str
) -> None:
    ended = up_and_down("SELECT pg_terminate_backend(pg_backend_pid());", option=option)
    files = {"_001_kept": up_and_down("CREATE TABLE kept ();"), "_002_ended": ended}
    target = with_files(empty_database, tmp_path, **files)
    with pytest.raises(MigrationFailed, match=r"002_ended\.sql failed at line 2 with 57P01"):
        migrate_up(target)
    assert tables(target) == {"kept"}
    status = migration_status(target)
    assert status.pending == ("002_ended",)
    assert status.interrupted == (("002_ended up",) if option else ())


def test_a_session_that_is_ended_at_its_commit_says_where_to_look(
    empty_database: Settings, tmp_path: Path
) -> None:
    text = """
        CREATE TABLE a ();
        CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER leave AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION leave();
        INSERT INTO a DEFAULT VALUES;
    """
    target = with_files(empty_database, tmp_path, _001_commit=up_and_down(text))
    with pytest.raises(MigrationFailed, match=r"at its end with .*`howdah migrate status` says"):
        migrate_up(target)
    assert migration_status(target).pending == ("001_commit",)


@contextmanager
def cut_off_by(listener: socket.socket, target_port: int) -> Iterator[Callable[[], None]]:
    """Passes one connection on to PostgreSQL, until the function is called."""
    ends: list[socket.socket] = []

    def cut() -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)

    def serve() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target_port))
            ends.extend((client, server))
            back = threading.Thread(target=carry, args=(server, client))
            back.start()
            carry(client, server)
            back.join()
            client.close()
            server.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield cut
    finally:
        cut()
        listener.close()
        thread.join(timeout=10)


def test_a_network_that_breaks_is_a_sentence_and_leaves_nothing(
    empty_database: Settings, tmp_path: Path
) -> None:
    slow = up_and_down("CREATE TABLE kept ();\nSELECT pg_sleep(30);")
    target = with_files(empty_database, tmp_path, _001_slow=slow)
    listener = socket.create_server(("127.0.0.1", 0))
    port = empty_database.topology.postgresql.port
    with cut_off_by(listener, port) as cut:
        timer = threading.Timer(1.0, cut)
        timer.start()
        with pytest.raises(MigrationFailed, match=r"001_slow\.sql failed at line 3 with a lost"):
            migrate_up(at_port(target, listener.getsockname()[1]))
        timer.join()
    # The server side notices within two seconds, gives the turn back and forgets the table.
    assert migrate_up(with_files(target, tmp_path, _001_slow=up_and_down("SELECT 1;"))) == [
        "001_slow"
    ]
    assert tables(target) == set()


def test_a_database_that_is_away_is_a_sentence(empty_database: Settings) -> None:
    for run in (migrate_up, migrate_down, migration_status):
        with pytest.raises(Unavailable, match="does not let howdah_owner into"):
            run(at_port(empty_database, free_port()))


def test_a_standby_is_refused_and_may_still_be_asked(settings: Settings) -> None:
    with own_server(settings, standby=True) as target:
        for run in (migrate_up, migrate_down):
            with pytest.raises(MigrationsRefused, match=r"is a standby.*Migrate on the primary"):
                run(target)
        assert migration_status(target).applied == ()
