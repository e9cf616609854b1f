"""Writing documents to a zip archive: Markdown with front matter, and JSON with everything.

    manifest.json                   format, version, organization, when, how many documents
    documents/<title>-<id>.md       front matter (title, tags, language) and the content as it is
    documents/<title>-<id>.json     the whole record, content included, for programs

Importing the archive again (archives.py) reads the Markdown files, so edits made there count.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from howdah.product.transfers.front_matter import write_front_matter

EXPORT_FORMAT = "howdah-export"
EXPORT_VERSION = 1
MANIFEST_NAME = "manifest.json"
_LONGEST_NAME_CHARACTERS = 60


@dataclass(frozen=True)
class ExportDocument:
    """A document as it is exported; times carry their zone."""

    id: int
    title: str
    content: str
    tags: tuple[str, ...]
    language: str
    revision: int
    author: str | None
    created_at: datetime
    updated_at: datetime
    source_path: str | None = None


def write_export(
    file: BinaryIO, documents: Iterable[ExportDocument], *, organization: str, exported_at: datetime
) -> int:
    """Streams the archive to a file, which need not be seekable; returns how many documents.

    One document is in memory at a time; ids must be unique, which keeps file names so.
    """
    count = 0
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for document in documents:
            _write_document(archive, document)
            count += 1
        manifest = {
            "format": EXPORT_FORMAT,
            "version": EXPORT_VERSION,
            "organization": organization,
            "exported_at": exported_at.isoformat(),
            "documents": count,
        }
        archive.writestr(_member(MANIFEST_NAME, exported_at), _json(manifest))
    return count


def file_name(title: str, document_id: int) -> str:
    """A name that every file system takes: `point-in-time-recovery-17`, without a suffix."""
    ascii_title = unicodedata.normalize("NFKD", title[:500]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_title.lower()).strip("-")
    return f"{words[:_LONGEST_NAME_CHARACTERS].strip('-') or 'document'}-{document_id}"


def _write_document(archive: ZipFile, document: ExportDocument) -> None:
    name = f"documents/{file_name(document.title, document.id)}"
    front_matter = write_front_matter(document.title, document.tags, document.language)
    markdown = front_matter + document.content
    archive.writestr(_member(f"{name}.md", document.updated_at), markdown.encode())
    record = asdict(document) | {
        "created_at": document.created_at.isoformat(),
        "updated_at": document.updated_at.isoformat(),
    }
    archive.writestr(_member(f"{name}.json", document.updated_at), _json(record))


def _member(name: str, changed_at: datetime) -> ZipInfo:
    moment = changed_at.astimezone(UTC)
    date = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    # zip counts years from 1980 to 2107
    member = ZipInfo(name, min(max(date, (1980, 1, 1, 0, 0, 0)), (2107, 12, 31, 23, 59, 58)))
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o100644 << 16
    return member


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
