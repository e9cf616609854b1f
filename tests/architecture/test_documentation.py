"""What exists is documented, and what the documentation points to exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from prometheus_client.registry import REGISTRY

from howdah.entrypoints.cli.nouns import NOUNS
from howdah.entrypoints.cli.program import howdah
from howdah.entrypoints.jobs.ops_clock import OPS_CLOCK
from howdah.entrypoints.jobs.ops_tasks import OPS_TASKS
from howdah.entrypoints.jobs.tasks import TASKS
from howdah.entrypoints.schedule.moments import Entry
from howdah.entrypoints.schedule.table import BACKUPS, TABLE
from howdah.foundation import metrics
from howdah.operations.backups.metrics import NAMES as BACKUP_METRICS
from howdah.operations.drills import NAMES as DRILLS

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "docs" / "reference"
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
PAGES = sorted(
    [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("tests/**/*.md")]
)
LINK = re.compile(r"\[[^\]]*\]\(\s*([^)\s]+)\s*\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return CODE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """The headings, as they are linked to."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(prose(path)))
    return {title.strip().replace(" ", "-") for title in titles}


def dead_links(page: Path) -> Iterator[str]:
    """Relative links that lead nowhere."""
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert list(dead_links(page)) == []


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, left = set(), {REPOSITORY / "README.md"}
    while left:
        page = left.pop()
        reached.add(page)
        links = {link.partition("#")[0] for link in LINK.findall(prose(page))}
        found = {(page.parent / link).resolve() for link in links if link.endswith(".md")}
        left |= {path for path in found if path.is_file()} - reached
    assert set(REPOSITORY.glob("docs/**/*.md")) <= reached


def commands() -> Iterator[str]:
    """Every command as it is typed; those of `bench` are listed by its own help."""
    context = click.Context(howdah)
    for noun in NOUNS:
        command = howdah.get_command(context, noun.name)
        if isinstance(command, click.Group) and noun.name != "bench":
            yield from (f"howdah {noun.name} {name}" for name in command.commands)
        else:
            yield f"howdah {noun.name}"


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_in_the_reference(command: str) -> None:
    assert re.search(rf"`{command}[ `]", (REFERENCE / "cli.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", list(commands()))
def test_every_option_is_in_the_reference(command: str) -> None:
    _, *words = command.split()
    found: click.Command = howdah
    for word in words:
        assert isinstance(found, click.Group)
        child = found.get_command(click.Context(found), word)
        assert child is not None
        found = child
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if re.search(rf"`{command}[ `]", line))
    options = [option for option in found.params if isinstance(option, click.Option)]
    assert [
        option.opts for option in options if not any(f"[{name}" in line or f" {name} " in line
                                                     for name in option.opts)
    ] == []  # fmt: skip


def our_metrics() -> set[str]:
    """The metrics as they are scraped: counters end in _total."""
    assert metrics.QUERY_SECONDS
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in REGISTRY.collect()
        if family.name.startswith("howdah_")
    } | set(BACKUP_METRICS)


@pytest.mark.parametrize("metric", sorted(our_metrics()))
def test_every_metric_is_in_the_reference(metric: str) -> None:
    assert f"`{metric}`" in (REFERENCE / "metrics.md").read_text(encoding="utf-8")


def test_no_metric_is_documented_that_is_not_there() -> None:
    page = (REFERENCE / "metrics.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(howdah_\w+)` \|", page, re.MULTILINE)) == our_metrics()


@pytest.mark.parametrize("entry", [*TABLE, *BACKUPS, *OPS_CLOCK], ids=lambda entry: str(entry.name))
def test_recurring_work_is_in_the_reference_with_its_moments(entry: Entry) -> None:
    page = (REFERENCE / "jobs.md").read_text(encoding="utf-8")
    row = rf"^\| {re.escape(entry.name)} \| `{re.escape(entry.cron)}`"
    assert re.search(row, page, re.MULTILINE)


@pytest.mark.parametrize("task", [*TASKS, *OPS_TASKS])
def test_every_task_is_in_the_reference(task: str) -> None:
    assert f"| `{task}` |" in (REFERENCE / "jobs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("drill", DRILLS)
def test_every_drill_is_in_the_reference(drill: str) -> None:
    assert f"| `{drill}` |" in (REFERENCE / "drills.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("drill", DRILLS)
def test_every_drill_has_a_runbook_for_when_it_happens(drill: str) -> None:
    page = (RUNBOOKS / f"{drill}.md").read_text(encoding="utf-8")
    assert f"`howdah drill run {drill}`" in page
    found = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert found == ["Symptom", "Do", "What you will see", "When it does not work"]
    assert f"]({drill}.md)" in (RUNBOOKS / "README.md").read_text(encoding="utf-8")
