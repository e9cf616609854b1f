"""Carrying a request out again after its database connection was lost, when that is safe.

lost                        what is done
before COMMIT was sent      nothing happened: the transaction is run again
during COMMIT               nobody can say whether it happened; it is run again when that cannot do
                            it twice, and else the caller is told (503, `outcome_unknown`):
    Idempotency-Key             its record, written in the same transaction, tells
    DELETE                      what is gone now is what was asked for
    If-Match with a revision    a second change meets another revision, and then nobody can tell
                                whether that was the first one
a read                      run again (dispatch.handled)
"""

from collections.abc import Callable

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer
from howdah.entrypoints.web.patience import NOTHING_HAPPENED
from howdah.foundation.database import OutcomeUnknown, Rolledback
from howdah.foundation.errors import HowdahError, NotFound
from howdah.foundation.metrics import REPEATED_REQUESTS

Step = Callable[[], Answer]
IN_DOUBT = (*NOTHING_HAPPENED, OutcomeUnknown, Rolledback)
HINT = "Look whether it happened. With an Idempotency-Key, sending it again is always safe."


def write_surely(call: Call, step: Step, *, recorded: bool) -> Answer:
    """The answer of a step that is one transaction; `recorded`: with an Idempotency-Key."""
    try:
        return step()
    except NOTHING_HAPPENED as failure:
        lost: HowdahError = failure
    except OutcomeUnknown as failure:
        lost = failure
    writing = _Writing(call, step, in_doubt=isinstance(lost, OutcomeUnknown))
    repeatable = recorded or _safe_twice(call)
    if writing.in_doubt and not repeatable:
        raise _unknown(lost)
    again_after = IN_DOUBT if repeatable else NOTHING_HAPPENED
    try:
        return call.services.patience.outlast(lost, writing.again, call.started, again_after)
    except HowdahError as failure:
        if writing.in_doubt:
            raise _unknown(failure) from failure
        raise


class _Writing:
    """A write on its further tries; `in_doubt` once a COMMIT of it was lost."""

    def __init__(self, call: Call, step: Step, *, in_doubt: bool):
        self.in_doubt = in_doubt
        self._call = call
        self._step = step

    def again(self) -> Answer:
        try:
            return self._step()
        except OutcomeUnknown:
            self.in_doubt = True
            raise
        except NotFound:
            if self.in_doubt and self._call.endpoint.method == "DELETE":
                return Answer(None, 204)
            raise


def _safe_twice(call: Call) -> bool:
    if call.endpoint.method == "DELETE":
        return True
    return str(call.headers.get("If-Match", "*")).strip() != "*"


def _unknown(failure: HowdahError) -> HowdahError:
    REPEATED_REQUESTS.labels("unknown").inc()
    unknown = OutcomeUnknown(hint=HINT)
    unknown.__cause__ = failure
    return unknown
