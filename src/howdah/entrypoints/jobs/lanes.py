"""The queues: what the application asks for, and what operations ask for.

They are apart because their workers are: `ops` is taken by a process of PostgreSQL's account, which
owns the backups and the key they are encrypted with. The application's account owns neither.
"""

from collections.abc import Mapping

from howdah.foundation.queue.lanes import Lane

DEFAULT = Lane("default", "howdah.entrypoints.jobs.run.run", longest_run_seconds=4 * 3600)
# A backup may take long; when it takes a day, the next one is due.
OPS = Lane("ops", "howdah.entrypoints.jobs.ops_tasks.run", longest_run_seconds=24 * 3600)
LANES: Mapping[str, Lane] = {lane.queue: lane for lane in (DEFAULT, OPS)}
