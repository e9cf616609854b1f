import io
import struct
import warnings
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from howdah.product.transfers.archives import (
    Archive,
    ArchiveFile,
    ArchiveLimits,
    ArchiveRefused,
)
from howdah.product.transfers.conversion import Skipped


def archive(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with ZipFile(file, "w", compression) as writer:
        for name, data in files.items():
            writer.writestr(name, data)
    return file


def read(file: io.BytesIO, limits: ArchiveLimits | None = None) -> list[ArchiveFile | Skipped]:
    return list(Archive(file, limits or ArchiveLimits()).read())


def only_reason(file: io.BytesIO, limits: ArchiveLimits | None = None) -> str:
    (result,) = read(file, limits)
    assert isinstance(result, Skipped), result
    return result.reason


def test_files_keep_their_folders() -> None:
    assert read(archive({"a/": b"", "a/b/c.md": b"x", "d.md": b"y"})) == [
        ArchiveFile("a/b/c.md", b"x"),
        ArchiveFile("d.md", b"y"),
    ]


def test_reading_resumes_at_a_position() -> None:
    opened = Archive(archive({"a.md": b"1", "b.md": b"2", "c.md": b"3"}))
    assert len(opened) == 3
    assert list(opened.read(start=2)) == [ArchiveFile("c.md", b"3")]


@pytest.mark.parametrize(
    "name", ["../a.md", "a/../../b.md", "/etc/passwd", "C:\\a.md", "..\\a.md", "a/.."]
)
def test_paths_that_lead_outside_are_skipped(name: str) -> None:
    info = ZipInfo("x")
    info.filename = name
    file = io.BytesIO()
    with ZipFile(file, "w") as writer:
        writer.writestr(info, b"x")
    assert only_reason(file) == "Its path leads outside the archive."


def test_windows_separators_are_folders() -> None:
    info = ZipInfo("x")
    info.filename = "a\\b.md"
    file = io.BytesIO()
    with ZipFile(file, "w") as writer:
        writer.writestr(info, b"x")
    assert read(file) == [ArchiveFile("a/b.md", b"x")]


@pytest.mark.parametrize("name", [".git/config.md", "__MACOSX/a.md", "a/.hidden.md"])
def test_hidden_files_are_skipped(name: str) -> None:
    assert only_reason(archive({name: b"x"})) == "It is a hidden file."


def test_names_in_unmarked_utf8_are_read() -> None:
    file = archive({"gr__.md": b"x"})
    data = file.getvalue().replace(b"gr__.md", "grü.md".encode())
    assert read(io.BytesIO(data)) == [ArchiveFile("grü.md", b"x")]


def test_links_are_skipped() -> None:
    info = ZipInfo("link.md")
    info.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with ZipFile(file, "w") as writer:
        writer.writestr(info, b"/etc/passwd")
    assert only_reason(file) == "It is a link, not a file."


def test_encrypted_files_are_skipped() -> None:
    data = bytearray(archive({"a.md": b"x"}).getvalue())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert only_reason(io.BytesIO(bytes(data))) == "It is encrypted."


def test_other_compressions_are_skipped() -> None:
    assert only_reason(archive({"a.md": b"x"}, ZIP_BZIP2)) == (
        "It is compressed in another way than deflate."
    )


def test_a_damaged_file_is_skipped_and_the_next_is_read() -> None:
    data = archive({"a.md": b"one", "b.md": b"two"}, compression=0).getvalue()
    damaged = io.BytesIO(data.replace(b"one", b"0ne"))
    assert read(damaged) == [
        Skipped("a.md", "It is damaged inside the archive."),
        ArchiveFile("b.md", b"two"),
    ]


def test_the_same_path_twice_is_read_once() -> None:
    file = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(file, "w") as writer:
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of the duplicate we want
        writer.writestr("a.md", b"1")
        writer.writestr("a.md", b"2")
    first, second = read(file)
    assert first == ArchiveFile("a.md", b"1")
    assert isinstance(second, Skipped)


def test_a_file_over_the_limit_is_skipped() -> None:
    limits = ArchiveLimits(max_member_bytes=1024)
    assert only_reason(archive({"a.md": b"x" * 2048}), limits) == (
        "It is too large: 2.0 KiB, and the limit is 1.0 KiB."
    )


def test_a_long_path_is_skipped() -> None:
    assert "longer than 1000" in only_reason(archive({"a" * 1001: b"x"}))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = archive({"zeros.md": bytes(100 * 1024 * 1024)})
    with pytest.raises(ArchiveRefused, match="times its size"):
        Archive(bomb)


def test_a_file_that_lies_about_its_size_is_not_unpacked_beyond_it() -> None:
    data = bytearray(archive({"a.md": bytes(1024 * 1024)}).getvalue())
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<L", 10)
    assert only_reason(io.BytesIO(bytes(data))) == "It is damaged inside the archive."


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ArchiveLimits(max_members=2), "holds 3 files, and at most 2"),
        (ArchiveLimits(max_total_bytes=200), "unpacks to 300 bytes, and the limit is 200 bytes"),
        (ArchiveLimits(max_directory_bytes=100), "directory takes 150 bytes"),
    ],
)
def test_an_archive_over_a_limit_is_refused(limits: ArchiveLimits, message: str) -> None:
    with pytest.raises(ArchiveRefused, match=message):
        Archive(archive(dict.fromkeys(("a.md", "b.md", "c.md"), b"x" * 100)), limits)


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x05\x06", b"PK\x03\x04" + b"x" * 100])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveRefused, match="not a zip archive"):
        Archive(io.BytesIO(data))


def test_a_manifest_of_somebody_else_hides_nothing() -> None:
    files = {"manifest.json": b'{"format": "other"}', "a.json": b"{}", "a.md": b"x"}
    assert len(Archive(archive(files))) == 3
    assert len(Archive(archive(files | {"manifest.json": b"[" * 5000}))) == 3
