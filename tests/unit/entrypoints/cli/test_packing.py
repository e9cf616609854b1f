import io
import os
import zipfile
from pathlib import Path

import pytest

from howdah.entrypoints.cli.packing import packed
from howdah.foundation.errors import InvalidInput


def names(folder: Path) -> list[str]:
    """What an import of the folder uploads."""
    file = io.BytesIO()
    packed(folder, file)
    return zipfile.ZipFile(file).namelist()


def test_one_file_goes_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page")
    file = io.BytesIO()
    assert packed(page, file) == "page.md"
    assert file.getvalue() == b"# Page"


def test_a_folder_goes_as_an_archive_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/page.md").write_text("# Page")
    (tmp_path / "first.md").write_text("# First")
    assert names(tmp_path) == ["below/page.md", "first.md"]


def test_a_link_that_leads_out_of_the_folder_takes_nothing_along(tmp_path: Path) -> None:
    (tmp_path / "private.md").write_text("private")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "page.md").write_text("# Page")
    (docs / "alias.md").symlink_to("page.md")
    (docs / "private.md").symlink_to("../private.md")
    (docs / "up").symlink_to("..")
    (docs / "broken.md").symlink_to("nowhere")
    assert names(docs) == ["alias.md", "page.md"]


def test_files_from_before_1980_and_names_that_are_not_utf8_are_packed(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("# Old")
    os.utime(tmp_path / "old.md", (0, 0))
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/stra\xdfe.md")).write_text("# Street")
    assert names(tmp_path) == ["old.md", "stra\ufffde.md"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no file"):
        names(tmp_path)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"gone cannot be read: No such file"):
        names(tmp_path / "gone")
