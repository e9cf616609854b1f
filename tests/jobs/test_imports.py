"""Importing: what becomes of files, again and changed, and what is said about the rest."""

import pytest

from howdah.foundation.database import NOBODY, Statement, tenant
from howdah.foundation.errors import InvalidInput
from howdah.product.search.words import refresh_words
from howdah.product.transfers.conversion import Converted
from howdah.product.transfers.import_batches import Batch, write_batch
from howdah.product.transfers.import_options import LONGEST_PATH_CHARACTERS, ImportOptions
from howdah.product.transfers.imports import run_import
from howdah.product.transfers.jobs import claim_job, expect
from tests.jobs.background import Background, Member, pages

SEARCH = Statement("test_search", "SELECT title FROM howdah.search_documents(%s)")
WORDS = Statement("test_words", "SELECT word FROM search_words ORDER BY word")
PIECES = Statement("test_pieces", "SELECT count(*) FROM job_files")


def imported(
    background: Background,
    member: Member,
    files: dict[str, bytes] | bytes,
    options: ImportOptions | None = None,
) -> dict[str, object]:
    """The result of an import that succeeds."""
    ticket = background.import_files(member, files, options)
    run_import(background.database, ticket)
    job = background.job(ticket)
    assert job["state"] == "succeeded", job["error"]
    assert job["progress_done"] == job["progress_total"]
    return dict(job["result"])


def test_importing_the_same_again_writes_nothing(background: Background) -> None:
    member = background.member()
    assert imported(background, member, pages(120))["created"] == 120
    again = imported(background, member, pages(120))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 120)
    assert {row[3] for row in background.documents(member)} == {1}


def test_a_changed_file_updates_its_document_and_keeps_the_revision(
    background: Background,
) -> None:
    member = background.member()
    imported(background, member, {"a.md": b"# One\n\nold\n", "b.md": b"# Two\n"})
    result = imported(background, member, {"a.md": b"# One\n\nnew\n", "b.md": b"# Two\n"})
    assert (result["created"], result["updated"], result["unchanged"]) == (0, 1, 1)
    assert [(row[0], row[3]) for row in background.documents(member)] == [("a.md", 2), ("b.md", 1)]


def test_what_people_edited_stays_when_its_file_did_not_change(background: Background) -> None:
    member = background.member()
    imported(background, member, {"a.md": b"# One\n"})
    background.admin.execute(
        "UPDATE documents SET content = 'edited' WHERE org_id = %s", (member.org_id,)
    )
    assert imported(background, member, {"a.md": b"# One\n"})["unchanged"] == 1
    assert background.documents(member)[0][2] == "edited"


def test_a_deleted_document_comes_back_when_it_is_imported_again(background: Background) -> None:
    member = background.member()
    imported(background, member, {"a.md": b"# One\n"})
    background.admin.execute(
        "UPDATE documents SET deleted_at = now() WHERE org_id = %s", (member.org_id,)
    )
    assert imported(background, member, {"a.md": b"# One\n"})["updated"] == 1
    assert background.documents(member)[0][4] is False


def test_what_is_not_imported_is_listed_with_the_reason(background: Background) -> None:
    files = {"a.md": b"# One\n", "logo.png": b"\x89PNG\r\n", "empty.txt": b"", "x.bin": b"\0" * 99}
    result = imported(background, background.member(), files)
    assert (result["created"], result["skipped_count"]) == (1, 3)
    assert result["skipped"] == [
        {
            "path": "logo.png",
            "reason": "Files of the type .png are not imported; HTML, Markdown and plain text are.",
        },
        {"path": "empty.txt", "reason": "It is empty."},
        {
            "path": "x.bin",
            "reason": "Files of the type .bin are not imported; HTML, Markdown and plain text are.",
        },
    ]


def test_a_long_list_of_skipped_files_is_cut_and_counted(background: Background) -> None:
    files = {f"{number}.png": b"-" for number in range(1000)}
    result = imported(background, background.member(), files)
    assert result["skipped_count"] == 1000
    assert isinstance(result["skipped"], list)
    assert 200 <= len(result["skipped"]) < 300


def test_an_empty_archive_imports_nothing(background: Background) -> None:
    assert imported(background, background.member(), {}) == {
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "skipped_count": 0,
        "skipped": [],
    }


