from pathlib import Path

import pytest

from howdah.foundation.layout import LONGEST_SOCKET, Layout


def test_the_longest_home_still_has_room_for_its_sockets() -> None:
    room = LONGEST_SOCKET - len(str(Layout(Path("/x")).postgresql_sockets / ".s.PGSQL.65535.lock"))
    assert Layout(Path("/x" + "y" * room)).problem() == ""
    assert "1 characters too long" in Layout(Path("/x" + "y" * (room + 1))).problem()


@pytest.mark.parametrize("home", ["/srv/a b", "/srv/a%b", "/srv/a;b", "/srv/a#b", "/srv/a'b"])
def test_characters_with_a_meaning_in_configuration_files_are_refused(home: str) -> None:
    assert "may hold only" in Layout(Path(home)).problem()
