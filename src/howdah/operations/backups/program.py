"""pgBackRest, run as the account that owns the repository."""

import json
from collections.abc import Mapping
from typing import Any

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import POSTGRESQL, as_account
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.rendering.pgbackrest import STANZA
from howdah.foundation.settings import Settings
from howdah.operations.backups.quoting import printable

PROGRAM = "/usr/bin/pgbackrest"
MINUTE_SECONDS = 60.0
WHOLE_DAY_SECONDS = 24 * 3600.0

# Exit codes of pgBackRest (src/build/error/error.yaml there) that call for words of ours.
REASONS = {
    26: "a file of the backup does not have the checksum that was noted when it was taken",
    28: "a file of the repository does not fit what is expected",
    29: "a file of the repository is damaged",
    38: "PostgreSQL runs in that folder",
    40: "the folder is not empty",
    41: "a file cannot be opened: it belongs to another account, or its folder is closed",
    44: "the archive belongs to another database",
    45: "the archive holds another segment of that name",
    49: "the repository's service cannot be reached",
    50: "another backup or change of the repository runs",
    51: "the backups belong to another database",
    55: "a file of the repository is missing",
    56: "PostgreSQL cannot be reached",
    58: "the database is not the one that was backed up",
    64: "the repository cannot be written to (is it full?)",
    75: "no backup fits",
    82: "WAL is not archived in time",
    95: "the repository is damaged, or it is encrypted with another key",
    101: "the repository's service refused",
}
HINTS = {
    28: "if the repository belongs to another database, name another folder in backup.path",
    50: "wait until it has ended; `howdah backup list` shows what there is",
    56: "`howdah status` says what runs",
    82: "`howdah backup check` says why",
}


class BackupProgramFailed(CommandFailed):
    """A backup program could not do what it was asked for."""


class BackupsDisabled(CommandFailed):
    """This installation takes no backups."""


def require_backups(settings: Settings) -> None:
    """Raises BackupsDisabled when the settings say so."""
    if not settings.topology.backup.enabled:
        raise BackupsDisabled(
            "this installation archives nothing and takes no backups",
            hint="set backup.enabled = true in howdah.toml (HOWDAH_BACKUP__ENABLED=true), then "
            "`howdah up`",
        )


def pgbackrest(
    settings: Settings,
    command: str,
    *options: str,
    node: str = "",
    timeout_seconds: float = MINUTE_SECONDS,
) -> str:
    """What it printed. `node`: with that server's configuration, not the operator's.

    Raises BackupsDisabled; BackupProgramFailed, with `exit_code` in its details (0 when it did not
    end itself).
    """
    require_backups(settings)
    layout = settings.layout
    configuration = layout.pgbackrest_configuration(node)
    line = [PROGRAM, f"--config={configuration}", f"--stanza={STANZA}", command, *options]
    # libpq reads the password from a file; nothing else of the caller's environment counts.
    environment = {"PGPASSFILE": str(layout.backup_passwords), "LANG": "C.UTF-8", "TZ": "UTC"}
    try:
        return run(
            as_account(POSTGRESQL, line, death_signal="TERM"),
            cwd=layout.backup_run,
            env=environment,
            timeout_seconds=timeout_seconds,
        )
    except ProcessFailed as failure:
        raise _sentence(command, failure) from failure


def repository_info(settings: Settings) -> dict[str, Any]:
    """What pgBackRest says about the stanza: `status`, `backup`, `archive`, … as in its JSON.

    Raises BackupProgramFailed, also when the repository cannot be read, which pgBackRest itself
    reports with success.
    """
    # With a wrong key its JSON holds line feeds within strings.
    found = json.loads(pgbackrest(settings, "info", "--output=json"), strict=False)
    document: dict[str, Any] = found[0] if found else {"status": {"code": 1}, "backup": []}
    if document["status"]["code"] not in READABLE:
        raise BackupProgramFailed(
            f"the repository cannot be read: {_reason(document)}",
            hint="`howdah backup check` looks closer",
            exit_code=0,
        )
    return document


def _reason(document: Mapping[str, Any]) -> str:
    """Of the stanza it says "other"; the reason stands with the repository."""
    repositories = [item.get("status", {}) for item in document.get("repo", ())]
    said = [item["message"] for item in [*repositories, document["status"]] if item.get("message")]
    if not said:
        return "no reason is given"
    lists = "unable to load info file" in said[0]
    damaged = "its key is another one, or a list is damaged in both copies: " if lists else ""
    return damaged + printable(said[0])


READABLE = frozenset({0, 1, 2})
"""Status codes of `info` that are true of a repository that can be read: all is well, no stanza
yet, no backup yet."""


def _sentence(command: str, failure: ProcessFailed) -> BackupProgramFailed:
    code = int(failure.details.get("exit_code", 0))
    reason = REASONS.get(code, "")
    because = f": {reason}" if reason else ""
    said = failure.message.partition("\n")[2]
    tail = f"; it said:\n{said}" if said else f" ({failure.message})"
    return BackupProgramFailed(
        f"pgBackRest's {command} failed{because}{tail}", hint=HINTS.get(code), exit_code=code
    )
