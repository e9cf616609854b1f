"""`howdah recover`."""

import sys
from dataclasses import dataclass, replace
from typing import Any

import click

from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.errors import InvalidInput, NotFound
from howdah.foundation.settings import Settings, load_settings
from howdah.operations.recovery.choices import ACTIONS, NOTHING, RESTORE, Assessment, Choice
from howdah.operations.recovery.guide import Guide, rehearse
from howdah.operations.recovery.journal import (
    Journal,
    all_records,
    begin_journal,
    open_journal,
    recovery_lock,
)
from howdah.operations.recovery.local import LocalProvider
from howdah.operations.recovery.post_mortem import TITLES
from howdah.operations.recovery.record import STEPS, Record, next_step, to_document
from howdah.operations.stack.progress import Silent

CHOICE = click.Choice([*ACTIONS])


@dataclass(frozen=True)
class Wishes:
    """What was said on the command line; None where the suggestion holds."""

    choice: str | None = None
    to: str | None = None
    before: bool = False
    member: str | None = None
    hold: bool = False
    label: str = ""
    yes: bool = False

    @property
    def decided(self) -> bool:
        """Whether it says what to do."""
        return self.choice is not None or self.to is not None

    def applied(self, suggested: Choice) -> Choice:
        """The choice that is meant: what was said, and for the rest what is suggested."""
        action = self.choice or (RESTORE if self.to else suggested.action)
        base = suggested if suggested.action == action else Choice(action)
        return replace(
            base,
            to=self.to or base.to,
            before=self.before,
            member=self.member or base.member,
            hold=self.hold,
            label=self.label,
        )


class Terminal:
    """The operator at the terminal; with --yes nobody is asked."""

    def __init__(self, wishes: Wishes, word: str):
        self._wishes, self._word = wishes, word

    def choose(self, assessment: Assessment) -> Choice:
        """What to do: as said, else as suggested, else asked."""
        wishes = self._wishes
        if wishes.decided or wishes.yes or not sys.stdin.isatty():
            return wishes.applied(assessment.suggested)
        action = click.prompt(
            "What shall be done",
            type=click.Choice([*ACTIONS, NOTHING]),
            default=assessment.suggested.action,
            err=True,
        )
        to = None
        if action == RESTORE:
            to = click.prompt(
                "To which time (with its zone), or latest", default="latest", err=True
            )
        return replace(wishes, choice=action, to=to).applied(assessment.suggested)

    def consent(self, sentences: tuple[str, ...]) -> None:
        """Show what will happen, and have the installation's name typed. Raises InvalidInput."""
        for sentence in sentences:
            click.echo(f"  {sentence}", err=True)
        if self._wishes.yes:
            return
        if not sys.stdin.isatty():
            raise InvalidInput(
                "nobody is there to ask, and nothing was done",
                hint="repeat with --yes if this is wanted",
            )
        typed = click.prompt(f"Type {self._word} to go on", default="", err=True)
        if typed != self._word:
            raise InvalidInput("that is not its name; nothing was done")


def word_of(settings: Settings) -> str:
    """What has to be typed: the cluster's name, or the database's."""
    topology = settings.topology
    return topology.cluster.name if topology.clustered else topology.postgresql.database


def tell(sentence: str) -> None:
    """On standard error, so that --json prints JSON alone."""
    click.echo(sentence if sentence.startswith("──") else f"  {sentence}", err=True)


@click.group("recover", invoke_without_command=True)
@click.option("--choice", type=CHOICE, help="What to do; default: what is suggested.")
@click.option("--to", metavar="TARGET", help="Where to: TIME, LSN, NAME, xid:N, latest.")
@click.option("--before", is_flag=True, help="Stop just before TARGET, not just after it.")
@click.option("--set", "label", metavar="LABEL", default="", help="Begin with this backup.")
@click.option("--member", help="Who is promoted, or restored into.")
@click.option("--hold", is_flag=True, help="Nobody writes while a restore is being made.")
@click.option("--dry-run", is_flag=True, help="Look and say what would be done; change nothing.")
@click.option("--resume", is_flag=True, help="Continue one that was cut short; else begin none.")
@click.option("--give-up", is_flag=True, help="Take back one that was cut short.")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is said, else what is suggested.")
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  (each is an option)
    context: click.Context,
    choice: str | None,
    to: str | None,
    before: bool,
    label: str,
    member: str | None,
    hold: bool,
    dry_run: bool,
    resume: bool,
    give_up: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """The disaster recovery procedure, step by step, recorded.

    1 identify, 2 assess, 3 recover, 4 verify, 5 switch, 6 post-mortem. Traffic moves in step 5, and
    only when step 4 has passed. One that was cut short is continued where it was.
    """
    if context.invoked_subcommand:
        return
    settings = load_settings()
    wishes = Wishes(choice, to, before, member, hold, label, yes)
    if dry_run:
        rehearse(LocalProvider(settings, Silent()), Terminal(wishes, word_of(settings)), tell)
        return
    record = _recover(settings, wishes, resume=resume, give_up=give_up)
    if as_json:
        print_json(to_document(record))
    elif not give_up:
        click.echo(f"Recovery {record.id}: {record.outcome}.")


def _recover(settings: Settings, wishes: Wishes, *, resume: bool, give_up: bool) -> Record:
    with recovery_lock(settings.layout):
        journal = open_journal(settings.layout, tell)
        if journal is None and (resume or give_up):
            raise NotFound("no recovery is unfinished", hint="`howdah recover` begins one")
        if journal is None:
            journal = begin_journal(settings.layout, tell, STEPS)
        elif not give_up:
            _say_continued(journal, wishes)
        operator = Terminal(wishes, word_of(settings))
        guide = Guide(LocalProvider(settings, Silent()), journal, operator, str(settings.home))
        if give_up:
            guide.give_up()
        else:
            guide.run()
    return journal.record


def _say_continued(journal: Journal, wishes: Wishes) -> None:
    """What was decided stays decided. Raises InvalidInput when something else is said now."""
    record = journal.record
    decided = journal.noted("choice")
    if wishes.decided and decided and wishes.applied(Choice.of(decided)) != Choice.of(decided):
        raise InvalidInput(
            f"recovery {record.id} is unfinished, and has decided to {Choice.of(decided)}",
            hint="continue it with `howdah recover --resume`, or take it back with --give-up",
        )
    step = next_step(record)
    tell(f"recovery {record.id} is continued at step {TITLES[step] if step else 'none'}")


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> int:
    """Recoveries and restores in place, the newest first; exits 1 while one is unfinished."""
    settings = load_settings()
    found = list(all_records(settings.layout))
    if as_json:
        print_json([to_document(record) | {"folder": str(folder)} for folder, record in found])
    elif not found:
        click.echo("Nothing was ever recovered here.")
    else:
        print_table(("ID", "WHAT", "STEP", "OUTCOME", "FOLDER"), [_row(*item) for item in found])
    return 1 if any(record.ended_at is None for _, record in found) else 0


def _row(folder: Any, record: Record) -> tuple[object, ...]:
    step = next_step(record)
    choice = record.notes.get("choice")
    return (
        record.id,
        str(Choice.of(choice)) if choice else "-",
        TITLES[step] if step else "over",
        record.outcome or "unfinished",
        folder,
    )
