from pathlib import Path

import pytest

from howdah.foundation.errors import NotFound
from howdah.foundation.layout import Layout
from howdah.operations.stack.logs import log_file, new_lines


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
