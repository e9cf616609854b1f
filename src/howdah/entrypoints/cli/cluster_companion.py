"""Lets clients go on when its parent dies: `python -m … SECONDS`.

Started by operations that hold clients back; nobody types it.
"""

import sys

from howdah.foundation.processes.companion import READY, abandoned
from howdah.foundation.settings import load_settings
from howdah.operations.cluster.clients import resume_clients
from howdah.operations.cluster.patroni import clustered


def main(patience_seconds: float) -> None:
    """Say that we are ready, wait for the parent's word, and act when there is none."""
    settings = clustered(load_settings())
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    if abandoned(sys.stdin.buffer, patience_seconds):
        resume_clients(settings)


if __name__ == "__main__":
    main(float(sys.argv[1]))
