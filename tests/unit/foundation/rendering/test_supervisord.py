import configparser

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.supervisord import SupervisedProgram, supervisord_conf

PROGRAMS = (
    SupervisedProgram("database", "database --config=/etc/x", "INT", 60),
    SupervisedProgram("api", "api --rate 100%"),
)


def _parsed(layout: Layout) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(supervisord_conf(PROGRAMS, layout, open_files=20000))
    return parser


def test_supervisord_conf_is_the_golden_file(same_as, layout: Layout) -> None:
    same_as(supervisord_conf(PROGRAMS, layout, open_files=20000), "supervisord.conf")


def test_supervisord_listens_on_no_tcp_port(layout: Layout) -> None:
    assert not _parsed(layout).has_section("inet_http_server")


def test_only_its_own_user_can_command_supervisord(layout: Layout) -> None:
    assert _parsed(layout)["unix_http_server"]["chmod"] == "0700"


def test_programs_stop_in_the_opposite_order_of_their_start(layout: Layout) -> None:
    parser = _parsed(layout)
    first, second = (parser[f"program:{item.name}"].getint("priority") for item in PROGRAMS)
    assert first < second


def test_a_percent_sign_in_a_command_survives(layout: Layout) -> None:
    assert _parsed(layout)["program:api"]["command"] == "api --rate 100%%"
