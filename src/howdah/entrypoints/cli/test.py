"""`howdah test`."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.foundation.errors import InvalidInput
from howdah.foundation.processes.run import attend
from howdah.foundation.settings import Settings, child_environment, load_settings

NO_FILE = Path("/dev/null")
"""Read instead of the developer's howdah.toml, so that tests run with the defaults."""
DATA_SERVICES = "postgresql,pgbouncer,redis"
STATIC_CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
)


@dataclass(frozen=True)
class Part:
    """A folder of tests and the services it needs: some by name, all (""), or None for none."""

    name: str
    services: str | None = None


PARTS = (
    Part("lint"),
    Part("unit"),
    Part("architecture"),
    Part("database", DATA_SERVICES),
    Part("jobs", DATA_SERVICES),
    Part("stack"),
    Part("api", ""),
    Part("e2e", ""),
)
NAMES = ", ".join(part.name for part in PARTS)


@click.command("test")
@click.option("--only", metavar="PART,…", default="", help=f"Only these: {NAMES}.")
@click.option(
    "--port-base", default=18400, show_default=True, help="First port of the stack for the tests."
)
@click.argument("pytest_arguments", nargs=-1, metavar="[-- PYTEST-ARGUMENT…]")
def command(only: str, port_base: int, pytest_arguments: tuple[str, ...]) -> int:
    """Static checks, then every test, against a stack that is made for them and taken down again.

    The developer's own stack is not touched. Exits 1 when anything failed.
    """
    settings = load_settings()
    parts = _chosen(only)
    begun = time.monotonic()
    failed = _lint(settings) if any(part.name == "lint" for part in parts) else []
    folders = [part for part in parts if part.name != "lint"]
    if folders:
        home = settings.home.with_name(f"{settings.home.name}-test")
        environment = child_environment(home, NO_FILE, HOWDAH_PORTS__BASE=str(port_base))
        paths = [f"tests/{part.name}" for part in folders] if only else []
        failed += _pytest(settings, folders, environment, [*paths, *pytest_arguments])
    seconds = time.monotonic() - begun
    click.echo(
        f"howdah test: {', '.join(failed) + ' failed' if failed else 'ok'} ({seconds:.0f} s)"
    )
    return FAILED if failed else 0


def _chosen(only: str) -> list[Part]:
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = set(names) - {part.name for part in PARTS}
    if unknown:
        raise InvalidInput(f"there is no part {unknown.pop()!r}", hint=f"the parts are {NAMES}")
    return [part for part in PARTS if not names or part.name in names]


def _lint(settings: Settings) -> list[str]:
    """Run the static checks; returns the names of those that failed."""
    failed = []
    for program, *arguments in STATIC_CHECKS:
        title = " ".join((program, *arguments))
        click.echo(f"── {title}")
        tool = Path(sys.executable).with_name(program)
        if attend([str(tool), *arguments], cwd=settings.checkout):
            failed.append(title)
    return failed


def _pytest(
    settings: Settings, parts: list[Part], environment: dict[str, str], arguments: list[str]
) -> list[str]:
    """Run pytest beside the stack that the parts need; returns what failed."""
    needed = [part.services for part in parts if part.services is not None]
    tests = [sys.executable, "-m", "pytest", *arguments]
    if not needed:
        click.echo("── pytest")
        return ["pytest"] if attend(tests, cwd=settings.checkout, env=environment) else []
    click.echo("── stack for the tests")
    failed = ["the stack for the tests"]
    _howdah(environment, "reset", "--yes")
    try:
        if not _howdah(environment, "up", "--services", "" if "" in needed else DATA_SERVICES):
            click.echo("── pytest")
            failed = ["pytest"] if attend(tests, cwd=settings.checkout, env=environment) else []
    finally:
        # After a failure its logs are what one looks for next.
        _howdah(environment, *(("down",) if failed else ("reset", "--yes")))
    if failed:
        click.echo(f"The logs of the stack for the tests are in {environment['HOWDAH_HOME']}/logs")
    return failed


def _howdah(environment: dict[str, str], *words: str) -> int:
    """Run `howdah` for the home of the tests; returns its exit code."""
    return attend([sys.executable, "-P", "-m", "howdah.entrypoints.cli", *words], env=environment)
