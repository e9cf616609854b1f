"""Background work: the outbox, its relay to Redis, and what every background process shares.

`enqueue` writes a message in the caller's transaction; `relay.relay_once` hands messages to RQ
after their commit, at least once. Nothing here knows what a task does: tasks are names. May
import howdah.foundation; the modules that need RQ or Redis are imported by name, so that who only
enqueues loads neither.
"""

from howdah.foundation.queue.outbox import enqueue

__all__ = ["enqueue"]
