"""`howdah`: the group of all commands, and the one place where failures are shown."""

import importlib
import os
import signal
import sys
from itertools import groupby

import click

from howdah import __version__
from howdah.entrypoints.cli import failures
from howdah.entrypoints.cli.nouns import BY_NAME, NOUNS
from howdah.foundation.errors import HowdahError

DESCRIPTION = """\
A multi-tenant document SaaS and the whole PostgreSQL platform underneath it.

\b
Begin with:  ./howdah up
Settings:    howdah.toml, or HOWDAH_<SECTION>__<KEY>; see `howdah config show`
State:       HOWDAH_HOME (default: var in the checkout)
"""


class Nouns(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the table."""
        return list(BY_NAME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        noun = BY_NAME.get(cmd_name)
        if noun is None:
            return None
        command = importlib.import_module(noun.path()).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's own lines, without importing anything."""
        for group, nouns in groupby(NOUNS, key=lambda noun: noun.group):
            with formatter.section(group):
                formatter.write_dl([(noun.name, noun.summary) for noun in nouns])


@click.command(
    "howdah",
    cls=Nouns,
    help=DESCRIPTION,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="howdah")
def howdah() -> None:
    """The root; its help is DESCRIPTION."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command line; returns its exit code."""
    for wish in (signal.SIGINT, signal.SIGTERM):  # both tidy up, also where a script ignored one
        signal.signal(wish, signal.default_int_handler)
    try:
        return _run(arguments)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted", err=True)
        return failures.INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return failures.FAILED
    except Exception as problem:  # noqa: BLE001  (the last resort: shown, and kept in a file)
        return failures.show_unexpected(problem)


def _run(arguments: list[str] | None) -> int:
    """A command returns its exit code, or nothing when it did its work."""
    try:
        result = howdah.main(args=arguments, prog_name="howdah", standalone_mode=False)
    except HowdahError as failure:
        return failures.show_failure(failure)
    except click.ClickException as problem:
        return failures.show_wrong_use(problem)
    return result if isinstance(result, int) else 0
