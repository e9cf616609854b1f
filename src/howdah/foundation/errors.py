"""Every error that Howdah raises on purpose.

HowdahError
 ├─ InvalidInput        the caller sent something that cannot be accepted
 ├─ Unauthenticated     nobody is signed in
 ├─ Forbidden           somebody is, and may not do this
 ├─ NotFound            it does not exist, or not for this caller
 ├─ Conflict            it exists already, or changed since it was read
 │   └─ PreconditionFailed
 ├─ TooManyRequests     a limit was reached; details["retry_after_seconds"] says when to come back
 ├─ Unavailable         a component is away; trying again helps
 │   └─ StatementTimeout
 ├─ CommandFailed       an operator's command could not do its work
 ├─ ConfigInvalid       settings that contradict themselves or the machine
 └─ ProofFailed         a promise was broken, or could not be verified

The docstring of an error is its default message. Each edge owns one table over the families:
HTTP status (entrypoints/web/problems.py) and exit code (entrypoints/cli/failures.py).
"""

import inspect
from typing import Any


class HowdahError(Exception):
    """Something went wrong."""

    code: str = "error"
    retryable: bool = False

    def __init__(self, message: str | None = None, *, hint: str | None = None, **details: Any):
        self.message = message or inspect.cleandoc(type(self).__doc__ or "")
        self.hint = hint
        self.details = details
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class InvalidInput(HowdahError):
    """The input is not valid."""

    code = "invalid_input"


class Unauthenticated(HowdahError):
    """Sign in first: the request carries no valid credentials."""

    code = "unauthenticated"


class Forbidden(HowdahError):
    """You are not allowed to do this."""

    code = "forbidden"


class NotFound(HowdahError):
    """There is no such thing here, or you may not see it."""

    code = "not_found"


class Conflict(HowdahError):
    """It conflicts with what exists already."""

    code = "conflict"


class PreconditionFailed(Conflict):
    """It changed since you read it."""

    code = "precondition_failed"


class TooManyRequests(HowdahError):
    """Too many requests; wait a little."""

    code = "too_many_requests"
    retryable = True


class Unavailable(HowdahError):
    """A component that this needs cannot be reached right now; try again shortly."""

    code = "unavailable"
    retryable = True


class StatementTimeout(Unavailable):
    """The database took longer over this than it is allowed to."""

    code = "statement_timeout"


class CommandFailed(HowdahError):
    """The command failed."""

    code = "command_failed"


class ConfigInvalid(HowdahError):
    """The configuration is not valid."""

    code = "config_invalid"


class ProofFailed(HowdahError):
    """A promise could not be proven."""

    code = "proof_failed"
