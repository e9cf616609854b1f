from dataclasses import replace

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.haproxy import haproxy_cfg
from howdah.foundation.topology import Cluster, Topology


def _listeners(text: str) -> dict[str, list[str]]:
    """Listener → its servers, each with the words after its address."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith(("listen", "frontend")):
            name = line.split()[1]
            found[name] = []
        elif line.strip().startswith("server "):
            found[name].append(line.strip())
    return found


def _servers(text: str, listener: str) -> list[tuple[str, bool]]:
    """Its servers in order: name, and whether they serve only when those before do not."""
    return [(line.split()[1], line.endswith("backup")) for line in _listeners(text)[listener]]


def test_haproxy_cfg_is_the_golden_file(same_as, cluster: Topology, layout: Layout) -> None:
    same_as(haproxy_cfg(cluster, layout), "haproxy.cfg")


def test_writes_lead_to_members_that_may_be_primary_and_to_no_replica(
    cluster: Topology, layout: Layout
) -> None:
    servers = _servers(haproxy_cfg(cluster, layout), "primary")
    assert servers == [("postgres-a", False), ("postgres-b", False)]


def test_a_purpose_leads_to_its_replica_then_to_the_other_then_to_the_primary(
    cluster: Topology, layout: Layout
) -> None:
    text = haproxy_cfg(cluster, layout)
    assert _servers(text, "dashboards") == [
        ("replica-dashboards", False),
        ("replica-analytics", True),
        ("postgres-a", True),
        ("postgres-b", True),
    ]
    assert [name for name, backup in _servers(text, "any") if not backup] == [
        "replica-analytics",
        "replica-dashboards",
    ]


def test_a_purpose_that_may_not_ask_the_primary_never_does(
    cluster: Topology, layout: Layout
) -> None:
    strict = replace(cluster, cluster=Cluster(analytics_falls_back=False))
    text = haproxy_cfg(strict, layout)
    assert [name for name, _ in _servers(text, "analytics")] == [
        "replica-analytics",
        "replica-dashboards",
    ]
    assert ("postgres-a", True) in _servers(text, "dashboards")


def test_each_purpose_has_its_limit_of_lag(cluster: Topology, layout: Layout) -> None:
    text = haproxy_cfg(cluster, layout)
    assert f"OPTIONS /replica?lag={256 * 1024 * 1024}" in text
    assert f"OPTIONS /replica?lag={16 * 1024 * 1024}" in text
