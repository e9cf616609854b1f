import os
from pathlib import Path

import pytest

from howdah.foundation.errors import NotFound
from howdah.foundation.layout import Layout
from howdah.operations.stack.logs import log_file, new_lines, postgresql_log


def test_only_lines_of_this_start_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("before\n")
    size = path.stat().st_size
    path.write_text("before\nafter 1\nafter 2\n")
    assert new_lines(path, size) == ["after 1", "after 2"]


def test_a_log_that_was_rotated_meanwhile_is_shown_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("new\n")
    assert new_lines(path, 1000) == ["new"]


def test_no_more_than_the_last_lines_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("".join(f"{number}\n" for number in range(100)))
    assert new_lines(path, 0, 2) == ["98", "99"]


@pytest.mark.parametrize("name", ["mysql", "../secrets/redis", ""])
def test_a_service_without_a_log_is_refused_with_those_that_have_one(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "redis.log").touch()
    with pytest.raises(NotFound, match="there are logs of redis"):
        log_file(Layout(tmp_path), name)


def test_the_newest_file_is_the_log_of_a_members_postgresql(tmp_path: Path) -> None:
    folder = tmp_path / "logs/postgres-a"
    folder.mkdir(parents=True)
    for name, moment in (("postgresql-Mon.json", 100), ("postgresql-Sun.json", 50)):
        (folder / name).touch()
        os.utime(folder / name, (moment, moment))
    assert postgresql_log(Layout(tmp_path), "postgres-a").name == "postgresql-Mon.json"


@pytest.mark.parametrize("name", ["mysql", "../secrets", ""])
def test_a_member_without_a_log_is_refused_with_those_that_have_one(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "logs/postgres-b").mkdir(parents=True)
    (tmp_path / "logs/postgres-b/postgresql-Mon.json").touch()
    with pytest.raises(NotFound, match="there are logs of postgres-b"):
        postgresql_log(Layout(tmp_path), name)
