"""What every test that needs the running stack starts from.

`./howdah test` brings up a stack of its own and says in the environment where it is.
"""

from collections.abc import Iterator

import pytest

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings, load_settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly

SLOW = (
    # Half a minute and more each, for what happens once in ten years.
    "test_a_new_authority_takes_over_under_load",
    "test_a_change_of_authority_that_was_cut_short_is_continued_under_load",
    "test_an_authority_that_has_expired_is_replaced",
    "test_up_recovers_a_cluster_whose_supervisor_was_killed_and_whose_etcd_forgot",
    # pgBackRest asks a quarter of a minute for a damaged file; that damage is found and named is
    # seen in every run by the tests of `backup verify`.
    "test_a_damaged_file_fails_the_test_by_its_name",
    "test_damaged_wal_fails_the_test_by_its_name",
)
"""Tests that take part with --all-drills only."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all-drills`, which `./howdah test --all` passes."""
    parser.addoption("--all-drills", action="store_true", help="Every drill, and the slow tests.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow ones to `./howdah test --all`."""
    if config.getoption("--all-drills"):
        return
    left = [item for item in items if getattr(item, "originalname", item.name) in SLOW]
    if left:
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=left)


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
