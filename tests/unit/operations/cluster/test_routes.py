from howdah.operations.cluster.routes import parse_statistics, taken_out

STATISTICS = """\
# pxname,svname,scur,status,bck,check_status,last_chk,tracked,
primary,postgres-a,7,UP,0,L7OK,,,
primary,postgres-b,0,DOWN,0,L7STS,HTTP status 503,,
analytics,replica-analytics,3,UP 1/2,0,L7OK,,,
analytics,replica-dashboards,0,UP,1,,,any/replica-dashboards,
dashboards,replica-dashboards,0,DRAIN,0,,,any/replica-dashboards,
dashboards,replica-analytics,2,UP,1,,,any/replica-analytics,
other,something,1,UP,0,L7OK,,,
"""
ROUTES = parse_statistics(STATISTICS, ("primary", "analytics", "dashboards", "any"))
PRIMARY, ANALYTICS, DASHBOARDS, ANY = ROUTES


def test_routes_come_in_the_order_of_the_purposes() -> None:
    assert [route.purpose for route in ROUTES] == ["primary", "analytics", "dashboards", "any"]


def test_a_server_that_failed_one_check_still_serves() -> None:
    assert ANALYTICS.serving == ("replica-analytics",)
    assert not ANALYTICS.on_fallback


def test_a_backup_serves_when_its_own_is_out() -> None:
    assert DASHBOARDS.serving == ("replica-analytics",)
    assert DASHBOARDS.on_fallback


def test_a_route_without_servers_is_served_by_nobody() -> None:
    assert (ANY.serving, ANY.on_fallback) == ((), False)


def test_sessions_and_checks_are_read() -> None:
    leading, standing_by = PRIMARY.servers
    assert (leading.sessions, standing_by.check) == (7, "L7STS HTTP status 503")


def test_who_has_no_checks_of_its_own_follows_another() -> None:
    assert [server.follows_another for server in ANALYTICS.servers] == [False, True]


def test_who_was_taken_out_by_hand_is_found() -> None:
    assert taken_out(ROUTES) == ("replica-dashboards",)
