"""Which operating system account each program runs as, and how a program gets there.

As root the servers run as their Debian accounts and the application as `howdah`; otherwise
everything runs as the invoking user.
"""

import grp
import os
import pwd
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.errors import CommandFailed

POSTGRESQL, REDIS, APPLICATION = "postgres", "redis", "howdah"


@dataclass(frozen=True)
class Account:
    """One account with its numbers."""

    name: str
    uid: int
    gid: int


def running_as_root() -> bool:
    """Whether this process may switch accounts."""
    return os.geteuid() == 0


def account(name: str) -> Account:
    """The account of that name; the invoking user's when not root.

    Raises CommandFailed when root and the account does not exist.
    """
    if not running_as_root():
        me = os.geteuid()
        return Account(pwd.getpwuid(me).pw_name if _known(me) else str(me), me, os.getegid())
    try:
        return Account(name, pwd.getpwnam(name).pw_uid, grp.getgrnam(name).gr_gid)
    except KeyError:
        raise CommandFailed(
            f"the system account {name!r} does not exist",
            hint="run `./howdah up` from the checkout: the script creates what is missing",
        ) from None


def _known(uid: int) -> bool:
    return any(entry.pw_uid == uid for entry in pwd.getpwall())


def own(path: Path, owner: str, mode: int) -> None:
    """Give a file or folder its mode and, when root, its owner."""
    if running_as_root():
        who = account(owner)
        os.chown(path, who.uid, who.gid)
    path.chmod(mode)


def as_account(
    owner: str, command: Sequence[str], *, death_signal: str = "", groups: Sequence[str] = ()
) -> list[str]:
    """The command as that account, ended by `death_signal` when its parent dies.

    `groups`: beside the account's own group it is in these, instead of those it is in otherwise.
    """
    prefix = ["setpriv"]
    if death_signal:
        prefix += ["--pdeathsig", death_signal]
    if running_as_root():
        prefix += ["--reuid", owner, "--regid", owner]
        prefix += ["--groups", ",".join(groups)] if groups else ["--init-groups"]
    if len(prefix) == 1:
        return list(command)
    return [*prefix, "--", *command]


def command_line(command: Sequence[str]) -> str:
    """The command as one line of text, quoted."""
    return shlex.join(command)
