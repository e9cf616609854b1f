"""Golden files: the text of a renderer, kept beside its test.

`UPDATE_GOLDEN=1 ./howdah test --only unit` rewrites them; the diff is then reviewed as code.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.topology import Topology

GOLDEN = Path(__file__).with_name("golden")
REPOSITORY = Path(__file__).parents[4]

SameAs = Callable[[str, str | Path], None]


@pytest.fixture
def same_as() -> SameAs:
    """Compare a text with a golden file, or with a file of the repository given as a path."""

    def compare(text: str, name: str | Path) -> None:
        path = REPOSITORY / name if isinstance(name, Path) else GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path} is out of date"

    return compare


@pytest.fixture
def topology() -> Topology:
    """The defaults, on a machine without surprises."""
    return Topology()


@pytest.fixture
def cluster() -> Topology:
    """The same with the profile `full`."""
    return Topology(profile="full")


@pytest.fixture
def layout() -> Layout:
    """A home as users have it."""
    return Layout(Path("/srv/howdah/var"))
