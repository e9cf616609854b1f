"""What a restore draws on a terminal."""

from howdah.entrypoints.cli.restore import progress_text


def test_progress_has_bytes_and_an_estimate() -> None:
    line = progress_text("restore", 250_000_000, 1_000_000_000, 10.0)
    assert "250 of 1,000 MB" in line
    assert "30 s left" in line


def test_without_anything_done_nothing_is_estimated() -> None:
    assert "left" not in progress_text("restore", 0, 1_000_000_000, 10.0)
    assert "left" not in progress_text("replay", 0, 0, 0.0)


def test_more_than_was_expected_is_not_more_than_all() -> None:
    line = progress_text("restore", 1_100_000_000, 1_000_000_000, 10.0)
    assert "·" not in line
    assert "left" not in line
