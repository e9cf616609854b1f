"""Exporting: everything of the organization, and back again."""

import io
import zipfile
from random import Random

import pytest

from howdah.foundation.database import tenant
from howdah.foundation.errors import Conflict, NotFound
from howdah.product.transfers.export_job import export_pieces, run_export, start_export
from howdah.product.transfers.files import PIECE_BYTES
from howdah.product.transfers.import_options import ImportOptions
from howdah.product.transfers.imports import run_import
from howdah.product.transfers.jobs import Ticket
from tests.jobs.background import Background, Member, pages


def asked_for(background: Background, member: Member) -> Ticket:
    """An export of the member's organization, queued."""
    with background.database.write(tenant(member.org_id, member.user_id)) as transaction:
        job = start_export(transaction, member.org_id, member.user_id)
    return Ticket(job["id"], member.org_id, member.user_id)


def downloaded(background: Background, ticket: Ticket) -> bytes:
    """The archive as the API would send it."""
    with background.database.read(tenant(ticket.org_id)) as queries:
        size, pieces = export_pieces(queries, ticket.org_id, ticket.job_id)
        data = b"".join(pieces)
    assert len(data) == size
    return data


def test_an_export_imports_into_another_organization_as_it_was(background: Background) -> None:
    member, other = background.member(), background.member()
    run_import(background.database, background.import_files(member, pages(60)))
    ticket = asked_for(background, member)
    run_export(background.database, ticket)
    job = background.job(ticket)
    assert (job["state"], job["result"]["documents"]) == ("succeeded", 60)

    run_import(
        background.database,
        background.import_files(other, downloaded(background, ticket)),
    )
    before = [row[1:3] for row in background.documents(member)]
    assert sorted(before) == sorted(row[1:3] for row in background.documents(other))


def test_an_export_holds_nothing_of_other_organizations_and_nothing_deleted(
    background: Background,
) -> None:
    member, other = background.member(), background.member()
    for who, name in ((member, "kept.md"), (member, "deleted.md"), (other, "theirs.md")):
        files = {name: f"# {name}\n".encode()}
        run_import(background.database, background.import_files(who, files))
    background.admin.execute(
        "UPDATE documents SET deleted_at = now() WHERE source_path = 'deleted.md'"
    )
    ticket = asked_for(background, member)
    run_export(background.database, ticket)
    names = zipfile.ZipFile(io.BytesIO(downloaded(background, ticket))).namelist()
    assert [name.rsplit("-", 1)[0] for name in names] == [
        "documents/kept-md",
        "documents/kept-md",
        "manifest.json",
    ]


def test_an_export_larger_than_a_piece_is_kept_whole(background: Background) -> None:
    member = background.member()
    # Hexadecimal noise, so that it does not compress away.
    noise = {f"{n}.txt": Random(n).randbytes(300_000).hex().encode() for n in range(9)}
    run_import(background.database, background.import_files(member, noise))
    ticket = asked_for(background, member)
    run_export(background.database, ticket)
    data = downloaded(background, ticket)
    assert len(data) > 2 * PIECE_BYTES
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_an_interrupted_export_begins_anew(background: Background) -> None:
    member = background.member()
    run_import(background.database, background.import_files(member, pages(60)))
    ticket = asked_for(background, member)
    run_export(background.database, ticket, stopping=lambda: True)
    assert background.job(ticket)["state"] == "queued"
    run_export(background.database, ticket)
    assert background.job(ticket)["result"]["documents"] == 60
    assert zipfile.ZipFile(io.BytesIO(downloaded(background, ticket))).testzip() is None


def test_an_empty_organization_exports_a_manifest(background: Background) -> None:
    ticket = asked_for(background, background.member())
    run_export(background.database, ticket)
    names = zipfile.ZipFile(io.BytesIO(downloaded(background, ticket))).namelist()
    assert names == ["manifest.json"]


def test_there_is_nothing_to_download_before_the_export_has_succeeded(
    background: Background,
) -> None:
    ticket = asked_for(background, background.member())
    with pytest.raises(Conflict):
        downloaded(background, ticket)


def test_an_import_is_not_downloaded_as_an_export(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1), ImportOptions())
    with pytest.raises(NotFound):
        downloaded(background, ticket)
