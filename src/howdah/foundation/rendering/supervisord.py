"""supervisord.conf: the programs of a stack, none started until `up` asks for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import assignments


@dataclass(frozen=True)
class SupervisedProgram:
    """One program as supervisord sees it."""

    name: str
    command: str
    stop_signal: str = "TERM"
    stop_wait_seconds: int = 10


def supervisord_conf(programs: Iterable[SupervisedProgram], layout: Layout, open_files: int) -> str:
    """The programs in their order of start; they stop in the opposite order.

    `open_files` is the limit that programs inherit: PgBouncer needs one for each client.
    """
    sections = [
        _section("unix_http_server", {"file": layout.supervisor_socket, "chmod": "0700"}),
        _section("rpcinterface:supervisor", _RPC),
        _section("supervisord", _daemon(layout, open_files)),
    ]
    for place, program in enumerate(programs):
        sections.append(
            _section(f"program:{program.name}", _program(program, layout, (place + 1) * 10))
        )
    return assignments({}, comment=";") + "".join(sections)


_RPC = {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"}


def _daemon(layout: Layout, open_files: int) -> Mapping[str, object]:
    return {
        "logfile": layout.log_of("supervisord"),
        "logfile_maxbytes": "5MB",
        "logfile_backups": 1,
        "pidfile": layout.supervisor_pid,
        "directory": layout.home,
        "minfds": open_files,
        "umask": "022",
    }


def _program(program: SupervisedProgram, layout: Layout, priority: int) -> Mapping[str, object]:
    return {
        "command": program.command.replace("%", "%%"),
        "priority": priority,
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        "startretries": 1000000,
        "stopsignal": program.stop_signal,
        "stopwaitsecs": program.stop_wait_seconds,
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": layout.log_of(program.name),
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": 3,
    }


def _section(name: str, values: Mapping[str, object]) -> str:
    return (
        "\n".join(["", f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]) + "\n"
    )
