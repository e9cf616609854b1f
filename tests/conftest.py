"""What every test that needs the running stack starts from.

`./howdah test` brings up a stack of its own and says in the environment where it is.
"""

from collections.abc import Iterator

import pytest

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings, load_settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all-drills`, which `./howdah test --all` passes."""
    parser.addoption("--all-drills", action="store_true", help="Run every drill.")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The test stack's settings; a stack that does not answer fails the test, never skips it."""
    settings = load_settings()
    try:
        connect_directly(settings, SUPERUSER, "postgres").close()
    except Unavailable as failure:
        pytest.fail(
            f"This test needs the running stack: start it with ./howdah test. {failure}",
            pytrace=False,
        )
    return settings


@pytest.fixture
def admin_connection(settings: Settings) -> Iterator[Connection]:
    """The superuser in the database `postgres`, autocommit."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        yield connection
