"""Who runs migrations: the person and the tool, as the ledger names them."""

import os
import pwd
import socket
from dataclasses import dataclass

from howdah import __version__


@dataclass(frozen=True)
class Operator:
    """`name` is account and host; also what a runner that waits is told."""

    name: str
    tool_version: str


def this_operator() -> Operator:
    """Who runs this program; behind sudo, who signed in."""
    return Operator(f"{_account()}@{socket.gethostname()}", f"howdah {__version__}")


def _account() -> str:
    try:
        return os.getlogin()
    except OSError:  # no terminal: a service, a container
        return _effective_account()


def _effective_account() -> str:
    user_id = os.geteuid()
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:  # a container that was given a number only
        return str(user_id)
