"""How failures leave the command line: one table from error family to exit code, one line each."""

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

import click

from howdah.foundation import errors
from howdah.foundation.settings import load_settings

FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130

EXIT_CODES: dict[type[errors.HowdahError], int] = {
    errors.InvalidInput: WRONG_USE,
    errors.ConfigInvalid: WRONG_USE,
    errors.Unauthenticated: FAILED,
    errors.Forbidden: FAILED,
    errors.NotFound: FAILED,
    errors.Conflict: FAILED,
    errors.TooManyRequests: FAILED,
    errors.Unavailable: FAILED,
    errors.CommandFailed: FAILED,
    errors.ProofFailed: FAILED,
}


def exit_code(failure: errors.HowdahError) -> int:
    """The exit code of the failure's family."""
    families = (EXIT_CODES[kind] for kind in type(failure).__mro__ if kind in EXIT_CODES)
    return next(families, FAILED)


def show(message: str, hint: str | None = None) -> None:
    """`error: …` and `hint: …` on standard error."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {message}", err=True)
    if hint:
        click.echo(f"{click.style('hint:', bold=True)} {hint}", err=True)


def show_failure(failure: errors.HowdahError) -> int:
    """Print a failure that was foreseen; returns the exit code."""
    show(failure.message, failure.hint)
    return exit_code(failure)


def show_wrong_use(problem: click.ClickException) -> int:
    """Print what was wrong with the words on the command line; returns the exit code."""
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):  # its message is the help
        click.echo(problem.format_message(), err=True)
        return problem.exit_code
    context = getattr(problem, "ctx", None)
    hint = f"`{context.command_path} --help` shows how it is used" if context else None
    show(problem.format_message(), hint)
    return problem.exit_code


def show_unexpected(problem: BaseException) -> int:
    """Print one line and keep the traceback in a file; returns the exit code."""
    with _error_log() as file:
        file.write(f"\n{datetime.now(UTC).isoformat(timespec='seconds')}\n")
        file.writelines(traceback.format_exception(problem))
    name = type(problem).__name__
    show(f"something unexpected happened ({name})", f"please report it with {file.name}")
    return FAILED


def _error_log() -> TextIO:
    """In the logs of the home when there are some, else a temporary file of its own."""
    try:
        logs = load_settings().layout.logs
        return (logs / "howdah-errors.log").open("a", encoding="utf-8")
    except (errors.HowdahError, OSError):
        handle, name = mkstemp(prefix="howdah-error-", suffix=".log")
        os.close(handle)
        return Path(name).open("a", encoding="utf-8")
