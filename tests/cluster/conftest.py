"""Fixtures for tests on a running cluster, which `./howdah test` brings up once for all of them.

cluster      the settings of the whole running cluster (profile full)
run_drill    run a drill on it; its evidence       run_drill("partition", fence=True)

A test must leave the cluster whole. After each one that is checked, and what is broken is put right
so that the next test starts well; the test that broke it fails.
"""

from collections.abc import Callable, Iterator

import pytest

from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import Settings, load_settings
from howdah.operations.drills import DRILLS, Evidence, Wishes, heal_leftovers
from howdah.operations.drills import run_drill as run_drill_on
from howdah.operations.drills.catalog import CLUSTER
from howdah.operations.drills.wholeness import problems_now, wait_until_whole

WHOLE_WITHIN_SECONDS = 90.0
FAST = ("timeline-switch", "partition")
"""Drills of every run; the others take part with --all-drills (`./howdah test --all`). The first is
`primary-crash --fence`, and restores from both sides of the failover."""
ALSO = ("instance-loss",)
"""Of those that need no cluster, which tests/backups runs; what this does to one is its own."""
FENCED = ("primary-crash",)
RunDrill = Callable[..., Evidence]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`drill` stands for each drill that this run asks for."""
    if "drill" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--all-drills")
        metafunc.parametrize(
            "drill", [name for name in _of_the_cluster() if everything or name in FAST]
        )


def _of_the_cluster() -> list[str]:
    return [drill.name for drill in DRILLS if CLUSTER in drill.needs or drill.name in ALSO]


@pytest.fixture(scope="session")
def cluster() -> Settings:
    """The settings of the running cluster; one that is not whole fails the test."""
    settings = load_settings()
    if not settings.topology.clustered:
        pytest.fail(
            "This test needs a running cluster: start it with ./howdah test --only cluster.",
            pytrace=False,
        )
    try:
        wait_until_whole(settings, WHOLE_WITHIN_SECONDS)
    except HowdahError as failure:
        pytest.fail(f"This test needs a whole cluster. {failure}", pytrace=False)
    return settings


@pytest.fixture(autouse=True)
def whole(request: pytest.FixtureRequest, cluster: Settings) -> Iterator[None]:
    """The cluster is whole before and after each test; who breaks it is named."""
    yield
    failures = heal_leftovers(cluster)
    if not failures and not problems_now(cluster):
        return
    try:
        wait_until_whole(cluster, WHOLE_WITHIN_SECONDS)
    except HowdahError as failure:
        failures.append(str(failure))
    if failures:
        pytest.fail(f"{request.node.name} left the cluster broken: {failures}", pytrace=False)


@pytest.fixture
def run_drill(cluster: Settings) -> RunDrill:
    """Runs a drill; what it reports stands in the output of a test that fails."""

    def run(name: str, *, fence: bool = False) -> Evidence:
        return run_drill_on(cluster, name, print, Wishes(fence=fence))

    return run
