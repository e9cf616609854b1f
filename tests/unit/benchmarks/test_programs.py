"""What programs compute from what they measured."""

from benchmarks.programs.recovery import Recovery, extrapolated


def _at(gigabytes: float, seconds: float) -> Recovery:
    return Recovery(int(gigabytes * 1e9), seconds, seconds, {})


def test_the_line_through_two_sizes_leads_to_a_third() -> None:
    assert round(extrapolated([_at(1, 20), _at(3, 30)], 100e9)) == 515


def test_a_larger_database_is_never_said_to_recover_sooner() -> None:
    assert extrapolated([_at(1, 20), _at(3, 19)], 100e9) == 19
