"""`howdah test`."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.foundation.errors import InvalidInput
from howdah.foundation.processes.accounts import running_as_root
from howdah.foundation.processes.run import attend
from howdah.foundation.processes.survivors import survivors
from howdah.foundation.settings import Settings, child_environment, load_settings

NO_FILE = Path("/dev/null")
"""Read instead of the developer's howdah.toml, so that tests run with the defaults."""
DATA_SERVICES = "postgresql,pgbouncer,redis"
EVERY_DRILL = "--all-drills"
NO_TESTS = 5
"""pytest's exit code when it was left with none."""
CLUSTER_PORT_DISTANCE = 2000
"""From the first port of the stack for the tests; tests/stack uses those 1000 above it."""
BACKUPS_PORT_DISTANCE = 4000
STATIC_CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
)
MIGRATION_RULES = "howdah migrate lint"


@dataclass(frozen=True)
class Part:
    """A folder of tests and the services it needs: some by name, all (""), or None for none."""

    name: str
    services: str | None = None
    clustered: bool = False
    """Whether it needs the profile `full`."""
    backed_up: bool = False
    """Whether it needs a stack of its own that archives WAL and takes backups."""


PARTS = (
    Part("lint"),
    Part("unit"),
    Part("architecture"),
    Part("database", DATA_SERVICES),
    Part("jobs", DATA_SERVICES),
    Part("stack"),
    Part("api", ""),
    Part("e2e", ""),
    Part("backups", "", backed_up=True),
    Part("cluster", "", clustered=True),
)
NAMES = ", ".join(part.name for part in PARTS)


@dataclass(frozen=True)
class OwnStack:
    """A stack that is made for tests: its settings, and the words that bring it up."""

    title: str
    environment: dict[str, str]
    up: tuple[str, ...]


@click.command("test")
@click.option("--only", metavar="PART,…", default="", help=f"Only these: {NAMES}.")
@click.option("--all", "everything", is_flag=True, help="Every drill, and the slow tests.")
@click.option(
    "--port-base", default=18400, show_default=True, help="First port of the stack for the tests."
)
@click.argument("pytest_arguments", nargs=-1, metavar="[-- PYTEST-ARGUMENT…]")
def command(only: str, everything: bool, port_base: int, pytest_arguments: tuple[str, ...]) -> int:
    """Static checks, then every test, against stacks that are made for them and taken down again.

    The developer's own stack is not touched. Exits 1 when anything failed.
    """
    settings = load_settings()
    parts = _chosen(only)
    begun = time.monotonic()
    failed = _lint(settings) if any(part.name == "lint" for part in parts) else []
    for together, stack in _stacks(settings, parts, port_base, everything):
        failed += _pytest(settings, together, stack, pytest_arguments)
    seconds = time.monotonic() - begun
    click.echo(
        f"howdah test: {', '.join(failed) + ' failed' if failed else 'ok'} ({seconds:.0f} s)"
    )
    return FAILED if failed else 0


def _stacks(
    settings: Settings, parts: list[Part], port_base: int, everything: bool
) -> Iterator[tuple[list[Part], OwnStack]]:
    """The parts that share a stack, and that stack: one at a time is up."""
    clustered = [part for part in parts if part.clustered]
    backed_up = [part for part in parts if part.backed_up]
    apart = ("lint", *(part.name for part in clustered + backed_up))
    if alone := [part for part in parts if part.name not in apart]:
        yield alone, _stack(settings, alone, port_base, everything)
    if backed_up:
        yield backed_up, _backed_up(settings, port_base + BACKUPS_PORT_DISTANCE, everything)
    if clustered:
        yield clustered, _cluster(settings, port_base + CLUSTER_PORT_DISTANCE, everything)


def _stack(settings: Settings, parts: list[Part], port_base: int, every_drill: bool) -> OwnStack:
    """The stack of one PostgreSQL, with the services that these parts need, if any."""
    needed = [part.services for part in parts if part.services is not None]
    home = settings.home.with_name(f"{settings.home.name}-test")
    environment = child_environment(
        home,
        NO_FILE,
        HOWDAH_PORTS__BASE=str(port_base),
        PYTEST_ADDOPTS=EVERY_DRILL if every_drill else "",
    )
    services = "" if "" in needed or not needed else DATA_SERVICES
    up = ("up", "--services", services) if needed else ()
    return OwnStack("stack for the tests", environment, up)


def _backed_up(settings: Settings, port_base: int, every_drill: bool) -> OwnStack:
    """A stack of one PostgreSQL that archives its WAL; what its tests break is its own."""
    home = settings.home.with_name(f"{settings.home.name}-test-backups")
    environment = child_environment(
        home,
        NO_FILE,
        HOWDAH_PORTS__BASE=str(port_base),
        HOWDAH_BACKUP__ENABLED="true",
        PYTEST_ADDOPTS=EVERY_DRILL if every_drill else "",
    )
    return OwnStack("stack for the tests of backups", environment, ("up",))


def _cluster(settings: Settings, port_base: int, every_drill: bool) -> OwnStack:
    """A whole cluster; as root with a network for each zone, so that one can be cut off."""
    home = settings.home.with_name(f"{settings.home.name}-test-cluster")
    environment = child_environment(
        home,
        NO_FILE,
        HOWDAH_PORTS__BASE=str(port_base),
        HOWDAH_CLUSTER__ZONE_NETWORKS="true" if running_as_root() else "false",
        PYTEST_ADDOPTS=EVERY_DRILL if every_drill else "",
    )
    return OwnStack("cluster for the tests", environment, ("up", "--profile", "full"))


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
    click.echo(f"── {MIGRATION_RULES}")
    if attend([sys.executable, "-P", "-m", "howdah.entrypoints.cli", "migrate", "lint"]):
        failed.append(MIGRATION_RULES)
    return failed


def _pytest(
    settings: Settings, parts: list[Part], stack: OwnStack, arguments: tuple[str, ...]
) -> list[str]:
    """Run pytest beside the stack that the parts need; returns what failed."""
    if not stack.up:
        return _attended(settings, parts, stack, arguments)
    click.echo(f"── {stack.title}")
    failed = [f"the {stack.title}"]
    _howdah(stack.environment, "reset", "--yes")
    try:
        if not _howdah(stack.environment, *stack.up):
            failed = _attended(settings, parts, stack, arguments)
    finally:
        # After a failure its logs are what one looks for next.
        _howdah(stack.environment, *(("down",) if failed else ("reset", "--yes")))
    home = Path(stack.environment["HOWDAH_HOME"])
    if survivors(home):
        failed.append(f"taking down the {stack.title}")
    if failed:
        click.echo(f"The logs of the {stack.title} are in {home}/logs")
    return failed


def _attended(
    settings: Settings, parts: list[Part], stack: OwnStack, arguments: tuple[str, ...]
) -> list[str]:
    """pytest itself; that the caller's own words chose no test of these parts is no failure."""
    click.echo("── pytest")
    paths = [f"tests/{part.name}" for part in parts]
    tests = [sys.executable, "-m", "pytest", *paths, *arguments]
    code = attend(tests, cwd=settings.checkout, env=stack.environment)
    return ["pytest"] if code and not (arguments and code == NO_TESTS) else []


def _howdah(environment: dict[str, str], *words: str) -> int:
    """Run `howdah` for the home of the tests; returns its exit code."""
    return attend([sys.executable, "-P", "-m", "howdah.entrypoints.cli", *words], env=environment)
