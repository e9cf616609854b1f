from howdah.foundation.layout import Layout
from howdah.foundation.rendering.pgbouncer import pgbouncer_ini, userlist_txt
from howdah.foundation.topology import Topology


def test_pgbouncer_ini_is_the_golden_file(same_as, topology: Topology, layout: Layout) -> None:
    same_as(pgbouncer_ini(topology, layout), "pgbouncer.ini")


def test_that_of_the_cluster_is_the_golden_file(same_as, cluster: Topology, layout: Layout) -> None:
    same_as(pgbouncer_ini(cluster, layout), "pgbouncer-full.ini")


def test_in_the_cluster_each_purpose_has_a_database_and_a_route(
    cluster: Topology, layout: Layout
) -> None:
    lines = pgbouncer_ini(cluster, layout).splitlines()
    routes = [line.split() for line in lines if line.startswith("app_db")]
    assert [(words[0], words[3]) for words in routes] == [
        ("app_db", "port=8433"),
        ("app_db_analytics", "port=8434"),
        ("app_db_dashboards", "port=8435"),
        ("app_db_any", "port=8436"),
    ]


def test_the_architectures_numbers_are_in_it(topology: Topology, layout: Layout) -> None:
    lines = pgbouncer_ini(topology, layout).splitlines()
    assert "app_db = host=127.0.0.1 port=8433 dbname=production" in lines
    assert "pool_mode = transaction" in lines
    assert "max_client_conn = 1000" in lines
    assert "default_pool_size = 25" in lines
    assert "reserve_pool_size = 5" in lines
    assert "max_db_connections = 30" in lines


def test_the_user_list_holds_a_role_a_line() -> None:
    assert userlist_txt({"app_write": "SCRAM-SHA-256$x"}) == '"app_write" "SCRAM-SHA-256$x"\n'
