"""What a failed statement is told as: file, line, statement, reason, and what to do."""

import psycopg
from psycopg import errors

from howdah.foundation.errors import CommandFailed
from howdah.operations.migrations.files import Migration, Section
from howdah.operations.migrations.statements import SqlStatement

LONGEST_EXCERPT = 70
KEPT_NOTHING = "Nothing of it was kept"


class MigrationFailed(CommandFailed):
    """A migration did not run."""

    code = "migration_failed"


def statement_failed(
    migration: Migration, section: Section, statement: SqlStatement, failure: psycopg.Error
) -> MigrationFailed:
    """The error for a statement that PostgreSQL did not carry out."""
    line = _line(statement, failure.diag.statement_position)
    place = section.statements.index(statement) + 1
    return MigrationFailed(
        f"Migration {migration.path.name} failed at line {line} with {reason(failure)}. "
        f"It is statement {place} of {len(section.statements)}: {_excerpt(statement)}",
        hint=_hint(section, failure),
        file=str(migration.path),
        line=line,
        sqlstate=failure.sqlstate,
    )


def commit_failed(migration: Migration, failure: psycopg.Error) -> MigrationFailed:
    """The error for a transaction whose statements all went well, and whose end did not."""
    lost = failure.sqlstate is None or isinstance(failure, errors.AdminShutdown)
    return MigrationFailed(
        f"Migration {migration.path.name} failed at its end with {reason(failure)}.",
        hint="Whether it was kept is not known here: `howdah migrate status` says it."
        if lost
        else f"{KEPT_NOTHING}; correct the file and migrate again.",
        file=str(migration.path),
        sqlstate=failure.sqlstate,
    )


def ledger_failed(migration: Migration, failure: psycopg.Error) -> MigrationFailed:
    """The error for an entry that could not be made, around what runs outside a transaction."""
    return MigrationFailed(
        f"Migration {migration.path.name} could not be entered in the ledger: {reason(failure)}.",
        hint="What it did outside a transaction was kept. Migrate again: it goes on from there.",
        file=str(migration.path),
        sqlstate=failure.sqlstate,
    )


def reason(failure: psycopg.Error) -> str:
    """SQLSTATE, PostgreSQL's message and its detail."""
    diagnostics = failure.diag
    message = (diagnostics.message_primary or " ".join(str(failure).split())).strip().rstrip(".")
    detail = f" ({diagnostics.message_detail.rstrip('.')})" if diagnostics.message_detail else ""
    return f"{failure.sqlstate or 'a lost connection'}: {message}{detail}"


def _line(statement: SqlStatement, position: str | None) -> int:
    """The line in the file; PostgreSQL's position counts characters of the statement from 1."""
    before = statement.text[: int(position) - 1] if position else ""
    return statement.line + before.count("\n")


def _excerpt(statement: SqlStatement) -> str:
    words = " ".join(statement.text.split())
    return words if len(words) <= LONGEST_EXCERPT else f"{words[:LONGEST_EXCERPT]} …"


def _hint(section: Section, failure: psycopg.Error) -> str:
    kept = KEPT_NOTHING
    if not section.in_transaction:
        kept = "It ran outside a transaction, so what it did before that was kept"
    match failure:
        case errors.LockNotAvailable():
            return (
                f"{kept}. Another session holds a lock for long: the oldest xact_start "
                "in pg_stat_activity shows which; migrate again when it is gone."
            )
        case errors.QueryCanceled():
            return (
                f"{kept}. It took longer than a statement may: `--statement-timeout SECONDS` "
                "allows more, but everybody waits for the locks it holds; better split it."
            )
        case errors.DiskFull():
            return f"{kept}. Make room on the database's disk, then migrate again."
        case psycopg.OperationalError() if failure.sqlstate is None or _ended(failure):
            return f"{kept}. Migrate again when PostgreSQL is back."
    return f"{kept}; correct the file and migrate again."


def _ended(failure: psycopg.Error) -> bool:
    """PostgreSQL was stopped, or an administrator ended the session."""
    return (failure.sqlstate or "").startswith("57P")
