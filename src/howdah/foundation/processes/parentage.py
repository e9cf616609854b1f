"""Processes that must not outlive the one that started them."""

import contextlib
import ctypes
import signal

import psutil

PR_SET_PDEATHSIG = 1
"""Linux's prctl option: a signal for this process when its parent dies."""


def end_with_parent(death_signal: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal once its parent is gone.

    For the workers of a server that its supervisor starts again: left behind, they would share
    its port and go on answering. SIGTERM is not enough: with its server a worker has lost the
    reader of its log, and may hang on its way out. Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def end_children() -> int:
    """Ask every process that this one started, and that still runs, to end; returns how many."""
    ended = 0
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            child.terminate()
            ended += 1
    return ended
