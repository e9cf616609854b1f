import pytest

from howdah.entrypoints.cli.terminal import duration, print_table


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d")],
)
def test_a_duration_has_the_unit_that_fits(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_a_table_is_as_wide_as_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("A", "B"), [("long", 1), ("x", 22)])
    assert capsys.readouterr().out == "A     B\nlong  1\nx     22\n"
