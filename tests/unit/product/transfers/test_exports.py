import io
import json
from datetime import UTC, datetime
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from howdah.product.transfers.archives import Archive, ArchiveFile
from howdah.product.transfers.conversion import Converted, convert
from howdah.product.transfers.exports import ExportDocument, file_name, write_export
from howdah.product.transfers.languages import LANGUAGES
from howdah.product.transfers.texts import one_line

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
ONE_LINE = st.text(STORABLE, min_size=1).map(lambda text: one_line(text, 60)).filter(bool)
DOCUMENTS = st.builds(
    ExportDocument,
    id=st.integers(1),
    title=ONE_LINE,
    content=st.text(STORABLE) | st.sampled_from(["---\n", "\n\nx", "\r\n---\ntitle: no\n---\n"]),
    tags=st.lists(ONE_LINE, unique=True, max_size=5).map(tuple),
    language=st.sampled_from(sorted(LANGUAGES)),
    revision=st.integers(1),
    author=st.none() | st.text(),
    created_at=st.just(NOW),
    updated_at=st.datetimes(timezones=st.just(UTC)),
)


def exported(documents: list[ExportDocument]) -> io.BytesIO:
    file = io.BytesIO()
    count = write_export(file, documents, organization="acme", exported_at=NOW)
    assert count == len(documents)
    return file


@given(st.lists(DOCUMENTS, unique_by=lambda document: document.id, max_size=4))
def test_an_export_can_be_imported_again(documents: list[ExportDocument]) -> None:
    imported = []
    for file in Archive(exported(documents)).read():
        assert isinstance(file, ArchiveFile), file
        result = convert(file.path, file.data)
        assert isinstance(result, Converted), result
        imported.append((result.title, result.content_markdown, result.tags, result.language))
    assert imported == [
        (document.title, document.content, document.tags, document.language)
        for document in documents
    ]


def document(document_id: int, title: str) -> ExportDocument:
    return ExportDocument(document_id, title, "text", ("a",), "english", 1, "Ann", NOW, NOW)


def test_the_manifest_says_what_the_archive_is() -> None:
    with ZipFile(exported([document(7, "A title")])) as archive:
        assert archive.namelist() == [
            "documents/a-title-7.md",
            "documents/a-title-7.json",
            "manifest.json",
        ]
        assert json.loads(archive.read("manifest.json")) == {
            "format": "howdah-export",
            "version": 1,
            "organization": "acme",
            "exported_at": "2024-05-06T07:08:09+00:00",
            "documents": 1,
        }
        assert archive.testzip() is None


def test_the_json_file_holds_the_whole_record() -> None:
    with ZipFile(exported([document(7, "A title")])) as archive:
        record = json.loads(archive.read("documents/a-title-7.json"))
    assert record == {
        "id": 7,
        "title": "A title",
        "content": "text",
        "tags": ["a"],
        "language": "english",
        "revision": 1,
        "author": "Ann",
        "created_at": "2024-05-06T07:08:09+00:00",
        "updated_at": "2024-05-06T07:08:09+00:00",
        "source_path": None,
    }


class Pipe(io.RawIOBase):
    """A file that can be written once and never sought, as a network connection is."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self.written += part
        return len(part)


def test_an_export_is_streamed_to_what_cannot_seek() -> None:
    pipe = Pipe()
    write_export(pipe, [document(7, "A title")], organization="acme", exported_at=NOW)  # type: ignore[arg-type]
    assert len(Archive(io.BytesIO(bytes(pipe.written)))) == 1


def test_file_names_are_safe_everywhere() -> None:
    assert file_name("Ünï/côdé: ../..\\ CON?", 3) == "uni-code-con-3"
    assert file_name("日本", 4) == "document-4"
    assert len(file_name("x" * 500, 5)) == 62


def test_documents_with_the_same_title_get_different_names() -> None:
    archive = Archive(exported([document(1, "Same"), document(2, "Same")]))
    assert [getattr(file, "path", None) for file in archive.read()] == [
        "documents/same-1.md",
        "documents/same-2.md",
    ]
