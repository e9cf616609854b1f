from pathlib import Path

from howdah.foundation.secrets import GENERATED, ensure_secrets, read_secret, write_secret


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    assert ensure_secrets(tmp_path) == list(GENERATED)
    before = {name: read_secret(tmp_path, name) for name in GENERATED}
    assert ensure_secrets(tmp_path) == []
    assert before == {name: read_secret(tmp_path, name) for name in GENERATED}
    assert len(set(before.values())) == len(GENERATED)


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    assert {_mode(tmp_path / "secrets" / name) for name in GENERATED} == {0o600}


def test_a_group_may_read_a_secret_that_is_shared_with_it(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    write_secret(tmp_path, "redis", "x", group=(tmp_path / "secrets").stat().st_gid)
    assert _mode(tmp_path / "secrets" / "redis") == 0o640
    assert read_secret(tmp_path, "redis") == "x"
