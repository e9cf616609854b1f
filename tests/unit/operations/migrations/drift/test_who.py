"""Who changed the schema is read from what pgAudit logged."""

import json
from datetime import UTC, datetime
from pathlib import Path

from howdah.operations.migrations.drift.differences import Difference
from howdah.operations.migrations.drift.who import Audit, audit_of

BY_HAND = "CREATE INDEX by_hand\n    ON documents (created_at)"
INDEX = Difference("unexpected", "INDEX public.by_hand", ())


def entry(message: str, at: str = "2026-11-22 21:50:03.123 UTC", **more: str) -> str:
    said = {"user": "postgres", "dbname": "production", "application_name": "psql", **more}
    return json.dumps({"timestamp": at, **said, "error_severity": "LOG", "message": message}) + "\n"


def audited(statement: str, name: str, kind: str = "DDL,CREATE INDEX,INDEX") -> str:
    return f'AUDIT: SESSION,1,1,{kind},{name},"{statement}",<not logged>'


def logged(folder: Path, *entries: str) -> Audit:
    file = folder / "postgresql-Sun.json"
    file.write_text("".join(entries), encoding="utf-8")
    return audit_of([file], "production")


def test_the_last_change_of_what_differs_is_named(tmp_path: Path) -> None:
    other = "2026-11-22 21:50:04.000 UTC"
    audit = logged(
        tmp_path,
        entry("database system is ready", "2026-11-16 00:00:00.500 UTC"),
        entry(audited(BY_HAND, "public.by_hand"), remote_host="10.0.0.7"),
        entry(audited("CREATE INDEX another ON documents (id)", "public.another"), other),
    )
    assert audit.since == datetime(2026, 11, 16, 0, 0, 0, 500_000, UTC)
    found = audit.last_to_name(INDEX)
    assert found is not None
    assert (found.role, found.application, found.client) == ("postgres", "psql", "10.0.0.7")
    assert found.statement == "CREATE INDEX by_hand ON documents (created_at)"
    assert found.at == datetime(2026, 11, 22, 21, 50, 3, 123_000, UTC)


def test_everything_in_the_name_must_be_spoken_of(tmp_path: Path) -> None:
    on_jobs = "CREATE TRIGGER by_hand BEFORE INSERT ON jobs EXECUTE FUNCTION f()"
    audit = logged(
        tmp_path,
        entry(audited(on_jobs, "by_hand on public.jobs", "DDL,CREATE TRIGGER,TRIGGER")),
        entry(audited("GRANT SELECT ON users TO app_read", "", "ROLE,GRANT,")),
    )
    assert audit.last_to_name(Difference("unexpected", "TRIGGER public.users by_hand", ())) is None
    assert audit.last_to_name(Difference("unexpected", "TRIGGER public.jobs by_hand", ()))
    assert audit.last_to_name(Difference("changed", "ACL public.TABLE users", ()))
    assert audit.last_to_name(Difference("changed", "DEFAULT ACL DEFAULT PRIVILEGES", ())) is None


def test_of_several_with_one_name_the_one_of_its_kind_is_meant(tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER by_hand BEFORE INSERT ON users EXECUTE FUNCTION f()"
    audit = logged(
        tmp_path,
        entry(audited(BY_HAND, "public.by_hand")),
        entry(audited("GRANT SELECT ON users TO app_read", "", "ROLE,GRANT,")),
        entry(audited(trigger, "by_hand on public.users", "DDL,CREATE TRIGGER,TRIGGER")),
    )
    index, rights = audit.last_to_name(INDEX), Difference("changed", "ACL public.TABLE users", ())
    assert index is not None
    assert index.command == "CREATE INDEX"
    granted = audit.last_to_name(rights)
    assert granted is not None
    assert granted.command == "GRANT"
    dropped = logged(tmp_path, entry(audited("DROP TABLE notes, by_hand", "", "DDL,DROP TABLE,")))
    assert dropped.last_to_name(INDEX)


def test_migrations_other_databases_reads_and_half_lines_are_nobodys_change(tmp_path: Path) -> None:
    change = audited(BY_HAND, "public.by_hand")
    audit = logged(
        tmp_path,
        entry(change, user="howdah_owner", application_name="howdah migrate root@db1"),
        entry(change, dbname="howdah_scratch_1"),
        entry(audited("SELECT 1 FROM by_hand", "", "READ,SELECT,")),
        entry("statement: AUDIT: by_hand"),
        entry(change)[:-9],
    )
    assert audit.changes == ()


def test_without_a_log_nothing_can_be_said(tmp_path: Path) -> None:
    assert audit_of([tmp_path / "postgresql-Mon.json"], "production") == Audit(None)
