"""`howdah document`: import, search, list, export."""

import html
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from howdah.entrypoints.cli.api_client import ApiClient
from howdah.entrypoints.cli.packing import packed
from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.errors import CommandFailed, InvalidInput
from howdah.foundation.settings import load_settings

POLL_SECONDS = 0.25
UNFINISHED = ("queued", "running")
SHOWN_REASONS = 10

organization = click.option("--org", required=True, metavar="SLUG", help="The organization.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("document")
def command() -> None:
    """Import, find and export documents, through the API."""


@command.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@organization
@click.option("--prefix", default="", help="A folder to put before each path.")
@click.option("--language", default="english", show_default=True, help="For files that name none.")
@click.option("--tag", "tags", multiple=True, help="For every document; may be repeated.")
@as_json
def import_documents(  # noqa: PLR0913, PLR0917  (click passes the options by name)
    source: Path, org: str, prefix: str, language: str, tags: tuple[str, ...], as_json: bool
) -> None:
    """Import a folder, a zip archive or one file (Markdown, HTML, plain text).

    Importing again is harmless: what has not changed is left alone.
    """
    client = ApiClient.of(load_settings())
    with tempfile.TemporaryFile() as file:
        name = packed(source, file)
        size = file.tell()
        file.seek(0)
        job = client.upload(
            f"/orgs/{org}/imports",
            file,
            size,
            "application/zip" if name.endswith(".zip") else "application/octet-stream",
            file_name=name,
            path_prefix=prefix,
            language=language,
            tag=list(tags),
        )
    job = followed(client, org, job, "importing", quiet=as_json)
    if as_json:
        print_json(job)
        return
    result = job["result"]
    click.echo(
        f"{result['created']} created, {result['updated']} updated, "
        f"{result['unchanged']} unchanged, {result['skipped_count']} skipped"
    )
    for skipped in result["skipped"][:SHOWN_REASONS]:
        click.echo(f"  skipped {skipped['path']}: {skipped['reason']}")
    if result["skipped_count"] > SHOWN_REASONS:
        click.echo("  … the others are in the job: --json shows them")


@command.command("search")
@click.argument("words", nargs=-1, required=True)
@organization
@click.option("--limit", default=10, show_default=True, help="Hits to show, at most 50.")
@as_json
def search_documents(words: tuple[str, ...], org: str, limit: int, as_json: bool) -> None:
    """Find documents: words, "a phrase", or, -without."""
    client = ApiClient.of(load_settings())
    found = client.get(f"/orgs/{org}/search", q=" ".join(words), limit=limit)
    if as_json:
        print_json(found)
        return
    more = "" if found["total_is_exact"] else "more than "
    click.echo(f"{more}{found['total']} found in {found['took_ms']} ms")
    for hit in found["items"]:
        click.echo(f"\n{click.style(hit['title'], bold=True)}  #{hit['id']}")
        click.echo(f"  {highlighted(hit['snippet_html'])}")
    if found["did_you_mean"]:
        click.echo(f"did you mean: {found['did_you_mean']}")
    elif found["note"]:
        click.echo(found["note"])


@command.command("list")
@organization
@click.option("--tag", "tags", multiple=True, help="Has all of these; may be repeated.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to show."
)
@as_json
def list_documents(org: str, tags: tuple[str, ...], limit: int, as_json: bool) -> None:
    """The documents that changed last."""
    client = ApiClient.of(load_settings())
    rows = list(at_most(limit, client.pages(f"/orgs/{org}/documents", tag=list(tags), limit=100)))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "TITLE", "TAGS", "REVISION", "CHANGED"),
        [
            (row["id"], row["title"][:60], ",".join(row["tags"]), row["revision"],
             row["updated_at"][:19].replace("T", " "))
            for row in rows
        ],
    )  # fmt: skip


@command.command("export")
@organization
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The zip archive to write; must not exist yet.",
)
def export_documents(org: str, output: Path) -> None:
    """All documents of an organization as a zip archive of Markdown and JSON."""
    if output.exists():
        raise InvalidInput(f"{output} exists already", hint="name another file")
    client = ApiClient.of(load_settings())
    unfinished = output.with_name(output.name + ".part")
    try:
        file = unfinished.open("wb")
    except OSError as failure:
        raise InvalidInput(f"{output} cannot be written: {failure.strerror}") from None
    try:
        with file:
            job = client.send("POST", f"/orgs/{org}/exports")
            job = followed(client, org, job, "exporting", quiet=False)
            client.download(f"/orgs/{org}/exports/{job['id']}/archive", file)
        unfinished.rename(output)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{job['result']['documents']} documents in {output}")


def followed(
    client: ApiClient, org: str, job: dict[str, Any], title: str, *, quiet: bool
) -> dict[str, Any]:
    """Wait for a job with a progress bar; returns it when done. Raises CommandFailed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=quiet) as progress:
        task = progress.add_task(title, total=None)
        while job["state"] in UNFINISHED:
            time.sleep(POLL_SECONDS)
            job = client.get(f"/orgs/{org}/jobs/{job['id']}")
            progress.update(task, completed=job["progress_done"], total=job["progress_total"])
    if job["state"] == "failed":
        raise CommandFailed(job["error"] or "the job failed without saying why")
    return job


def highlighted(snippet_html: str) -> str:
    """A snippet for the terminal: the words found in bold."""
    parts = re.split(r"<mark>(.*?)</mark>", " ".join(snippet_html.split()))
    return "".join(
        click.style(html.unescape(part), bold=True, fg="yellow") if place % 2 else
        html.unescape(part)
        for place, part in enumerate(parts)
    )  # fmt: skip


def at_most(limit: int, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first rows of a list."""
    for _, row in zip(range(limit), rows, strict=False):
        yield row
