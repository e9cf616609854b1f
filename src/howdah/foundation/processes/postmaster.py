"""Which PostgreSQL server runs on a data directory, whatever its PID file says."""

from pathlib import Path

import psutil


def postmaster_of(data: Path) -> psutil.Process | None:
    """The server of that data directory; None when none runs."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except (OSError, ValueError, psutil.Error):
        return None
    return process if ours and alive(process) else None


def alive(process: psutil.Process) -> bool:
    """Whether it does anything; a zombie that nobody has reaped yet does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
