"""What a drill does to the archive can be undone, twice as well as once (in its own folder)."""

import re
from pathlib import Path

import pytest

from howdah.foundation.errors import CommandFailed, Conflict
from howdah.foundation.settings import Settings
from howdah.operations.drills import damage
from howdah.operations.drills.tenant import PREFIX

FILE = "archive/production/15-1/0000000100000000/000000010000000000000005-abc.zst"
SEGMENT = "000000010000000000000005"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(damage, "own", lambda path, _, mode: path.chmod(mode))
    stored = tmp_path / "repository" / FILE
    stored.parent.mkdir(parents=True)
    stored.write_text("WAL")
    return Settings(tmp_path, None)


def test_a_segment_that_was_set_aside_is_back_where_it_was(settings: Settings) -> None:
    assert damage.find_segment(settings, "15-1", SEGMENT) == FILE
    damage.take_segment_away(settings, FILE)
    assert list((settings.home / "repository/archive").rglob("*.zst")) == []
    damage.put_segment_back(settings, FILE)
    damage.put_segment_back(settings, FILE)
    assert (settings.home / "repository" / FILE).read_text() == "WAL"
    assert not (settings.home / "repository" / damage.ASIDE).exists()


def test_a_segment_is_not_put_back_over_another_one(settings: Settings) -> None:
    damage.take_segment_away(settings, FILE)
    (settings.home / "repository" / FILE).write_text("other WAL")
    with pytest.raises(Conflict, match="is there again"):
        damage.put_segment_back(settings, FILE)
    assert (settings.home / "repository" / FILE).read_text() == "other WAL"


def test_a_segment_that_is_not_there_is_not_found(settings: Settings) -> None:
    with pytest.raises(CommandFailed, match="0 files"):
        damage.find_segment(settings, "15-1", "000000010000000000000006")


def test_the_passphrase_alone_is_spoilt_and_mended(settings: Settings) -> None:
    etc, secrets = settings.home / "etc", settings.home / "secrets"
    etc.mkdir()
    secrets.mkdir()
    (secrets / "repository_key").write_text(r"the\1right one")
    files = [etc / "pgbackrest.conf", etc / "pgbackrest-postgresql.conf"]
    before = "[global]\nrepo1-path=/r\nrepo1-cipher-pass=the\\1right one\nprocess-max=2\n"
    for file in files:
        file.write_text(before)
    damage.spoil_passphrase(settings)
    spoilt = re.sub("the.1right one", damage.WRONG_PASSPHRASE, before)
    assert [file.read_text() for file in files] == [spoilt] * 2
    for _ in range(2):
        damage.mend_passphrase(settings, "")
    assert [file.read_text() for file in files] == [before] * 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_repository_that_was_closed_is_open_again(settings: Settings) -> None:
    folder = settings.home / "repository"
    damage.close_repository(settings)
    assert folder.stat().st_mode & 0o777 == 0
    damage.open_repository(settings, "")
    assert folder.stat().st_mode & 0o777 == 0o750


def test_no_table_but_the_drills_own_is_dropped(settings: Settings) -> None:
    assert damage.table_name(f"{PREFIX}101112-abc").startswith(damage.TABLE_PREFIX)
    for drop in (damage.drop_table, damage.remove_table):
        with pytest.raises(ValueError, match="no table of a drill"):
            drop(settings, "documents")
