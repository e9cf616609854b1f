"""The list of tests that only `./howdah test --all` runs names tests that there are."""

import re
from pathlib import Path

import pytest

from tests.conftest import SLOW

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", SLOW)
def test_a_test_that_is_left_out_exists(name: str) -> None:
    definition = re.compile(rf"^def {name}\(", re.MULTILINE)
    found = [path for path in TESTS.rglob("test_*.py") if definition.search(path.read_text())]
    assert len(found) == 1
