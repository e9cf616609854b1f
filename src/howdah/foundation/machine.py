"""What the machine has: memory and cores that this process may use."""

import os
from pathlib import Path

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_mb(cgroup_limit: Path = CGROUP_LIMIT) -> int:
    """Usable memory (MB): the machine's, or the control group's limit when that is lower."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int(cgroup_limit.read_text())
    except (OSError, ValueError):  # no control group, or "max"
        limit = physical
    return min(physical, limit) // (1024 * 1024)


def cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0))