def test_a_single_file_is_imported_as_itself(background: Background) -> None:
    member = background.member()
    options = ImportOptions(file_name="notes/Plan.md", path_prefix="/team//plans/", tags=("plan",))
    imported(background, member, b"# The plan\n", options)
    assert background.documents(member)[0][:2] == ("team/plans/Plan.md", "The plan")


def test_tags_and_language_of_the_import_serve_files_that_name_none(
    background: Background,
) -> None:
    member = background.member()
    files = {"a.md": b"# Der Plan\n", "b.md": b"---\ntags: [own]\nlanguage: en\n---\n# Plan\n"}
    imported(background, member, files, ImportOptions(language="german", tags=("all",)))
    rows = background.admin.execute(
        "SELECT source_path, language, tags FROM documents WHERE org_id = %s ORDER BY 1",
        (member.org_id,),
    ).fetchall()
    assert rows == [("a.md", "german", ["all"]), ("b.md", "english", ["own", "all"])]


def test_a_file_that_is_no_archive_fails_the_job_with_a_sentence(background: Background) -> None:
    ticket = background.import_files(background.member(), b"not a zip archive")
    run_import(background.database, ticket)
    job = background.job(ticket)
    assert job["state"] == "failed"
    assert job["error"] == "The file is not a zip archive, or it is damaged."


@pytest.mark.parametrize(
    "options",
    [
        ImportOptions(language="klingon"),
        ImportOptions(path_prefix="../up"),
        ImportOptions(tags=("x" * 65,)),
        ImportOptions(tags=[""]),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_stored(
    background: Background, options: ImportOptions
) -> None:
    with pytest.raises(InvalidInput):
        background.import_files(background.member(), pages(1), options)
    assert background.waiting_messages() == 0


def test_pages_are_found_before_the_last_one_is_in(background: Background) -> None:
    member = background.member()
    ticket = background.import_files(member, pages(120))
    checks = iter([False, True])
    run_import(background.database, ticket, stopping=lambda: next(checks, True))
    assert background.job(ticket)["state"] == "queued"
    assert background.job(ticket)["progress_done"] == 100
    with background.database.read(tenant(member.org_id)) as queries:
        assert queries.all(SEARCH, ("logging",))


def test_a_batch_whose_answer_was_lost_is_counted_once(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    claim = claim_job(background.database, ticket)
    assert claim is not None
    batch = Batch(0, 1, [Converted("a.md", "One", "# One")])
    with background.database.write(claim.binding) as transaction:
        expect(transaction, claim, 1)
    for _ in range(2):
        write_batch(background.database, claim, ImportOptions(), batch)
    assert background.job(ticket)["result"]["created"] == 1
    assert background.job(ticket)["result"]["unchanged"] == 0


def test_a_path_that_is_too_long_with_its_prefix_is_skipped(background: Background) -> None:
    path = "/".join(["folder" * 10] * 15) + "/a.md"
    options = ImportOptions(path_prefix="p" * 200)
    result = imported(background, background.member(), {path: b"# One\n"}, options)
    assert result["skipped"] == [
        {
            "path": path,
            "reason": f"Its path is longer than {LONGEST_PATH_CHARACTERS} characters.",
        }
    ]


def test_the_upload_is_forgotten_once_it_is_imported(background: Background) -> None:
    member = background.member()
    imported(background, member, pages(1))
    with background.database.read(tenant(member.org_id)) as queries:
        assert queries.value(PIECES) == 0


def test_search_words_are_counted_after_an_import(background: Background) -> None:
    member = background.member()
    imported(background, member, {"a.md": b"# Failover\n\nThe standby takes over.\n"})
    background.relay()
    assert refresh_words(background.database, member.org_id) == 5
    with background.database.read(tenant(member.org_id)) as queries:
        words = [row["word"] for row in queries.all(WORDS)]
    assert words == ["failover", "over", "standby", "takes", "the"]


def test_another_organization_cannot_run_the_job(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    stranger = background.member()
    run_import(background.database, type(ticket)(ticket.job_id, stranger.org_id, stranger.user_id))
    assert background.job(ticket)["state"] == "queued"
    with background.database.read(NOBODY) as queries:
        assert queries.value(PIECES) == 0
