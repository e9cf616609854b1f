"""A thread of ours inside another network: what it connects to is what that network reaches."""

import ctypes
import os

from howdah.foundation.errors import CommandFailed

CLONE_NEWNET = 0x40000000
"""Linux's number of the network namespace."""


def enter_network(name: str) -> None:
    """Move the calling thread, and no other, into the named network namespace, for good.

    For a thread that ends afterwards. Root only. Raises CommandFailed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        handle = os.open(f"/run/netns/{name}", os.O_RDONLY)
    except OSError as problem:
        raise CommandFailed(
            f"the network {name!r} cannot be entered ({problem.strerror})"
        ) from problem
    try:
        if libc.setns(handle, CLONE_NEWNET) != 0:
            why = os.strerror(ctypes.get_errno())
            raise CommandFailed(f"the network {name!r} cannot be entered ({why})")
    finally:
        os.close(handle)
