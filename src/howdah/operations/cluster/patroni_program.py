"""Patroni as the stack runs it: `python -m howdah.operations.cluster.patroni_program FILE`.

Patroni asks once a second whether a server that it stops has ended, and in a switchover clients
wait for that second. Here it asks ten times a second; everything else is as it comes. A test says
when the constant is gone from a later version.
"""

import patroni.postgresql  # type: ignore[import-untyped]  # it has no types
from patroni.__main__ import main  # type: ignore[import-untyped]

STOP_POLLING_SECONDS = 0.1

# At the top: the processes that Patroni spawns import this module, too, and nothing else of ours.
patroni.postgresql.STOP_POLLING_INTERVAL = STOP_POLLING_SECONDS

if __name__ == "__main__":
    main()
