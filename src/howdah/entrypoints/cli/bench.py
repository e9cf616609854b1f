"""`howdah bench`: the programs of `benchmarks/`, which lie beside the product in the checkout."""

import importlib
import sys
from functools import cached_property

import click

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import CHECKOUT


class Programs(click.Group):
    """The group, with the commands that `benchmarks.commands` declares."""

    @cached_property
    def found(self) -> dict[str, click.Command]:
        """Name → command. Raises CommandFailed outside a checkout."""
        if not (CHECKOUT / "benchmarks/commands.py").is_file():
            raise CommandFailed(
                "The benchmarks are not part of the installed package.",
                hint="Run `./howdah bench` in a checkout.",
            )
        if str(CHECKOUT) not in sys.path:
            sys.path.append(str(CHECKOUT))
        commands = importlib.import_module("benchmarks.commands").commands()
        assert isinstance(commands, dict)
        return commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the table."""
        return list(self.found)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The program of that name."""
        return self.found.get(cmd_name)


@click.command("bench", cls=Programs)
def command() -> None:
    """Measure Howdah against its promises and against peers.

    Runs on a stack of its own below HOWDAH_HOME/bench, on ports of its own. The first program
    loads the data set, which stays; `--documents 50000 --users 50000` makes it a quick look, on
    which promises about large data are not judged. Nothing else should load the machine meanwhile.
    """
